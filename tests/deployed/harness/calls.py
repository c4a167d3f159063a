"""Calls of AWS that a role may or may not make, each named `service:Action what-on`.

They are real calls on the deployed resources. IAM checks them before the service does, so an error such as "not found"
shows that the role has the permission.
"""

from botocore.exceptions import ClientError

from .emulator import ACCOUNT, REGION


KEY = {"PK": {"S": "ROLES#1"}, "SK": {"S": "ROLES"}}
REFUSALS = {"AccessDenied", "AccessDeniedException"}


class Calls:
    """All calls, for the role of `function`."""

    def __init__(self, world, function, session):
        self._stack = world.stack
        self._function = function
        self._client = lambda service: world.emulator.client(service, session)
        self._other_table = other_table(world.emulator)

    def allowed(self):
        """The names of the calls that IAM allows, and the names of all calls."""
        calls = self._table() | self._secrets() | self._bus() | self._queues() | self._files() | self._rest()
        return {name for name, call in calls.items() if not is_refused(call)}, set(calls)

    def _table(self):
        dynamodb, table = self._client("dynamodb"), self._stack.id_of("Table")

        def query(index=None):
            name = index or "PK"
            more = {"IndexName": index} if index else {}
            return lambda: dynamodb.query(
                TableName=table,
                KeyConditionExpression="#k = :k",
                ExpressionAttributeNames={"#k": f"{name}PK" if index else name},
                ExpressionAttributeValues={":k": {"S": "ROLES#1"}},
                **more,
            )

        check = {"Key": KEY, "TableName": table, "ConditionExpression": "attribute_not_exists(PK)"}
        return {
            "dynamodb:GetItem table": lambda: dynamodb.get_item(TableName=table, Key=KEY),
            "dynamodb:BatchGetItem table": lambda: dynamodb.batch_get_item(RequestItems={table: {"Keys": [KEY]}}),
            "dynamodb:Query table": query(),
            "dynamodb:Query GSI1": query("GSI1"),
            "dynamodb:Query GSI2": query("GSI2"),
            "dynamodb:Query GSI3": query("GSI3"),
            "dynamodb:Scan table": lambda: dynamodb.scan(TableName=table, Limit=1),
            "dynamodb:PutItem table": lambda: dynamodb.put_item(TableName=table, Item=KEY),
            "dynamodb:UpdateItem table": lambda: dynamodb.update_item(TableName=table, Key=KEY),
            "dynamodb:DeleteItem table": lambda: dynamodb.delete_item(TableName=table, Key=KEY),
            "dynamodb:BatchWriteItem table": lambda: dynamodb.batch_write_item(
                RequestItems={table: [{"DeleteRequest": {"Key": KEY}}]}
            ),
            "dynamodb:ConditionCheckItem table": lambda: dynamodb.transact_write_items(
                TransactItems=[{"ConditionCheck": check}]
            ),
            "dynamodb:UpdateTable table": lambda: dynamodb.update_table(
                TableName=table, DeletionProtectionEnabled=False
            ),
            "dynamodb:GetItem other-table": lambda: dynamodb.get_item(TableName=self._other_table, Key=KEY),
        }

    def _secrets(self):
        secrets = self._client("secretsmanager")
        own = f"polydesk/{self._stack.name}/account/roles-{self._function}"
        return {
            "secretsmanager:CreateSecret own": lambda: secrets.create_secret(Name=own, SecretString="{}"),
            "secretsmanager:PutSecretValue own": lambda: secrets.put_secret_value(SecretId=own, SecretString="{}"),
            "secretsmanager:GetSecretValue own": lambda: secrets.get_secret_value(SecretId=own),
            # As the function calls it. AWS refuses `ForceDeleteWithoutRecovery`, which MiniStack's IAM does not check.
            "secretsmanager:DeleteSecret own": lambda: secrets.delete_secret(SecretId=own, RecoveryWindowInDays=7),
            "secretsmanager:CreateSecret other": lambda: secrets.create_secret(
                Name=f"unrelated/{self._function}", SecretString="{}"
            ),
            "secretsmanager:GetSecretValue other": lambda: secrets.get_secret_value(SecretId="unrelated/keys"),
            "secretsmanager:ListSecrets": lambda: secrets.list_secrets(),
        }

    def _bus(self):
        events = self._client("events")

        def put(bus):
            entry = {"Source": "roles", "DetailType": "Roles", "Detail": "{}", "EventBusName": bus}
            return lambda: events.put_events(Entries=[entry])

        return {
            "events:PutEvents bus": put(self._stack.outputs["EventBusName"]),
            "events:PutEvents other-bus": put("default"),
            "events:PutRule bus": lambda: events.put_rule(
                Name="roles", EventBusName=self._stack.outputs["EventBusName"], EventPattern='{"source":["x"]}'
            ),
        }

    def _queues(self):
        sqs = self._client("sqs")
        calls = {}
        queues = {
            "events": "EventDeadLetterQueue",
            "statistics": "StatisticsDeadLetterQueue",
            "stream": "StreamDeadLetterQueue",
            "sync": "SyncDeadLetterQueue",
        }
        for name, queue in queues.items():
            url = self._stack.id_of(queue)
            calls |= {
                f"sqs:SendMessage {name}-queue": lambda url=url: sqs.send_message(QueueUrl=url, MessageBody="roles"),
                f"sqs:ReceiveMessage {name}-queue": lambda url=url: sqs.receive_message(QueueUrl=url),
                f"sqs:DeleteMessage {name}-queue": lambda url=url: sqs.delete_message(
                    QueueUrl=url, ReceiptHandle="roles"
                ),
                f"sqs:GetQueueAttributes {name}-queue": lambda url=url: sqs.get_queue_attributes(
                    QueueUrl=url, AttributeNames=["All"]
                ),
                f"sqs:PurgeQueue {name}-queue": lambda url=url: sqs.purge_queue(QueueUrl=url),
            }
        return calls

    def _files(self):
        s3, bucket = self._client("s3"), self._stack.id_of("Files")
        own = {"Bucket": bucket, "Key": "attachments/roles/1/roles"}
        transcript = {"Bucket": bucket, "Key": "transcripts/roles.txt"}
        uploads = {"Bucket": bucket, "Key": "uploads/roles/roles"}
        return {
            "s3:PutObject own": lambda: s3.put_object(Body=b"roles", **own),
            "s3:AbortMultipartUpload own": lambda: s3.abort_multipart_upload(UploadId="roles", **own),
            "s3:GetObject own": lambda: s3.get_object(**own),
            "s3:GetObject transcript": lambda: s3.get_object(**transcript),
            "s3:PutObject transcript": lambda: s3.put_object(Body=b"roles", **transcript),
            "s3:PutObject uploads": lambda: s3.put_object(Body=b"roles", **uploads),
            "s3:GetObject uploads": lambda: s3.get_object(**uploads),
            "s3:DeleteObject uploads": lambda: s3.delete_object(**uploads),
            "s3:DeleteObject own": lambda: s3.delete_object(**own),
            "s3:DeleteObject transcript": lambda: s3.delete_object(**transcript),
            "s3:DeleteObject elsewhere": lambda: s3.delete_object(Bucket=bucket, Key="roles"),
            "s3:DeleteObjectVersion own": lambda: s3.delete_object(VersionId="null", **own),
            "s3:ListBucketVersions own": lambda: s3.list_object_versions(Bucket=bucket),
            "s3:PutObject elsewhere": lambda: s3.put_object(Bucket=bucket, Key="roles", Body=b"roles"),
            "s3:ListBucket own": lambda: s3.list_objects_v2(Bucket=bucket),
        }

    def _rest(self):
        logs = self._client("logs")
        own = self._stack.log_groups[self._function]
        other = next(group for group in self._stack.log_groups.values() if group != own)

        def write(group):
            line = {"timestamp": 1, "message": "roles"}
            return lambda: logs.put_log_events(logGroupName=group, logStreamName="roles", logEvents=[line])

        return {
            "logs:PutLogEvents other": write(other),
            "logs:CreateLogGroup": lambda: logs.create_log_group(logGroupName=f"roles-{self._function}"),
            "logs:GetLogEvents own": lambda: logs.get_log_events(logGroupName=own, logStreamName="roles"),
            "lambda:InvokeFunction": lambda: self._client("lambda").invoke(
                FunctionName=self._stack.functions["query-catalog"], InvocationType="DryRun"
            ),
            "s3:GetObject": lambda: self._client("s3").get_object(Bucket="artifacts", Key="template.yaml"),
            "iam:ListRoles": lambda: self._client("iam").list_roles(),
        }


class Simulated:
    """Calls that MiniStack checks with another ARN than AWS: evaluated by IAM's policy simulator with the ARN of AWS.

    MiniStack uses `…:log-group:<name>` where AWS uses a log stream's `…:log-group:<name>:log-stream:<stream>`, and `*`
    for a table's stream.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
    """

    def __init__(self, world, function):
        self._iam = world.emulator.client("iam")
        self._role = self._iam.get_role(RoleName=world.stack.role_of(function))["Role"]["Arn"]
        table = world.emulator.client("dynamodb").describe_table(TableName=world.stack.id_of("Table"))["Table"]
        groups = world.stack.log_groups
        other = next(group for group in groups.values() if group != groups[function])
        logs = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group"
        self._resources = {
            ("logs", "own"): f"{logs}:{groups[function]}:log-stream:1",
            ("logs", "other"): f"{logs}:{other}:log-stream:1",
            ("dynamodb", "stream"): table["LatestStreamArn"],
            ("dynamodb", "other-stream"): table["LatestStreamArn"].replace("/stream/", "-2/stream/"),
        }

    def allowed(self):
        actions = {
            "logs": ["CreateLogStream", "PutLogEvents", "GetLogEvents", "DeleteLogStream"],
            "dynamodb": ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"],
        }
        calls = [
            (f"{service}:{action}", on, arn)
            for (service, on), arn in self._resources.items()
            for action in actions[service]
        ]
        return {f"{action} {on}" for action, on, arn in calls if self._may(action, arn)}

    def _may(self, action, arn):
        [result] = self._iam.simulate_principal_policy(
            PolicySourceArn=self._role, ActionNames=[action], ResourceArns=[arn]
        )["EvaluationResults"]
        return result["EvalDecision"] == "allowed"


def is_refused(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] in REFUSALS
    return False


def other_table(emulator):
    """A table that no function may use."""
    dynamodb = emulator.client("dynamodb")
    if "unrelated" not in dynamodb.list_tables()["TableNames"]:
        dynamodb.create_table(
            TableName="unrelated",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEY],
            KeySchema=[
                {"AttributeName": name, "KeyType": kind} for name, kind in zip(KEY, ["HASH", "RANGE"])
            ],
        )
        emulator.client("secretsmanager").create_secret(Name="unrelated/keys", SecretString="{}")
    return "unrelated"

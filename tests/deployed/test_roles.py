"""Least privilege: calls of every service, made in each function's deployed role. Only these may be allowed."""

import pytest
from botocore.exceptions import ClientError

from harness.callers import allow, assumed, user
from harness.calls import REFUSALS, Calls, Simulated
from harness.emulator import ACCOUNT, REGION
from harness.stack import ALIAS

READ_KEYS = {"secretsmanager:GetSecretValue own"}


def table(*actions):
    return {f"dynamodb:{action} table" for action in actions}


def indexes(*numbers):
    return {f"dynamodb:Query GSI{number}" for number in numbers}


ALLOWED = {
    "close-ticket": table(
        "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"
    )
    | READ_KEYS,
    "copy-attachments": table("BatchWriteItem", "ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem")
    | indexes(2, 3)
    | READ_KEYS
    | {
        "s3:AbortMultipartUpload own",
        "s3:DeleteObject own",
        "s3:DeleteObject transcript",
        "s3:DeleteObjectVersion own",
        "s3:ListBucketVersions own",
        "s3:PutObject own",
        "sqs:SendMessage sync-queue",
    },
    "create-ticket": table(
        "BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"
    )
    | indexes(1)
    | READ_KEYS
    | {"s3:GetObject uploads", "s3:PutObject uploads"},
    "manage-accounts": table("DeleteItem", "GetItem", "PutItem", "UpdateItem")
    | indexes(1, 3)
    | READ_KEYS
    | {f"secretsmanager:{action} own" for action in ("CreateSecret", "DeleteSecret", "PutSecretValue")}
    | {"events:PutEvents bus", "sqs:SendMessage events-queue"},
    "publish-events": {
        "events:PutEvents bus",
        "sqs:DeleteMessage stream-queue",
        "sqs:GetQueueAttributes stream-queue",
        "sqs:ReceiveMessage stream-queue",
        "sqs:SendMessage stream-queue",
    },
    "query-catalog": table("GetItem", "Query") | indexes(1),
    "query-tickets": table("BatchWriteItem", "ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem")
    | indexes(1, 2, 3)
    | READ_KEYS
    | {"s3:GetObject own", "s3:GetObject transcript"},
    "refresh-catalog": table("BatchWriteItem", "GetItem", "PutItem", "Query", "UpdateItem")
    | indexes(1)
    | READ_KEYS
    | {"events:PutEvents bus", "sqs:SendMessage events-queue"},
    "reply-ticket": table("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
    | READ_KEYS
    | {"s3:GetObject uploads"},
    "resolve-outcome": table("ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
    | READ_KEYS,
    "sync-tickets": table(
        "BatchGetItem",
        "BatchWriteItem",
        "ConditionCheckItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "UpdateItem",
    )
    | indexes(1, 2, 3)
    | READ_KEYS
    | {"sqs:SendMessage sync-queue"},
    "update-statistics": table(
        "BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem"
    )
    | indexes(2)
    | {"sqs:SendMessage statistics-queue"},
    "write-transcripts": table("BatchGetItem", "GetItem", "Query")
    | {"s3:PutObject transcript", "sqs:SendMessage events-queue"},
}


# By IAM's policy simulator; harness/calls.py says why.
SIMULATED = {function: {"logs:CreateLogStream own", "logs:PutLogEvents own"} for function in ALLOWED}
for reader in ("publish-events", "update-statistics"):
    SIMULATED[reader] |= {
        f"dynamodb:{action} stream" for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    }


@pytest.fixture(scope="module")
def operator(world):
    """A user who may assume every role that trusts it."""
    return user(world.emulator, "operator", [allow("sts:AssumeRole", "*")])


def test_every_function_is_checked(world):
    assert set(ALLOWED) == set(world.stack.functions)


@pytest.mark.parametrize("function", ALLOWED)
def test_a_role_may_make_the_calls_of_its_function_and_no_others(world, operator, function):
    session = assumed(world.emulator, world.stack.role_of(function), operator)
    allowed, tried = Calls(world, function, session).allowed()
    assert allowed == ALLOWED[function]
    # Each of these services also has a call that was refused.
    assert services(allowed) <= services(tried - allowed)


@pytest.mark.parametrize("function", ALLOWED)
def test_a_role_may_write_its_log_and_read_its_stream_but_no_other(world, function):
    assert Simulated(world, function).allowed() == SIMULATED[function]


@pytest.mark.parametrize("function", ALLOWED)
def test_a_role_is_for_lambda_alone(world, operator, function):
    role = world.emulator.client("iam").get_role(RoleName=world.stack.role_of(function))["Role"]
    with pytest.raises(ClientError) as refused:
        world.emulator.client("sts", operator).assume_role(RoleArn=role["Arn"], RoleSessionName="roles")
    assert refused.value.response["Error"]["Code"] in REFUSALS


def test_codedeploy_may_move_the_aliases_of_this_stack_and_read_alarms(world):
    iam, account = world.emulator.client("iam"), f"{REGION}:{ACCOUNT}"
    role = iam.get_role(RoleName=world.stack.id_of("CodeDeployRole"))["Role"]
    [statement] = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "codedeploy.amazonaws.com"}
    own = {f"arn:aws:lambda:{account}:function:{name}" for name in world.stack.functions.values()}
    other = f"arn:aws:lambda:{account}:function:unrelated"
    alarm = f"arn:aws:cloudwatch:{account}:alarm:any"
    wanted = {
        (action, f"{arn}{qualifier}")
        for action in ("lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias")
        for arn in own
        for qualifier in ("", f":{ALIAS}")
    } | {("cloudwatch:DescribeAlarms", alarm)}
    actions = {action for action, _ in wanted} | {
        "cloudwatch:SetAlarmState",
        "lambda:DeleteFunction",
        "lambda:InvokeFunction",
        "lambda:UpdateFunctionCode",
    }
    resources = {arn for _, arn in wanted} | {other, f"{other}:{ALIAS}"}
    allowed = {
        (action, arn) for action in actions for arn in resources if simulated(iam, role, action, arn) == "allowed"
    }
    assert allowed == wanted


def simulated(iam, role, action, arn):
    [result] = iam.simulate_principal_policy(
        PolicySourceArn=role["Arn"], ActionNames=[action], ResourceArns=[arn]
    )["EvaluationResults"]
    return result["EvalDecision"]


def services(calls):
    return {name.split(":")[0] for name in calls}

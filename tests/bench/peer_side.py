"""The peer: its functions in Python, and the account, catalog and tickets that they need."""

import itertools
import json
import sys
from pathlib import Path

from events import create_event, filled, http_event
from responses import http_body
from runtime_api import Launch
from template import memory_mb, timeout_s
from workload import Workload, run

PEER = Path(__file__).resolve().parent / "peer"
ACCOUNT = "bench"
TABLE = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
}
# The function of the product that does the same.
SAME = {"create": "create-ticket", "close": "close-ticket", "refresh": "refresh-catalog"}


class Peer:
    """The peer on a table of its own, with one account."""

    numbers = itertools.count(1)

    def __init__(self, backends, folder, table, endpoint=None, environment=None):
        self.backends = backends
        self._folder = folder
        aws = backends.aws
        self._environment = {
            **aws.credentials(),
            **(environment or {"AWS_ENDPOINT_URL": aws.url}),
            "TABLE_NAME": table,
            "REFRESH_ACCOUNT": ACCOUNT,
            # The compiled modules, which Lambda has in the package.
            "PYTHONPYCACHEPREFIX": str(folder / "peer-cache"),
        }
        aws.create_table(table, TABLE)
        self.table = table
        # The vendor's customer account.
        self.customer = f"{table}-customer"
        self._register(table, endpoint or backends.alibaba.url)

    def _register(self, table, endpoint):
        keys = self.backends.alibaba.add_keys(self.customer)
        secret = {"secret_id": keys["id"], "secret_key": keys["secret"]}
        name = f"{table}/{ACCOUNT}"
        self.backends.aws.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(secret))
        account = {"pk": f"ACCOUNT#{ACCOUNT}", "sk": "ACCOUNT", "id": ACCOUNT, "type": "ALIBABA"}
        account |= {"secret_name": name, "endpoint": endpoint}
        item = {name: {"S": value} for name, value in account.items()}
        self.backends.aws.table.put_item(TableName=table, Item=item)

    def workload(self, module, event, check=http_body, **more):
        """`event`: one text for all invocations, or a function that makes the events."""
        function = SAME[module]
        launch = Launch(
            [sys.executable, "bootstrap.py", f"{module}.handler"],
            self._environment,
            timeout_s(function),
            memory_mb(function),
            PEER,
            self._folder / f"peer-{module}-{next(self.numbers)}.log",
        )
        events = event if callable(event) else lambda count: filled(event, count)
        return Workload(launch, events, check, **more)

    def refresh(self):
        """Reads the catalog, and remembers a product and a problem type of it."""
        run(self.workload("refresh", self.refresh_event()), self.backends.alibaba, 1)
        found = self.backends.aws.table.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :type)",
            ExpressionAttributeValues={":pk": {"S": "CATALOG#ALIBABA"}, ":type": {"S": "TYPE#"}},
            Limit=1,
        )
        _, product, problem_type = found["Items"][0]["sk"]["S"].split("#")
        self._choice = {"product_id": product, "product_business_id": problem_type}

    @staticmethod
    def refresh_event():
        return http_event("refresh-catalog-http")

    def create_event(self):
        return create_event(ACCOUNT, self._choice)

    def tickets_with_messages(self, count, messages):
        created = run(self.workload("create", self.create_event()), self.backends.alibaba, count).responses
        for ticket in created:
            self.backends.alibaba.add_messages(ticket["cloud_id"], messages)
        return created

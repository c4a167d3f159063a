"""The product: its functions, and the accounts, catalog and tickets that they need."""

import itertools

from backends import BUS
from events import create_event, filled, http_event, scheduled
from responses import http_body, null
from runtime_api import Launch
from template import memory_mb, timeout_s
from workload import Workload, run

# The invocations of one process while test data is created.
AT_ONCE = 1000
# The fastest pace of an account, in calls a minute.
FASTEST = 6000


class Product:
    """The functions on a table of their own."""

    numbers = itertools.count(1)

    def __init__(self, backends, programs, folder, table, environment=None):
        self.backends = backends
        self.table = table
        self._programs = programs
        self._folder = folder
        aws = backends.aws
        self._environment = {
            **aws.credentials(),
            **(environment or {"AWS_ENDPOINT_URL": aws.url}),
            "TABLE_NAME": table,
            "SECRETS_PREFIX": f"polydesk/{table}/account/",
            "EVENT_BUS_NAME": BUS,
            "CURSOR_KEY": "bench",
            "ALLOW_LOOPBACK_ENDPOINTS": "true",
            "METRICS_NAMESPACE": "Polydesk/bench",
            "DEAD_LETTER_QUEUE_URL": aws.queue_url,
            "RUST_LOG": "info",
        }
        aws.create_table(table)

    def workload(self, function, event, check=http_body, **more):
        """`event`: one text for all invocations, or a function that makes the events."""
        log = self._folder / f"{function}-{next(self.numbers)}.log"
        launch = Launch(
            [str(self._programs.paths[function])],
            self._environment,
            timeout_s(function),
            memory_mb(function),
            self._folder,
            log,
        )
        events = event if callable(event) else lambda count: filled(event, count)
        return Workload(launch, events, check, **more)

    def call(self, function, event, check=http_body):
        """One invocation; its parsed response."""
        return run(self.workload(function, event, check), self.backends.alibaba, 1).responses[0]

    def register(self, account, **more):
        """Registers an account with keys of the vendor's customer account, and returns its id."""
        keys = self.backends.alibaba.add_keys(account)
        body = {
            "type": "ALIBABA",
            "region_id": "cn-hangzhou",
            "secret_id": keys["id"],
            "secret_key_secret": keys["secret"],
            "endpoint": self.backends.alibaba.url,
        }
        body = {name: value for name, value in (body | more).items() if value is not None}
        return self.call("manage-accounts", http_event("manage-accounts-create", body=body))["id"]

    def end_pace(self, account):
        """Gives the account the fastest pace, as if it had been used for hours: a new one waits between two calls."""
        self.backends.aws.table.update_item(
            TableName=self.table,
            Key={"PK": {"S": f"ACCOUNT#{account}"}, "SK": {"S": "ACCOUNT"}},
            UpdateExpression="SET calls_per_minute = :pace",
            ExpressionAttributeValues={":pace": {"N": str(FASTEST)}},
        )

    def refresh(self):
        """Reads the catalog, and remembers a product and a problem type of it."""
        self.call("refresh-catalog", self.refresh_event(), null)
        product = self._first("query-catalog-products", type="ALIBABA", limit="1")
        problem_type = self._first("query-catalog-product-types", type="ALIBABA", product_id=product, limit="1")
        self._choice = {"product_id": product, "product_business_id": problem_type}

    def _first(self, event, **query):
        return self.call("query-catalog", http_event(event, query=query))["items"][0]["id"]

    @staticmethod
    def refresh_event():
        return scheduled("refresh-catalog-schedule")

    def create_event(self, account):
        return create_event(account, self._choice)

    def tickets(self, accounts, each):
        """Creates tickets, `each` in every account."""
        events = iter([self.create_event(account) for _ in range(each) for account in accounts])
        created = []
        while events_now := list(itertools.islice(events, AT_ONCE)):
            made = [filled(event, 1)[0] for event in events_now]
            workload = self.workload("create-ticket", lambda _, made=made: made, http_body)
            created += run(workload, self.backends.alibaba, len(made)).responses
        return created

    def tickets_with_messages(self, account, count, messages):
        created = self.tickets([account], count)
        for ticket in created:
            self.backends.alibaba.add_messages(ticket["cloud_id"], messages)
        return created

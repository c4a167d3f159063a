"""MiniStack and the simulators while something is measured. Both listen on loopback."""

import contextlib
import os

from harness.emulator import REGION, Emulator
from harness.simulators import Simulators
from responses import WrongResult
from template import table

BUS = "polydesk"


class Aws(Emulator):
    """MiniStack without IAM: a check of policies for each call would be measured, too."""

    def _environment(self, folder):
        environment = super()._environment(folder)
        del environment["AUTH"]
        return environment

    def prepare(self):
        self.table = self.client("dynamodb")
        self.client("events").create_event_bus(Name=BUS)
        self.queue_url = self.client("sqs").create_queue(QueueName="dead-letters")["QueueUrl"]

    def credentials(self):
        """The credentials of the functions."""
        keys = self.root.get_credentials()
        return {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        }

    def create_table(self, name, definition=None):
        self.table.create_table(TableName=name, **(definition or table()))


class Alibaba:
    """The simulated Alibaba Cloud, which is the vendor of every scenario."""

    def __init__(self, vendor):
        self._vendor = vendor
        self.url = vendor.url

    def add_keys(self, account):
        """Adds a customer account with keys of its own, and returns them."""
        keys = {"id": f"key-{account}", "secret": f"secret-{account}"}
        self._vendor.script("POST", "keys", keys | {"account": account})
        return keys

    def add_messages(self, cloud_id, count):
        self._vendor.script("POST", "messages", {"ticket": cloud_id, "count": count})

    def set_status(self, cloud_id, status):
        self._vendor.script("POST", "status", {"ticket": cloud_id, "status": status})

    def take_calls(self):
        """How many calls came since the last time."""
        counts = self._vendor.script("GET", "calls")["counts"]
        self._vendor.script("DELETE", "calls")
        return sum(counts.values())

    @contextlib.contextmanager
    def delay(self, delay_ms):
        """Holds back every response for that long."""
        if delay_ms:
            self._vendor.script("POST", "faults", {"operation": "*", "fault": "delay", "ms": delay_ms})
        try:
            yield
        finally:
            if delay_ms:
                self._vendor.script("DELETE", "faults")

    def check_archives(self, closed):
        """Every closed ticket has as many messages as the vendor's conversation."""
        at_vendor = {ticket["id"]: len(ticket["messages"]) for ticket in self._vendor.tickets()}
        for ticket in closed:
            archived, there = ticket["message_count"], at_vendor[ticket["cloud_id"]]
            if ticket["state"] != "closed" or archived != there:
                raise WrongResult(f"{ticket['cloud_id']} is {ticket['state']} with {archived} of {there} messages")


class Backends:
    """Both, until the end of a `with` block."""

    def __init__(self, folder):
        self._folder = folder
        self._ends = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as ends:
            self.aws = Aws(self._folder)
            ends.callback(self.aws.stop)
            self.aws.prepare()
            simulators = Simulators(os.environ["SIMULATORS_BIN"])
            ends.callback(simulators.stop)
            self.alibaba = Alibaba(simulators.vendors["ALIBABA"])
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *_):
        self._ends.close()

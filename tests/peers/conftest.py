"""Starts the simulators once for all tests, and gives each test a client of their control API."""

import json
import os
import subprocess
import urllib.request

import pytest


class Vendor:
    """One simulated vendor: where it listens, its keys, and its control API."""

    def __init__(self, greeting):
        self.url = greeting["url"]
        self.address = self.url.removeprefix("http://")
        self.keys, self.second_keys = greeting["keys"]
        self.headers = {"Authorization": f"Bearer {greeting['access_key']}"}

    def script(self, method, name, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{name}", data, self.headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def ticket(self, ticket_id):
        tickets = self.script("GET", "tickets")["tickets"]
        return next(ticket for ticket in tickets if ticket["id"] == ticket_id)


@pytest.fixture(scope="session")
def simulators():
    process = subprocess.Popen(
        [os.environ["SIMULATORS_BIN"], "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    greeting = json.loads(process.stdout.readline())
    yield {name: Vendor(vendor) for name, vendor in greeting.items()}
    process.stdin.close()
    assert process.wait(timeout=10) == 0


def vendor_fixture(name):
    @pytest.fixture(name=name)
    def fixture(simulators):
        vendor = simulators[name]
        vendor.script("DELETE", "faults")
        return vendor

    return fixture


alibaba = vendor_fixture("alibaba")
huawei = vendor_fixture("huawei")
tencent = vendor_fixture("tencent")

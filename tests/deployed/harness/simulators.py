"""The vendors' simulators, in a process of their own, with keys of this run only."""

import json
import subprocess
import urllib.request
from dataclasses import dataclass

STOP_SECONDS = 10


@dataclass(frozen=True)
class Keys:
    """A key pair. Both parts are canaries: at its end the run searches everything for them."""

    id: str
    secret: str

    @classmethod
    def canary(cls, vendor, name, run):
        return cls(f"canary-{vendor}-{name}-id-{run}", f"canary-{vendor}-{name}-secret-{run}")


class Vendor:
    """One simulated vendor: its URL and its control API."""

    def __init__(self, name, greeting):
        self.name = name
        self.url = greeting["url"]
        self.headers = {"Authorization": f"Bearer {greeting['access_key']}"}

    def script(self, method, name, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{name}", data, self.headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def add_keys(self, keys, account):
        """Adds a key pair of a customer account."""
        self.script("POST", "keys", {"id": keys.id, "secret": keys.secret, "account": account})

    def support_reply(self, cloud_id, content):
        """Adds a message of support."""
        self.script("POST", "reply", {"ticket": cloud_id, "content": content})

    def tickets(self):
        return self.script("GET", "tickets")["tickets"]


class Simulators:
    """All vendors, until `stop`."""

    def __init__(self, binary):
        self._process = subprocess.Popen(
            [binary, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        greeting = json.loads(self._process.stdout.readline())
        self.vendors = {name.upper(): Vendor(name.upper(), vendor) for name, vendor in greeting.items()}

    def stop(self):
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

"""The vendors' simulators, in a process of their own, with keys that are known to nobody else."""

import json
import subprocess
import urllib.request
from dataclasses import dataclass

STOP_SECONDS = 10


@dataclass(frozen=True)
class Keys:
    """A key pair. Both parts are canaries: the run looks for them everywhere at its end."""

    id: str
    secret: str

    @classmethod
    def canary(cls, vendor, name, run):
        return cls(f"canary-{vendor}-{name}-id-{run}", f"canary-{vendor}-{name}-secret-{run}")


class Vendor:
    """One simulated vendor: where it listens, and its scripting door."""

    def __init__(self, name, url):
        self.name = name
        self.url = url

    def script(self, method, name, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{name}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def know(self, keys, account):
        """Makes a key pair of a customer account known to the vendor."""
        self.script("POST", "keys", {"id": keys.id, "secret": keys.secret, "account": account})

    def says(self, cloud_id, content):
        """Support answers."""
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
        self.vendors = {name.upper(): Vendor(name.upper(), told["url"]) for name, told in greeting.items()}

    def stop(self):
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

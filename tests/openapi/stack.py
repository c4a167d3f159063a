"""`serve` on a free port, with accounts of every vendor, small catalogs and tickets in several states."""

import contextlib
import json
import pathlib
import re
import subprocess
import time
import urllib.error
import urllib.request

# The number of products of each vendor, small so that a refresh is quick.
PRODUCTS = 4

VENDORS = ("ALIBABA", "HUAWEI", "TENCENT")


def call(method, url, body, headers):
    """The status, and the body as JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=40) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


class Stack:
    """A running `serve`."""

    def __init__(self, api, access):
        self.api = api
        # The folder with the access key.
        self.access = access
        # What every request needs.
        self.headers = dict(line.split(": ", 1) for line in (access / "headers").read_text().splitlines())
        # Of a function that runs on its own.
        self.environment = dict(
            re.findall(r"^export (\w+)='(.*)'$", (access / "environment").read_text(), re.MULTILINE)
        )
        # The body that registers an account of each vendor.
        self.registrations = {vendor: json.loads((access / f"{vendor}.json").read_text()) for vendor in VENDORS}

    def call(self, status, method, path, body=None, headers=None):
        actual, answer = call(method, self.api + path, body, self.headers | (headers or {}))
        assert actual == status, f"{method} {path}: {actual} {answer}"
        return answer

    def keys(self, vendor):
        return {name: self.registrations[vendor][name] for name in ("secret_id", "secret_key_secret")}

    def endpoint(self, vendor):
        return self.registrations[vendor]["endpoint"]

    def shrink(self, vendor):
        control = f"{self.endpoint(vendor)}/_simulator/catalog"
        groups = call("GET", control, None, self.headers)[1]["groups"]
        products = [product for group in groups for product in group["products"]]
        products.sort(key=lambda product: not product["problem_types"])
        ids = list(dict.fromkeys(product["id"] for product in products))
        changes = [{"remove_product": name} for name in ids[PRODUCTS:]]
        actual, answer = call("POST", control, changes, self.headers)
        assert actual == 200, answer

    def register(self, vendor):
        body = self.registrations[vendor] | {"allow_same_customer": True}
        return self.call(201, "POST", "/accounts", body)["id"]

    def refresh(self):
        run = self.call(202, "POST", "/catalog/refresh")["id"]
        for _ in range(600):
            state = self.call(200, "GET", f"/catalog/refreshes/{run}")["state"]
            if state in ("complete", "failed"):
                break
            time.sleep(0.1)
        assert state == "complete", f"the refresh is {state}"
        return run

    def choice(self, vendor, account):
        """A product and one of its problem types that is not a fault."""
        entries = self.call(200, "GET", f"/catalog/product-types?type={vendor}&limit=100")["items"]
        entry = next(entry for entry in entries if entry["case_kind"] != "fault")
        return {"custom_id": account, "product_id": entry["product_id"], "product_business_id": entry["id"]}

    def create(self, choice, name):
        body = choice | {"name": name, "description": "重启之后 SSH 一直超时 🙏"}
        return self.call(201, "POST", "/tickets", body, {"Idempotency-Key": f"create-{name}"})["id"]

    def create_test_data(self):
        """Creates what the requests can refer to, and returns its ids."""
        for vendor in VENDORS:
            self.shrink(vendor)
        accounts = {vendor: self.register(vendor) for vendor in VENDORS}
        refreshes = [self.refresh()]
        choices = [self.choice(vendor, accounts[vendor]) for vendor in ("ALIBABA", "HUAWEI")]
        tickets, erasable = [], []
        for choice in choices:
            # Stays open, so the account can't be removed.
            self.create(choice, f"open-{choice['product_id']}")
            tickets += [self.create(choice, f"{number}-{choice['product_id']}") for number in range(3)]
            for name, group in (("closed", tickets), ("erasable", erasable)):
                closed = self.create(choice, f"{name}-{choice['product_id']}")
                self.call(200, "POST", f"/tickets/{closed}/close")
                group.append(closed)
        return {
            "vendors": {vendor: {"endpoint": self.endpoint(vendor), "keys": self.keys(vendor)} for vendor in VENDORS},
            "accounts": [{"id": id, "type": vendor} for vendor, id in accounts.items()],
            "disposable": [self.register(vendor) for vendor in VENDORS for _ in range(3)],
            "choices": choices,
            "tickets": tickets,
            "erasable": erasable,
            "refreshes": refreshes,
        }


@contextlib.contextmanager
def serving(binary, log, *options):
    """Starts `serve`, and ends it."""
    with open(log, "w") as out:
        process = subprocess.Popen([binary, "serve", "--port", "0", *options], stdout=out, stderr=subprocess.STDOUT)
    try:
        yield wait_for_greeting(process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_greeting(process, log):
    for _ in range(600):
        text = log.read_text()
        api = re.search(r"Polydesk serves (\S+) ", text)
        access = re.search(r"It is in (.+), which only you can read", text)
        if api and access:
            return Stack(api[1], pathlib.Path(access[1]))
        if process.poll() is not None:
            raise SystemExit(f"serve ended early:\n{text}")
        time.sleep(0.1)
    raise SystemExit(f"serve did not print its greeting:\n{log.read_text()}")

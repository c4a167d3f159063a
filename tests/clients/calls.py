"""The calls of a tour: what was sent, what came back, and whether every operation was among them."""

import json
import re
import urllib.parse


# They answer with a redirect to the bucket, which some clients follow by themselves; the suite checks these answers.
REDIRECTS = {"getAttachment", "getTranscript"}


class Calls:
    """The calls in their order, each with its operation."""

    def __init__(self, document, api):
        self.base = urllib.parse.urlsplit(api).path.rstrip("/")
        self.operations = {}
        for path, item in json.loads(document.read_text())["paths"].items():
            pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
            for method, operation in item.items():
                self.operations[method.upper(), pattern] = operation["operationId"]
        self.made = []

    def record(self, method, url, status):
        path = urllib.parse.urlsplit(url).path.removeprefix(self.base)
        found = [
            operation
            for (its_method, pattern), operation in self.operations.items()
            if its_method == method.upper() and pattern.fullmatch(path)
        ]
        assert len(found) == 1, f"{method} {path} is {found}"
        self.made.append((found[0], status))

    def print_list(self):
        for number, (operation, status) in enumerate(self.made, 1):
            print(f"{number:4} {status} {operation}")

    def check_complete(self):
        succeeded = {operation for operation, status in self.made if status < 400}
        called = {operation for operation, _ in self.made}
        missing = set(self.operations.values()) - called
        assert not missing, f"never called: {sorted(missing)}"
        failed = called - succeeded - REDIRECTS
        assert not failed, f"never succeeded: {sorted(failed)}"

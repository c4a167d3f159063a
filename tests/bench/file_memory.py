"""Peak memory of a large file that comes in or goes out, as resident set size of the functions' own programs.

Starts `serve` for the backends and the vendors. At each vendor, `copy-attachments` copies a file of a message into the
bucket, and `create-ticket` sends an uploaded file with a new ticket. What arrives must have the SHA-256 of what was
sent. Prints a line for each function and vendor, and fails above the limit or the function's own memory.

    cargo build --release -p copy-attachments -p create-ticket && cargo build -p local
    python3 tests/bench/file_memory.py target/release --local target/debug/local
"""

import argparse
import base64
import contextlib
import hashlib
import http.client
import pathlib
import random
import sys
import tempfile
import urllib.parse
from dataclasses import dataclass

from events import filled, http_event, scheduled
from memory import call, serving, setting, start
from programs import MIB, Programs
from responses import WrongResult, http_body, null
from runtime_api import Start, logged

COPY, CREATE = "copy-attachments", "create-ticket"
VENDORS = ("ALIBABA", "HUAWEI")
NAME = "core.bin"
# In Base64 it must fit into the 128 MiB of a request to a simulator.
MOST_MIB = 95
# The schedule of `serve` runs every minute and may be first.
TRIES = 3


@dataclass(frozen=True)
class Row:
    """One file that went in or out."""

    function: str
    vendor: str
    direction: str
    size: int
    figures: Start
    # Why it is not larger.
    limit: str = ""

    @property
    def memory_mib(self):
        return setting(self.function, "MemorySize")

    def check(self, limit_mib):
        """The function must stay below the limit and its own memory."""
        most = min(limit_mib, self.memory_mib)
        if self.figures.peak_mib >= most:
            raise WrongResult(f"more than {most:g} MiB of memory: {self}")

    def __str__(self):
        return (
            f"{self.function}, {self.vendor}, {self.direction}, {self.size / MIB:g} MiB{self.limit}, "
            f"{self.figures.invocations_ms[0] / 1000:.1f} s, peak {self.figures.peak_mib:.1f} MiB of {self.memory_mib}"
        )


class Files:
    """Moves files through the functions of a running `serve`."""

    def __init__(self, stack, folder, programs, content):
        self.stack = stack
        self.folder = folder
        self.programs = programs
        self.content = content
        self.accounts = {vendor: stack.register(vendor) for vendor in VENDORS}
        stack.refresh()
        self.choices = {vendor: stack.choice(vendor, account) for vendor, account in self.accounts.items()}

    def start(self, function, event):
        return start(self.stack, self.folder, function, self.programs.paths[function], filled(event, 1))

    def control(self, vendor, method, path, body=None):
        status, answer = call(method, f"{self.stack.endpoint(vendor)}/_simulator/{path}", body, self.stack.headers)
        if status != 200:
            raise WrongResult(f"the simulator answers {status} {answer}")
        return answer

    def copy_in(self, vendor):
        """A file of a message, from the vendor into the bucket."""
        for number in range(TRIES):
            ticket = self.ticket_with_file(vendor, number)
            figures = self.start(COPY, scheduled("copy-attachments-schedule"))
            null(figures.responses[0])
            if failures := logged(figures, "A file could not be copied."):
                raise WrongResult(f"a file could not be copied: {failures}")
            if any(line["ticket.id"] == ticket for line in logged(figures, "A file is stored.")):
                same(self.content, self.in_bucket(ticket))
                return Row(COPY, vendor, "in", len(self.content), figures)
        raise WrongResult(f"the schedule of `serve` was first {TRIES} times")

    def ticket_with_file(self, vendor, number):
        """A ticket whose close waits for a file of support."""
        ticket = self.stack.create(self.choices[vendor], f"{vendor}-{number}")
        cloud_id = self.stack.call(200, "GET", f"/tickets/{ticket}")["cloud_id"]
        file = {"name": NAME, "content": {"base64": base64.b64encode(self.content).decode()}}
        message = {"ticket": cloud_id, "content": "请看附件", "files": [file]}
        self.control(vendor, "POST", "support_message", message)
        self.stack.call(202, "POST", f"/tickets/{ticket}/close")
        return ticket

    def in_bucket(self, ticket):
        """The bytes of the ticket's one file, by the link that a caller gets."""
        messages = self.stack.call(200, "GET", f"/tickets/{ticket}/messages")["items"]
        [file] = [file for message in messages for file in message.get("attachments", [])]
        path = f"/tickets/{ticket}/attachments/{file['attachment_id']}"
        status, headers, _ = exchange("GET", self.stack.api + path, self.stack.headers)
        if status != 302:
            raise WrongResult(f"the file has no link: {status}, {file}")
        status, _, content = exchange("GET", headers["location"])
        if status != 200 or hashlib.sha256(content).hexdigest() != file["sha256"]:
            raise WrongResult(f"the bucket gives another file: {status}, {file}")
        return content

    def send_out(self, vendor):
        """An uploaded file, from the bucket to the vendor."""
        [takes] = [row["files"] for row in self.stack.call(200, "GET", "/vendors")["items"] if row["type"] == vendor]
        most = takes.get("max_bytes", len(self.content))
        content = self.content[:most]
        body = self.choices[vendor] | {
            "name": "云服务器无法远程连接",
            "description": "请看附件",
            "attachments": [self.uploaded(content)],
        }
        figures = self.start(CREATE, http_event(CREATE, body=body))
        http_body(figures.responses[0])
        [upload] = self.control(vendor, "GET", "uploads")["uploads"]
        same(content, base64.b64decode(upload["content"]["base64"]))
        limit = " (the vendor takes no more)" if len(content) < len(self.content) else ""
        return Row(CREATE, vendor, "out", len(content), figures, limit)

    def uploaded(self, content):
        """The id of an upload with that content."""
        body = {"name": NAME, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        target = self.stack.call(201, "POST", "/attachments", body)
        status, _, answer = exchange("PUT", target["upload_url"], target["headers"], content)
        if status != 200:
            raise WrongResult(f"the bucket answers {status} {answer[:400]!r}")
        return target["id"]


def exchange(method, url, headers=None, body=None):
    """The status, headers and body of an answer. A redirect is not followed."""
    parts = urllib.parse.urlsplit(url)
    with contextlib.closing(http.client.HTTPConnection(parts.netloc, timeout=60)) as connection:
        connection.request(method, urllib.parse.urlunsplit(parts._replace(scheme="", netloc="")), body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def same(sent, came):
    sums = [hashlib.sha256(content).hexdigest() for content in (sent, came)]
    if sums[0] != sums[1]:
        raise WrongResult(f"{len(sent)} bytes with SHA-256 {sums[0]} came as {len(came)} with {sums[1]}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="the release zips, or programs named like the functions")
    parser.add_argument("--local", required=True, help="the program of local")
    parser.add_argument("--mib", type=float, default=90, help=f"the size of the file, at most {MOST_MIB}")
    parser.add_argument("--limit-mib", type=float, default=32, help="the most memory that a function may take")
    options = parser.parse_args()
    if not 0 < options.mib <= MOST_MIB:
        parser.error(f"--mib is above 0 and at most {MOST_MIB}")
    return options


def measure_all(files, limit_mib):
    """Prints a line for each function and vendor, and says whether all is as it must be."""
    is_good = True
    # First what comes in: the tickets that are created with a file have one to copy as well.
    for move in (files.copy_in, files.send_out):
        for vendor in VENDORS:
            try:
                row = move(vendor)
                row.check(limit_mib)
                print(row, flush=True)
            except WrongResult as error:
                print(f"{move.__name__}, {vendor}: {error}", flush=True)
                is_good = False
    return is_good


def main():
    options = arguments()
    # Bytes without a period: parts in another order have another SHA-256.
    content = random.Random(1).randbytes(int(options.mib * MIB))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        programs = Programs(options.folder, folder)
        with serving(options.local, folder / "serve.log") as stack:
            is_good = measure_all(Files(stack, folder, programs, content), options.limit_mib)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()

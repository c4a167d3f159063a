"""Peak memory of closing a long conversation, as resident set size of the function's own binary.

Starts `serve` for the backends and a vendor of its own, opens a ticket with many messages, and lets the binary close it
through a Lambda Runtime API, again and again until it is closed. Prints one line and fails above the limit.

    cargo build --release -p close-ticket && cargo build -p local
    python3 tests/bench/close_memory.py target/release/close-ticket --local target/debug/local
"""

import argparse
import contextlib
import http.server
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "openapi"))

from stack import serving  # noqa: E402

# An invocation answers before the API's limit of 29 seconds; a long close takes several.
INVOCATION_S = 29
INVOCATIONS = 60
TICKET = "0005PYGCW"
TIME_MS = 1_780_000_000_000
TEXT = "您好，服务器仍然无法连接，请帮忙看一下。工程师已定位到原因：安全组未放通 22 端口。"


class Vendor(http.server.BaseHTTPRequestHandler):
    """As much of Alibaba Cloud as a close needs, faster than a simulator. It checks no signature."""

    protocol_version = "HTTP/1.1"
    closed = False

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        action = self.headers.get("x-acs-action")
        if action == "CloseTicket":
            Vendor.closed = True
        data = {
            "ListProducts": [{"DirectoryName": "d", "ProductList": [{"ProductId": 1, "ProductName": "p"}]}],
            "ListCategories": [{"CategoryId": 2, "CategoryName": "c"}],
            "CreateTicket": TICKET,
            "ListTickets": [],
            "GetTicket": {
                "TicketId": TICKET,
                "Description": "d",
                "CreateTime": TIME_MS,
                "Status": {"Value": "6" if Vendor.closed else "2"},
            },
        }
        if action == "ListTicketNotes":
            body = self.server.notes
        else:
            answer = {"Success": True, "Code": 200, "RequestId": "r", "TotalCount": 0, "AccountId": "1"}
            body = json.dumps(answer | {"Data": data.get(action)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def notes(count):
    """The answer of ListTicketNotes."""
    rows = [
        {
            "DialogId": 46_430_000 + number,
            "CreateTime": TIME_MS + number // 3 * 1000,
            "Type": 2,
            "Status": 2,
            "Tip": "null",
            "Dialog": {"Content": f"#{number} {TEXT}", "Schema": "null"},
            "User": {"Role": 2 + number % 2, "Name": "工单小二"},
            "Attachments": [],
        }
        for number in range(count)
    ]
    return json.dumps({"Success": True, "Code": 0, "RequestId": "r", "Data": rows}, ensure_ascii=False).encode()


def serve_here(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    """Gives the event until the ticket is closed, and takes the answers."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.server.answers:
            if self.is_last():
                self.server.done.set()
                # There is no further event; the process is ended from outside.
                time.sleep(600)
                return
            # The lease of the invocation before may last a little longer than it.
            time.sleep(6)
        deadline_ms = int((time.time() + INVOCATION_S) * 1000)
        headers = [
            ("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4())),
            ("Lambda-Runtime-Deadline-Ms", str(deadline_ms)),
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:close-ticket"),
            ("Content-Type", "application/json"),
        ]
        self.answer(200, self.server.event, headers)

    def is_last(self):
        answers = self.server.answers
        return answers[-1].get("statusCode") != 202 or len(answers) == INVOCATIONS

    def do_POST(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(202, b"{}")
        self.server.answers.append(json.loads(body))


def close(binary, environment, ticket):
    """The function's answers, the seconds they took, and its peak memory in MiB."""
    event = json.loads((TESTS / "events/close-ticket.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/tickets/{ticket}/close"
    event["pathParameters"]["id"] = ticket
    server = serve_here(RuntimeApi)
    server.event, server.answers, server.done = json.dumps(event).encode(), [], threading.Event()
    environment = environment | {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_address[1]}",
        "AWS_LAMBDA_FUNCTION_NAME": "close-ticket",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": "group",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "PATH": os.environ["PATH"],
    }
    begun = time.monotonic()
    process = subprocess.Popen([binary], env=environment, stdout=subprocess.DEVNULL)
    try:
        while not server.done.wait(0.2):
            if process.poll() is not None:
                raise SystemExit(f"the function did not answer; exit status {process.poll()}")
        seconds = time.monotonic() - begun
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        peak_kib = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
    finally:
        process.kill()
        process.wait()
        server.shutdown()
    return server.answers, seconds, peak_kib / 1024


def index_stream_records(database):
    """Without this the database in place of DynamoDB reads its whole stream at each write."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "CREATE INDEX by_sequence_number ON _stream_records (table_name, CAST(sequence_number AS INTEGER))"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("function", help="the binary of close-ticket")
    parser.add_argument("--local", required=True, help="the binary of local")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--limit-mib", type=float, default=256)
    options = parser.parse_args()
    vendor = serve_here(Vendor)
    vendor.notes = notes(options.messages)
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "serve.log"
        database = pathlib.Path(folder) / "polydesk.db"
        with serving(options.local, log, "--db", str(database)) as stack:
            index_stream_records(database)
            stack.registrations["ALIBABA"]["endpoint"] = f"http://127.0.0.1:{vendor.server_address[1]}"
            account = stack.register("ALIBABA")
            stack.refresh()
            ticket = stack.create(stack.choice("ALIBABA", account), "long")
            answers, seconds, peak_mib = close(options.function, stack.environment, ticket)
    last = answers[-1]
    body = json.loads(last["body"])
    print(
        f"status {last['statusCode']}, {body.get('state')}, {body.get('message_count')} messages in "
        f"{len(vendor.notes) / 2**20:.1f} MiB, {len(answers)} invocations, {seconds:.0f} s, peak {peak_mib:.1f} MiB"
    )
    if last["statusCode"] != 200 or body["message_count"] != options.messages or peak_mib > options.limit_mib:
        sys.exit(1)


if __name__ == "__main__":
    main()

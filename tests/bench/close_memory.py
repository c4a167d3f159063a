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
import pathlib
import sqlite3
import sys
import tempfile
import threading
import time

from events import close_event, filled
from memory import serving, start

# A long close takes several.
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


def until_closed(event):
    """The event again and again: an invocation that could not do everything in its time answers 202."""

    def events(responses):
        yield event
        while json.loads(responses[-1]).get("statusCode") == 202 and len(responses) < INVOCATIONS:
            # The lease of the invocation before may last a little longer than it.
            time.sleep(6)
            yield event

    return events


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
            begun = time.monotonic()
            [event] = filled(close_event(ticket), 1)
            figures = start(stack, pathlib.Path(folder), "close-ticket", options.function, until_closed(event))
            seconds = time.monotonic() - begun
    last = json.loads(figures.responses[-1])
    body = json.loads(last["body"])
    print(
        f"status {last['statusCode']}, {body.get('state')}, {body.get('message_count')} messages in "
        f"{len(vendor.notes) / 2**20:.1f} MiB, {len(figures.responses)} invocations, {seconds:.0f} s, "
        f"peak {figures.peak_mib:.1f} MiB"
    )
    if last["statusCode"] != 200 or body["message_count"] != options.messages or figures.peak_mib > options.limit_mib:
        sys.exit(1)


if __name__ == "__main__":
    main()

"""Peak memory of closing a long conversation, as resident set size of the function's own binary.

Starts `serve` for the backends, opens a ticket, gives it many messages, and lets the binary close it through a Lambda
Runtime API of its own. Prints one line and fails above the limit.

    cargo build --release -p close-ticket && cargo build -p local
    python3 tests/bench/close_memory.py target/release/close-ticket --local target/debug/local
"""

import argparse
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "openapi"))

from stack import call, serving  # noqa: E402

DEADLINE_S = 850


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    """Gives the event once, and takes the answer."""

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
        if self.server.given.is_set():
            # There is no second event; the process is ended from outside.
            time.sleep(DEADLINE_S)
            return
        self.server.given.set()
        deadline_ms = int((time.time() + DEADLINE_S) * 1000)
        headers = [
            ("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4())),
            ("Lambda-Runtime-Deadline-Ms", str(deadline_ms)),
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:close-ticket"),
            ("Content-Type", "application/json"),
        ]
        self.answer(200, self.server.event, headers)

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
        self.server.result = body
        self.server.done.set()


def close(binary, environment, ticket):
    """The function's answer, the seconds it took, and its peak memory in MiB."""
    event = json.loads((TESTS / "events/close-ticket.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/tickets/{ticket}/close"
    event["pathParameters"]["id"] = ticket
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
    server.daemon_threads, server.event, server.result = True, json.dumps(event).encode(), b""
    server.given, server.done = threading.Event(), threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
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
            if process.poll() is not None or time.monotonic() - begun > DEADLINE_S:
                raise SystemExit(f"the function did not answer; exit status {process.poll()}")
        seconds = time.monotonic() - begun
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        peak_kib = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
    finally:
        process.kill()
        process.wait()
        server.shutdown()
    return json.loads(server.result), seconds, peak_kib / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("function", help="the binary of close-ticket")
    parser.add_argument("--local", required=True, help="the binary of local")
    parser.add_argument("--vendor", default="ALIBABA", choices=["ALIBABA", "HUAWEI"])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--limit-mib", type=float, default=256)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "serve.log"
        with serving(options.local, log) as stack:
            environment = dict(re.findall(r"^export (\w+)=(.*)$", log.read_text(), re.MULTILINE))
            stack.shrink(options.vendor)
            account = stack.register(options.vendor)
            stack.refresh()
            ticket = stack.create(stack.choice(options.vendor, account), "long")
            cloud_id = stack.call(200, "GET", f"/tickets/{ticket}")["cloud_id"]
            control = f"{stack.endpoints[options.vendor]}/_simulator/messages"
            status, answer = call("POST", control, {"ticket": cloud_id, "count": options.messages})
            assert status == 200, answer
            answer, seconds, peak_mib = close(options.function, environment, ticket)
            body = json.loads(answer["body"])
            verified = stack.call(200, "GET", f"/tickets/{ticket}/messages?verify=true") if options.messages < 20_000 else {}
    print(
        f"{options.vendor}: status {answer['statusCode']}, {body.get('state')}, {body.get('message_count')} messages, "
        f"{seconds:.1f} s, peak {peak_mib:.1f} MiB {verified.get('verified', '')}"
    )
    if answer["statusCode"] != 200 or body["message_count"] < options.messages or peak_mib > options.limit_mib:
        sys.exit(1)


if __name__ == "__main__":
    main()

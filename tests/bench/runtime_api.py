"""A Lambda Runtime API on loopback: starts a function, gives it events, and measures."""

import json
import os
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from processor import ProcessorGroup, peak_mib
from responses import WrongResult

# For work that the process does at the moment of a poll or of a response.
REST_S = 0.003
# What a process needs to start, and to end an invocation, beyond the time-out of an invocation.
EXTRA_S = 30
INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Launch:
    """How a function is started."""

    command: list
    environment: dict
    timeout_s: float
    memory_mb: int
    folder: Path
    log: Path


@dataclass
class Start:
    """The figures of one start: until the first poll, the first invocation, and the warm ones after it."""

    start_ms: float = 0.0
    start_cpu_ms: float = 0.0
    first_cpu_ms: float = 0.0
    warm_cpu_ms: float = 0.0
    peak_mib: float = 0.0
    invocations_ms: list = field(default_factory=list)
    responses: list = field(default_factory=list)
    # What `count` returned for the start and the first invocation, and for each later one.
    counts: list = field(default_factory=list)
    log_lines: list = field(default_factory=list)


class Measurement:
    """One process while it is measured."""

    def __init__(self, events, share, count):
        self.share = share
        self.count = count
        self.figures = Start()
        self.events = iter(events(self.figures.responses) if callable(events) else events)
        self.group = ProcessorGroup()
        self.process = None
        # `moved`: when the process last polled or responded.
        self.begun = self.moved = self.sent = 0.0
        self.error = None
        self.done, self.in_group = threading.Event(), threading.Event()

    def poll(self, now):
        """Returns the next event; `None` after the last one."""
        figures = self.figures
        self.moved = now
        if not figures.start_ms:
            figures.start_ms = (now - self.begun) * 1000
            self.in_group.wait()
            time.sleep(REST_S)
            figures.start_cpu_ms = self.used_ms()
            if self.share:
                self.group.limit(self.share)
        elif self.count:
            figures.counts.append(self.count())
        event = None if self.error else next(self.events, None)
        if event is None:
            figures.warm_cpu_ms = self.used_ms() - figures.first_cpu_ms - figures.start_cpu_ms
            figures.peak_mib = peak_mib(self.process.pid)
            self.done.set()
            return None
        self.moved = self.sent = time.perf_counter()
        return event

    def respond(self, now, body):
        figures = self.figures
        self.moved = now
        figures.invocations_ms.append((now - self.sent) * 1000)
        figures.responses.append(body)
        if len(figures.responses) == 1:
            time.sleep(REST_S)
            figures.first_cpu_ms = self.used_ms() - figures.start_cpu_ms

    def fail(self, body):
        self.error = body.decode("utf-8", "replace")[:500]
        self.done.set()

    def used_ms(self):
        return self.group.used_ms(self.process.pid)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        now, server = time.perf_counter(), self.server
        event = server.measurement.poll(now)
        if event is None:
            # There is no further event; the process is ended from outside.
            server.ended.wait()
            return
        deadline_ms = int((time.time() + server.launch.timeout_s) * 1000)
        headers = {
            "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:bench",
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
            "Content-Type": "application/json",
        }
        self.answer(200, event, headers)

    def do_POST(self):
        now, body = time.perf_counter(), self.body()
        if self.path.endswith("/response"):
            self.server.measurement.respond(now, body)
        else:
            self.server.measurement.fail(body)
        self.answer(202, b"{}", {})

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def measure(launch, events, share=None, count=None):
    """Starts the function, gives it the events, and ends it. `share`: of a processor, from the first poll on.

    `events`: a list, or a function that makes them of the list of the responses so far. `count` is called after each
    invocation.
    """
    measurement = Measurement(events, share, count)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.measurement, server.launch, server.ended = measurement, launch, threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with open(launch.log, "wb") as log:
        measurement.begun = measurement.moved = time.perf_counter()
        measurement.process = process = subprocess.Popen(
            launch.command,
            env=environment(launch, server.server_port),
            cwd=launch.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        measurement.group.add(process.pid)
        measurement.in_group.set()
    try:
        wait(measurement, EXTRA_S + launch.timeout_s)
    finally:
        process.kill()
        process.wait()
        server.ended.set()
        server.shutdown()
        server.server_close()
        measurement.group.remove()
    log_text = launch.log.read_text("utf-8", "replace")
    if measurement.error or not measurement.done.is_set():
        raise WrongResult(
            f"{launch.command}: {measurement.error or process.returncode}; its log ends with:\n{log_text[-2000:]}"
        )
    measurement.figures.log_lines = log_text.splitlines()
    return measurement.figures


def wait(measurement, seconds):
    """Until the end, or until the process has ended or has done nothing for that time."""
    while not measurement.done.wait(0.05):
        if measurement.process.poll() is not None or time.perf_counter() > measurement.moved + seconds:
            return


def environment(launch, port):
    """What Lambda sets, what the process needs of this machine, and the settings of the function."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return (
        inherited
        | {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(launch.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": "group",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_EC2_METADATA_DISABLED": "true",
            "LAMBDA_TASK_ROOT": str(launch.folder),
            "HOME": str(launch.log.parent),
        }
        | launch.environment
    )


def logged(start, message):
    """The lines of the product's log with this message, as objects."""
    lines = (json.loads(line) for line in start.log_lines if message in line)
    return [line for line in lines if line.get("message") == message]

"""A reverse proxy on loopback that counts the calls of AWS services."""

import http.client
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TABLE = "DynamoDB_20120810."
WRITES = {"PutItem", "UpdateItem", "DeleteItem"}
TRANSACTION_WRITES = {"Put", "Update", "Delete"}
# Of one connection only.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class CountingProxy:
    """Passes everything on to `port`, until `stop`."""

    def __init__(self, port):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.upstream, self._server.counts, self._server.lock = port, Counter(), threading.Lock()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self):
        """The counts since the last call."""
        with self._server.lock:
            counts, self._server.counts = self._server.counts, Counter()
        return counts

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def setup(self):
        super().setup()
        self.upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=60)

    def finish(self):
        self.upstream.close()
        super().finish()

    def log_message(self, *_):
        pass

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        counts = counts_of(self.headers.get("X-Amz-Target", ""), body)
        with self.server.lock:
            self.server.counts += counts
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        self.upstream.request(self.command, self.path, body, headers)
        response = self.upstream.getresponse()
        answer = response.read()
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = pass_on


def counts_of(target, body):
    """What one request counts."""
    if target.startswith(TABLE):
        operation = target.removeprefix(TABLE)
        return Counter(table_round_trips=1, written_items=written_items(operation, json.loads(body)))
    counts = Counter(other_calls=1)
    if target.endswith(".PutEvents"):
        counts["events"] = len(json.loads(body)["Entries"])
    return counts


def written_items(operation, body):
    if operation == "BatchWriteItem":
        return sum(len(requests) for requests in body["RequestItems"].values())
    if operation == "TransactWriteItems":
        return sum(len(TRANSACTION_WRITES & item.keys()) for item in body["TransactItems"])
    return 1 if operation in WRITES else 0

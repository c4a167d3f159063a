"""Malformed requests that no schema describes: broken, huge, misleading. Each must be refused without effect."""

import http.client
import json
import urllib.parse

JSON = {"Content-Type": "application/json"}
KEY = JSON | {"Idempotency-Key": "malformed"}

DEEP = b'{"name": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"

# The expected status of each body.
BODIES = [
    (400, b""),
    (400, b"\x00"),
    (400, b"{"),
    (400, b"null"),
    (400, b"[]"),
    (400, b"1e999999"),
    (400, b"\xff\xfe{\x00}\x00"),
    (400, b"\xef\xbb\xbf{}"),
    (400, b'{"name": "\xc3\x28"}'),
    (400, b'{"name": "\\ud800"}'),
    (400, b'{"name": 1e400}'),
    (400, b'{"name": NaN}'),
    (400, b'{"__proto__": {"name": 1}}'),
    (400, b'{"name": "x", "name": "y"}'),
    (400, b'{"$ref": "file:///etc/passwd"}'),
    (400, b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
    (400, b"name=x&description=y"),
    (400, DEEP),
    (400, b" " * (64 * 1024 + 1)),
    (400, b'{"description": "' + b"x" * (64 * 1024) + b'"}'),
    (400, b'{"description": "' + b"x" * (1024 * 1024) + b'"}'),
    (413, b" " * (10 * 1024 * 1024 + 1)),
]

ROUTES_WITH_BODY = [
    ("POST", "/accounts"),
    ("POST", "/tickets"),
    ("PATCH", "/accounts/{account}"),
    ("PUT", "/accounts/{account}/keys"),
    ("POST", "/tickets/{ticket}/messages"),
    ("POST", "/tickets/{ticket}/close"),
    ("POST", "/catalog/refresh"),
]

# No error for a route whose body is optional.
EMPTY = (b"",)

PATHS = [
    (400, "/tickets/%00"),
    (400, "/tickets/%ff%fe"),
    (400, "/tickets/%2e%2e%2faccounts"),
    (400, "/tickets/a%2Fclose"),
    (400, "/tickets/a%20b"),
    (400, "/tickets/" + "x" * 2_000),
    (400, "/tickets/%E5%B7%A5%E5%8D%95"),
    (400, "/accounts/" + urllib.parse.quote("' OR 1=1 --", safe="")),
    (400, "/tickets?limit=0"),
    (400, "/tickets?limit=99999999999999999999"),
    (400, "/tickets?limit=1e2"),
    (400, "/tickets?limit="),
    (400, "/tickets?limit=1&limit=2"),
    (400, "/tickets?cursor=%00"),
    (400, "/tickets?cursor=" + "A" * 4_000),
    (400, "/tickets?from=-1"),
    (400, "/tickets?state[]=open"),
    (400, "/catalog/products?q=%0A"),
    (400, "/catalog/products?q=%ED%A0%80%00"),
    (400, "/catalog/products?q=" + "x" * 101),
    (400, "/catalog/changes"),
    (400, "/catalog/changes?since=2026-01-01"),
    (400, "/catalog/changes?since=0&kind=products"),
    (400, "/vendors?__proto__=1"),
    (404, "/none"),
    (404, "/tickets/"),
    (404, "//tickets"),
    (404, "/tickets/a/messages/b"),
    (404, "/TICKETS"),
]

KEYS = ["", " ", "a b", "x" * 256, "caf\xe9"]
TAGS = ["", "x", '"x', 'w/"x"', '"x" "y"', '*, "x"']


LISTS = ("/accounts", "/tickets", "/catalog/products")
OF_THE_SYNC = {
    "awaiting", "calls_per_minute", "first_response_time", "last_customer_time", "last_support_time",
    "new_messages_mark", "update_time", "vendor_phase", "vendor_status",
}


def send_all(stack, known):
    before = state(stack, known)
    sent = 0
    for status, method, path, headers, body in requests(known):
        expect(stack, status, method, path, headers, body)
        sent += 1
    assert state(stack, known) == before, "a refused request changed something"
    print(f"{sent} malformed requests were refused and changed nothing", flush=True)


def requests(known):
    places = {"account": known["accounts"][0]["id"], "ticket": known["tickets"][0]}
    for method, route in ROUTES_WITH_BODY:
        path = route.format(**places)
        for status, body in BODIES:
            if body in EMPTY and (path.endswith("/close") or path.endswith("/refresh")):
                continue
            yield status, method, path, KEY, body
    for status, path in PATHS:
        yield status, "GET", path, {}, None
    valid = json.dumps({"content": "x"}).encode()
    for key in KEYS:
        yield 400, "POST", f"/tickets/{places['ticket']}/messages", JSON | {"Idempotency-Key": key}, valid
    yield 400, "POST", f"/tickets/{places['ticket']}/messages", JSON, valid
    for tag in TAGS:
        yield 400, "PUT", f"/tickets/{places['ticket']}/hold", JSON | {"If-Match": tag}, b"{}"


def expect(stack, status, method, path, headers, body):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(stack.api).netloc, timeout=40)
    what = f"{method} {path[:80]} {(body or b'')[:40]!r}"
    try:
        connection.request(method, path, body, stack.headers | headers)
        answer = connection.getresponse()
        text = answer.read()
    except (BrokenPipeError, ConnectionResetError):
        # A server may close the connection before it has read a body that is too large.
        assert status == 413, what
        return
    finally:
        connection.close()
    assert answer.status == status, f"{what}: {answer.status} {text[:300]!r}"
    problem = json.loads(text)
    if status == 400:
        assert answer.headers["Content-Type"] == "application/problem+json", what
        assert problem["status"] == status and problem["code"] and problem["detail"], what
    else:
        assert problem["message"], what


def state(stack, known):
    """The data that a refused request could have changed, without what the sync writes meanwhile."""
    messages = f"/tickets/{known['tickets'][0]}/messages"
    lists = [stack.call(200, "GET", f"{path}?limit=100")["items"] for path in (messages, *LISTS)]
    return [[{name: item[name] for name in item.keys() - OF_THE_SYNC} for item in items] for items in lists]

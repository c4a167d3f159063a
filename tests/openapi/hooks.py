"""Values that the document does not have: ids that exist, and keys and addresses of the simulated vendors.

A hook replaces only valid parts of a request by other valid ones, so a wrong request stays wrong.
"""

import atexit
import collections
import json
import os
import pathlib
import random
import re
import zlib

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData, UseAfterFree

KNOWN = json.loads(os.environ["POLYDESK_KNOWN"])
# What every request to `serve` needs. On AWS the Content-Type is ignored.
HEADERS = json.loads(os.environ["POLYDESK_HEADERS"])
ACCOUNTS = {account["id"]: account for account in KNOWN["accounts"]}

# A request that is valid by the document never gets these codes. It may be refused for the things it refers to, or for
# its total length, which a schema can't express.
MALFORMED = {
    "body_empty",
    "body_not_an_object",
    "body_not_json",
    "idempotency_key_required",
    "invalid_fields",
    "invalid_id",
    "invalid_idempotency_key",
}

# An address that `POST /accounts` accepts.
ADDRESS = re.compile(r"https://[a-z0-9.-]+|http://(127\.0\.0\.1|localhost|\[::1\]):[0-9]+", re.IGNORECASE)

counts = collections.Counter()


def write_counts():
    lines = [[label, status, count] for (label, status), count in sorted(counts.items())]
    pathlib.Path(os.environ["POLYDESK_COUNTS"]).write_text(json.dumps(lines))


atexit.register(write_counts)


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers.update(HEADERS)
    # The same case always gets the same replacements.
    drawn = repr((case.method, case.path, case.path_parameters, case.query, case.body))
    draw = random.Random(zlib.crc32(drawn.encode("utf-8", "replace")))
    components = case.meta.components.items() if case.meta else ()
    modes = {str(place.value): part.mode.is_positive for place, part in components}
    label = f"{case.operation.method.upper()} {case.operation.path}"
    follows_link = case.meta is not None and case.meta.phase.name.value == "stateful"
    if modes.get("path") and not follows_link and draw.random() < 0.7:
        case.path_parameters["id"] = draw.choice(ids_for(label))
    if modes.get("header") and "Idempotency-Key" in case.headers and draw.random() < 0.8:
        case.headers["Idempotency-Key"] = f"key-{draw.getrandbits(64)}"
    if modes.get("header") and "If-Match" in case.headers and draw.random() < 0.9:
        # A generated tag is never that of the answer, and hides what else the route answers.
        if draw.random() < 0.3:
            case.headers["If-Match"] = "*"
        else:
            case.headers.pop("If-Match")
    if label == "GET /statistics" and modes.get("query"):
        # Texts of the right form are seldom days, and two days are seldom near each other.
        month = draw.randrange(1, 13)
        case.query["from"], case.query["to"] = f"2026-{month:02}-01", f"2026-{month:02}-{draw.randrange(1, 29):02}"
    if label == "GET /catalog/form" and modes.get("query") and draw.random() < 0.8:
        choice = draw.choice(KNOWN["choices"])
        case.query = {name: choice[name] for name in ("custom_id", "product_id", "product_business_id")}
        case.query["type"] = ACCOUNTS[choice["custom_id"]]["type"]
    if isinstance(case.body, dict):
        replace_in_body(label, case, modes.get("body", False), draw)


def ids_for(label):
    if label == "DELETE /accounts/{id}":
        return KNOWN["disposable"]
    if label == "DELETE /tickets/{id}":
        # No other request holds them or opens them again.
        return KNOWN["erasable"]
    if "/accounts/" in label:
        return list(ACCOUNTS)
    return KNOWN["refreshes"] if "/catalog/" in label else KNOWN["tickets"]


def replace_in_body(label, case, is_valid, draw):
    body = case.body
    vendor = KNOWN["vendors"].get(str(body.get("type")))
    if label == "POST /accounts" and vendor:
        # No generated request may reach a real vendor, or another program on this machine.
        address = body.get("endpoint")
        if address is None or (isinstance(address, str) and ADDRESS.fullmatch(address)):
            body["endpoint"] = vendor["endpoint"]
        if is_valid and draw.random() < 0.7:
            body.update(vendor["keys"])
            # All these keys are one customer's.
            body["allow_same_customer"] = True
    elif label == "PUT /accounts/{id}/keys" and is_valid and draw.random() < 0.6:
        account = ACCOUNTS.get(case.path_parameters.get("id"))
        if account:
            body.update(KNOWN["vendors"][account["type"]]["keys"])
    elif label == "POST /tickets" and is_valid and draw.random() < 0.8:
        body.update(draw.choice(KNOWN["choices"]))
        for name in ("osm_id", "region_id", "severity", "attachments"):
            if draw.random() < 0.9:
                body.pop(name, None)
    elif label == "POST /tickets/{id}/messages" and is_valid and draw.random() < 0.9:
        body.pop("attachments", None)


@schemathesis.hook
def after_call(context, case, response):
    counts[(f"{case.operation.method.upper()} {case.operation.path}", response.status_code)] += 1


@schemathesis.hook
def filter_failure(context, failure, case, response):
    # `DELETE /tickets/{id}` erases texts and files; the ticket itself stays.
    if isinstance(failure, UseAfterFree):
        return not case.operation.path.startswith("/tickets/{id}")
    if not isinstance(failure, RejectedPositiveData):
        return True
    try:
        code = response.json().get("code")
    except ValueError:
        return True
    return code is None or code in MALFORMED

"""What can't be drawn from the document alone: ids that exist, and keys and addresses of the simulated vendors.

Only parts of a request that are good are exchanged for others that are good, so a bad request stays as bad as it was drawn.
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
from schemathesis.openapi.checks import RejectedPositiveData

KNOWN = json.loads(os.environ["POLYDESK_KNOWN"])
ACCOUNTS = {account["id"]: account for account in KNOWN["accounts"]}

# A request that keeps to the document is never refused for its form. It may be refused for what it names, or for its whole length,
# which no schema can say.
FORM = {
    "body_empty",
    "body_not_an_object",
    "body_not_json",
    "idempotency_key_required",
    "invalid_fields",
    "invalid_id",
    "invalid_idempotency_key",
}

# An address that `POST /accounts` takes.
ADDRESS = re.compile(r"https://[a-z0-9.-]+|http://(127\.0\.0\.1|localhost|\[::1\]):[0-9]+", re.IGNORECASE)

counts = collections.Counter()


def write_counts():
    lines = [[label, status, count] for (label, status), count in sorted(counts.items())]
    pathlib.Path(os.environ["POLYDESK_COUNTS"]).write_text(json.dumps(lines))


atexit.register(write_counts)


@schemathesis.hook
def before_call(context, case, kwargs):
    # The same case is exchanged in the same way, whenever it comes.
    drawn = repr((case.method, case.path, case.path_parameters, case.query, case.body))
    draw = random.Random(zlib.crc32(drawn.encode("utf-8", "replace")))
    modes = {str(place.value): part.mode.is_positive for place, part in case.meta.components.items()} if case.meta else {}
    label = f"{case.operation.method.upper()} {case.operation.path}"
    follows_link = case.meta is not None and case.meta.phase.name.value == "stateful"
    if modes.get("path") and not follows_link and draw.random() < 0.7:
        case.path_parameters["id"] = draw.choice(ids_for(label))
    if modes.get("header") and "Idempotency-Key" in case.headers and draw.random() < 0.8:
        case.headers["Idempotency-Key"] = f"key-{draw.getrandbits(64)}"
    if isinstance(case.body, dict):
        exchange_body(label, case, modes.get("body", False), draw)


def ids_for(label):
    if label == "DELETE /accounts/{id}":
        return KNOWN["disposable"]
    if "/accounts/" in label:
        return list(ACCOUNTS)
    return KNOWN["refreshes"] if "/catalog/" in label else KNOWN["tickets"]


def exchange_body(label, case, is_good, draw):
    body = case.body
    vendor = KNOWN["vendors"].get(str(body.get("type")))
    if label == "POST /accounts" and vendor:
        # No drawn request may reach a vendor, or a stranger on this machine.
        address = body.get("endpoint")
        if address is None or (isinstance(address, str) and ADDRESS.fullmatch(address)):
            body["endpoint"] = vendor["endpoint"]
        if is_good and draw.random() < 0.7:
            body.update(vendor["keys"])
    elif label == "PUT /accounts/{id}/keys" and is_good and draw.random() < 0.6:
        account = ACCOUNTS.get(case.path_parameters.get("id"))
        if account:
            body.update(KNOWN["vendors"][account["type"]]["keys"])
    elif label == "POST /tickets" and is_good and draw.random() < 0.8:
        body.update(draw.choice(KNOWN["choices"]))
        for name in ("osm_id", "region_id", "severity"):
            if draw.random() < 0.9:
                body.pop(name, None)


@schemathesis.hook
def after_call(context, case, response):
    counts[(f"{case.operation.method.upper()} {case.operation.path}", response.status_code)] += 1


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if not isinstance(failure, RejectedPositiveData):
        return True
    try:
        code = response.json().get("code")
    except ValueError:
        return True
    return code is None or code in FORM

"""What the functions share: clients, the table's keys, responses.

One table: accounts ACCOUNT#id, tickets TICKET#id, messages below their ticket, the catalog CATALOG#ALIBABA, idempotency
records IDEMPOTENCY#hash.
"""

import base64
import hashlib
import json
import os
import re
import time
import uuid
from functools import lru_cache, wraps

import boto3
from alibabacloud_tea_openapi import models as openapi
from alibabacloud_workorder20210610.client import Client as WorkorderClient
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config

TABLE = os.environ["TABLE_NAME"]
CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"max_attempts": 2, "mode": "standard"})
# Read by each request, so they are created once, while the process starts.
dynamodb = boto3.client("dynamodb", config=CONFIG)
secrets = boto3.client("secretsmanager", config=CONFIG)

ID = re.compile(r"[A-Za-z0-9._~-]{1,128}")
MAX_BODY_BYTES = 64 * 1024
BATCH = 25


class Problem(Exception):
    """A request that is answered with an error."""

    def __init__(self, status, code, detail, **more):
        super().__init__(detail)
        self.status = status
        self.body = {"status": status, "code": code, "title": code.replace("_", " "), "detail": detail, **more}


def answers_problems(handler):
    """Makes a response of a `Problem`. Any other exception is for the runtime."""

    @wraps(handler)
    def wrapped(event):
        try:
            return handler(event)
        except Problem as problem:
            return response(problem.status, problem.body)

    return wrapped


def response(status, body, headers=None):
    content_type = "application/problem+json" if status >= 400 else "application/json"
    return {
        "statusCode": status,
        "headers": {"content-type": content_type, **(headers or {})},
        "body": json.dumps(body, ensure_ascii=False, default=int),
        "isBase64Encoded": False,
    }


def json_body(event):
    text = event.get("body") or ""
    raw = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
    if len(raw) > MAX_BODY_BYTES:
        raise Problem(413, "body_too_large", "The body is larger than 64 KiB.")
    try:
        body = json.loads(raw)
    except ValueError:
        raise Problem(400, "invalid_json", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Problem(400, "invalid_json", "The body is not an object.")
    return body


def to_item(plain):
    return {name: TypeSerializer().serialize(value) for name, value in plain.items() if value is not None}


def from_item(item):
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


def key(pk, sk):
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def read_item(pk, sk, consistent=False):
    """The item, or nothing."""
    item = dynamodb.get_item(TableName=TABLE, Key=key(pk, sk), ConsistentRead=consistent).get("Item")
    return item and from_item(item)


def write_batches(requests):
    """What the table does not take is sent again."""
    for start in range(0, len(requests), BATCH):
        waiting = {TABLE: requests[start : start + BATCH]}
        while waiting:
            waiting = dynamodb.batch_write_item(RequestItems=waiting).get("UnprocessedItems")


def now_ms():
    return int(time.time() * 1000)


def new_id():
    """Sorted by time, like a ULID."""
    return f"{now_ms():013d}{uuid.uuid4().hex[:13]}".upper()


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def client_of(account):
    return vendor_client(account["secret_name"], account["endpoint"])


@lru_cache(maxsize=256)
def vendor_client(secret_name, endpoint):
    """The official SDK's client of an account, kept while the process lives."""
    secret = json.loads(secrets.get_secret_value(SecretId=secret_name)["SecretString"])
    scheme, _, host = endpoint.partition("://")
    config = openapi.Config(
        access_key_id=secret["secret_id"],
        access_key_secret=secret["secret_key"],
        endpoint=host,
        protocol=scheme,
        connect_timeout=3000,
        read_timeout=10000,
    )
    return WorkorderClient(config)


def succeeded(body):
    """The body of a response that says so. The SDK raises for HTTP errors only."""
    if body.success is not True:
        raise refused(body.code, body.request_id)
    return body


def refused(code, request_id=None):
    vendor = {"type": "ALIBABA", "code": str(code), "request_id": request_id}
    return Problem(422, "vendor_refused", "The vendor refused the request.", vendor=vendor)

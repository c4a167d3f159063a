"""POST /tickets: creates a ticket at Alibaba Cloud and stores it.

The same steps as the product: the intent first, one vendor call, then the result.
"""

import re

import common
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_workorder20210610 import models
from botocore.exceptions import ClientError
from common import TABLE, Problem, dynamodb, key, response

MAX_CHARS = {
    "custom_id": 128,
    "product_id": 128,
    "product_business_id": 128,
    "name": 500,
    "email": 50,
    "description": 20000,
}
REQUIRED = {"custom_id", "product_id", "product_business_id", "name", "description"}
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
DAY_S = 86400


@common.answers_problems
def handler(event):
    ticket, record = parse(event)
    account, earlier = read_references(ticket, record)
    if earlier:
        return replay(earlier, record)
    store_intent(ticket, record)
    return send(ticket, account, record)


def parse(event):
    """The ticket and its idempotency record."""
    body = common.json_body(event)
    errors = [{"pointer": f"/{name}", "detail": "unknown field"} for name in body if name not in MAX_CHARS]
    errors += [error for name in MAX_CHARS if (error := error_of(name, body.get(name)))]
    if errors:
        raise Problem(400, "invalid_input", "The input is not valid.", errors=errors)
    ticket_id = common.new_id()
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    idempotency_key = headers.get("idempotency-key") or ticket_id
    record = {
        "pk": f"IDEMPOTENCY#{common.sha256(body['custom_id'] + '/' + idempotency_key)}",
        "sk": "IDEMPOTENCY",
        "ticket_id": ticket_id,
        "body_hash": common.sha256(repr(sorted(body.items()))),
        "expires": common.now_ms() // 1000 + DAY_S,
    }
    ticket = {
        "pk": f"TICKET#{ticket_id}",
        "sk": "TICKET",
        "id": ticket_id,
        "type": "ALIBABA",
        "status": 1,
        "state": "creating",
        "osm_id": "ALIBABA",
        "create_time": common.now_ms(),
        **{name: body.get(name) for name in MAX_CHARS},
    }
    return ticket, record


def error_of(name, value):
    if value is None and name not in REQUIRED:
        return None
    detail = None
    longest = MAX_CHARS[name]
    if not isinstance(value, str) or not 1 <= len(value) <= longest or CONTROL_CHARACTER.search(value):
        detail = f"must be a text of 1 to {longest} characters"
    elif name.endswith("_id") and not common.ID.fullmatch(value):
        detail = "must consist of letters, digits and ._~-"
    elif name == "email" and not EMAIL.fullmatch(value):
        detail = "must be an e-mail address"
    return detail and {"pointer": f"/{name}", "detail": detail}


def read_references(ticket, record):
    """The account and the record of an earlier request with the same key, in one round trip with the catalog."""
    catalog = "CATALOG#ALIBABA"
    wanted = [
        key(f"ACCOUNT#{ticket['custom_id']}", "ACCOUNT"),
        key(catalog, f"PRODUCT#{ticket['product_id']}"),
        key(catalog, f"TYPE#{ticket['product_id']}#{ticket['product_business_id']}"),
        key(record["pk"], record["sk"]),
    ]
    request = {TABLE: {"Keys": wanted, "ConsistentRead": True}}
    items = dynamodb.batch_get_item(RequestItems=request)["Responses"][TABLE]
    found = {(item["pk"]["S"], item["sk"]["S"]): common.from_item(item) for item in items}
    account, product, problem_type, earlier = (found.get((w["pk"]["S"], w["sk"]["S"])) for w in wanted)
    if not account:
        raise Problem(404, "unknown_account", "There is no such account.")
    if any(not entry or entry.get("removed") for entry in (product, problem_type)):
        raise Problem(422, "unknown_problem_type", "The product or its problem type is not in the catalog.")
    return account, earlier


def replay(earlier, record):
    if earlier["body_hash"] != record["body_hash"]:
        raise Problem(422, "idempotency_key_reused", "The key was used with another body.")
    stored = common.read_item(f"TICKET#{earlier['ticket_id']}", "TICKET", consistent=True)
    return response(201, public(stored), {"idempotency-replayed": "true"})


def store_intent(ticket, record):
    condition = {"ConditionExpression": "attribute_not_exists(pk)"}
    puts = [{"Put": {"TableName": TABLE, "Item": common.to_item(item), **condition}} for item in (ticket, record)]
    try:
        dynamodb.transact_write_items(TransactItems=puts)
    except ClientError as error:
        if error.response["Error"]["Code"] == "TransactionCanceledException":
            raise Problem(409, "still_running", "A request with this key is still running.") from None
        raise


def send(ticket, account, record):
    request = models.CreateTicketRequest(
        category_id=ticket["product_business_id"],
        title=ticket["name"],
        severity=1,
        email=ticket["email"],
        description=f"{ticket['description']}\n\nref {ticket['id']}",
    )
    try:
        body = common.client_of(account).create_ticket(request).body
        refusal = None if body.success is True and body.data else common.refused(body.code, body.request_id)
    except ClientException as error:
        refusal = common.refused(error.code, error.request_id)
    except Exception:
        # No definite response: the vendor may have the ticket.
        update(ticket, "unknown", None)
        return response(202, public({**ticket, "state": "unknown"}))
    if refusal:
        keys = [key(item["pk"], item["sk"]) for item in (ticket, record)]
        dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": TABLE, "Key": each}} for each in keys])
        raise refusal
    update(ticket, "open", body.data)
    return response(201, public({**ticket, "state": "open", "cloud_id": body.data}))


def update(ticket, state, cloud_id):
    values, expression = {":state": {"S": state}}, "SET #state = :state"
    if cloud_id:
        values[":cloud_id"], expression = {"S": cloud_id}, f"{expression}, cloud_id = :cloud_id"
    dynamodb.update_item(
        TableName=TABLE,
        Key=key(ticket["pk"], ticket["sk"]),
        UpdateExpression=expression,
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues=values,
        ConditionExpression="attribute_exists(pk)",
    )


def public(ticket):
    return {name: value for name, value in ticket.items() if name not in ("pk", "sk") and value is not None}

"""POST /tickets/{id}/close: archives the conversation, closes at Alibaba Cloud, reads once more, and commits."""

import hashlib

import common
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_workorder20210610 import models
from common import TABLE, Problem, dynamodb, key, response

# The status of a closed ticket at Alibaba Cloud, and the role of its support.
CLOSED = "6"
CUSTOMER_ROLE = 3


@common.answers_problems
def handler(event):
    ticket = load((event.get("pathParameters") or {}).get("id", ""))
    if ticket["state"] == "closed":
        return result(ticket)
    if ticket["state"] not in ("open", "closing"):
        raise Problem(409, "wrong_state", f"The ticket is {ticket['state']}.")
    account = common.read_item(f"ACCOUNT#{ticket['custom_id']}", "ACCOUNT")
    if not account:
        raise Problem(404, "unknown_account", "There is no such account.")
    client = common.client_of(account)
    update(ticket, {"state": "closing"})
    stored = archive(ticket, client, {})
    close_at_vendor(ticket, client)
    stored = archive(ticket, client, stored)
    return result(commit(ticket, stored))


def load(ticket_id):
    if not common.ID.fullmatch(ticket_id):
        raise Problem(400, "invalid_input", "This is not a ticket id.")
    ticket = common.read_item(f"TICKET#{ticket_id}", "TICKET", consistent=True)
    if not ticket:
        raise Problem(404, "unknown_ticket", "There is no such ticket.")
    return ticket


def update(ticket, changed):
    dynamodb.update_item(
        TableName=TABLE,
        Key=key(ticket["pk"], "TICKET"),
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changed),
        ExpressionAttributeNames={f"#{name}": name for name in changed},
        ExpressionAttributeValues={f":{name}": value for name, value in common.to_item(changed).items()},
        ConditionExpression="attribute_exists(pk)",
    )


def archive(ticket, client, stored):
    """Reads the whole conversation and stores what is not stored yet. Returns every message by its sort key."""
    request = models.ListTicketNotesRequest(ticket_id=ticket["cloud_id"])
    notes = common.succeeded(client.list_ticket_notes(request).body).data or []
    messages = dict(message_of(ticket, note) for note in notes)
    fresh = [message for sort_key, message in messages.items() if sort_key not in stored]
    common.write_batches([{"PutRequest": {"Item": common.to_item(message)}} for message in fresh])
    return {**stored, **messages}


def message_of(ticket, note):
    """A message and its sort key."""
    sort_key = f"MESSAGE#{note.create_time:013d}#{note.dialog_id:019d}"
    message = {
        "pk": ticket["pk"],
        "sk": sort_key,
        "id": str(note.dialog_id),
        "case_id": ticket["cloud_id"],
        "message_id": str(note.dialog_id),
        "type": 0 if note.user.role == CUSTOMER_ROLE else 1,
        "replier_name": note.user.name,
        "content": note.dialog.content,
        "create_time": note.create_time,
    }
    return sort_key, message


def close_at_vendor(ticket, client):
    shown = client.get_ticket(models.GetTicketRequest(ticket_id=ticket["cloud_id"])).body
    if shown.success and shown.data.status.value == CLOSED:
        return
    try:
        common.succeeded(client.close_ticket(models.CloseTicketRequest(ticket_id=ticket["cloud_id"])).body)
    except ClientException as error:
        raise common.refused(error.code, error.request_id) from None


def commit(ticket, stored):
    digest = hashlib.sha256()
    for sort_key in sorted(stored):
        digest.update(f"{sort_key}\n{stored[sort_key]['content']}\n".encode())
    changed = {"state": "closed", "status": 0, "message_count": len(stored), "digest": digest.hexdigest()}
    update(ticket, changed)
    return {**ticket, **changed}


def result(ticket):
    return response(200, {name: value for name, value in ticket.items() if name not in ("pk", "sk")})

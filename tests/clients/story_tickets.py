"""The tickets of the story: created, followed, answered, closed and verified, at each vendor that has tickets."""

import datetime
import time
import uuid

from client import is_absent, type_of, value

NAME = "云服务器无法远程连接"
DESCRIPTION = "重启之后 SSH 一直超时 🙏"
ANSWER = "您好，我们已收到您的问题，正在排查 🔍"
REPLY = "谢谢，已恢复 👍"
UNKNOWN = "01M85FAYVJDY208FVDFS3HJA8N"


def tell(world):
    """Opens and closes tickets. Gives the id of one that stays open."""
    refuse_wrong_ones(world)
    for vendor in ("ALIBABA", "HUAWEI"):
        ticket = create(world, vendor)
        follow(world, vendor, ticket)
        close(world, ticket)
        count(world, vendor)
    return create(world, "ALIBABA").id


def choice(world, vendor):
    """The fields of a ticket that the catalog allows."""
    types = world.client.list_product_types(vendor, limit=100).data.items
    # A fault needs a region.
    entry = next(entry for entry in types if value(entry.case_kind) != "fault")
    return {
        "custom_id": world.accounts[vendor],
        "product_id": entry.product_id,
        "product_business_id": entry.id,
        "name": NAME,
        "description": DESCRIPTION,
        "email": "ops@example.com",
    }


def refuse_wrong_ones(world):
    client = world.client
    fields = choice(world, "ALIBABA")
    problem = world.refused(
        400, "invalid_fields", client.create_wrong_ticket, str(uuid.uuid4()), fields | {"name": "", "email": "none"}
    )
    assert {error.pointer for error in problem.errors} == {"/name", "/email"}
    world.refused(400, "product_not_found", client.create_ticket, str(uuid.uuid4()), fields | {"product_id": "none"})
    world.refused(400, "account_not_found", client.create_ticket, str(uuid.uuid4()), fields | {"custom_id": UNKNOWN})
    world.refused(404, "ticket_not_found", client.get_ticket, UNKNOWN)
    world.refused(404, "ticket_not_found", client.close_ticket, UNKNOWN)
    world.refused(404, "ticket_not_found", client.list_messages, UNKNOWN)
    world.refused(404, "ticket_not_found", client.resolve_ticket, UNKNOWN)


def create(world, vendor):
    client, fields, key = world.client, choice(world, vendor), str(uuid.uuid4())
    since = int(time.time() * 1000) - 60_000
    answer = client.create_ticket(key, fields)
    ticket = answer.data
    assert answer.status == 201 and not answer.replayed
    assert (value(ticket.state), value(ticket.status), value(ticket.severity)) == ("open", 1, "normal")
    assert ticket.cloud_id and ticket.name == NAME and ticket.email == "ops@example.com"
    assert answer.headers["location"] == f"/tickets/{ticket.id}"
    again = client.create_ticket(key, fields)
    assert again.replayed and again.data.id == ticket.id
    world.refused(422, "idempotency_key_reused", client.create_ticket, key, fields | {"name": "another"})
    assert client.get_ticket(ticket.id).data.description == DESCRIPTION
    page = client.list_tickets(world.accounts[vendor], vendor, 1, "open", since, since + 3_600_000).data
    assert ticket.id in [one.id for one in page.items]
    assert not client.list_tickets(world.accounts[vendor], vendor, 0, "closed", 0, since).data.items
    return ticket


def find(messages, content):
    return next((message for message in messages if message.content == content), None)


def wait_for(find):
    """What `find` gives: a conversation that was copied a moment ago is not copied again for ten seconds."""
    for _ in range(60):
        if found := find():
            return found
        time.sleep(0.25)
    raise AssertionError("not seen within 15 seconds")


def follow(world, vendor, ticket):
    client, key = world.client, str(uuid.uuid4())
    world.simulate(vendor, "reply", {"ticket": ticket.cloud_id, "content": ANSWER})
    message = wait_for(lambda: find(client.list_messages(ticket.id, refresh=True).data.items, ANSWER))
    assert (type_of(message), message.case_id) == (1, ticket.cloud_id)
    answer = client.reply_ticket(key, ticket.id, REPLY)
    reply = answer.data
    assert (answer.status, value(reply.state), reply.content) == (201, "sent", REPLY)
    again = client.reply_ticket(key, ticket.id, REPLY)
    assert again.replayed and again.data.id == reply.id
    deny(world, vendor, ticket)
    world.refused(404, "ticket_not_found", client.reply_ticket, str(uuid.uuid4()), UNKNOWN, REPLY)
    resolve(world, ticket, reply)


def resolve(world, ticket, reply):
    """Nothing is left to decide, so only the decision that agrees with the known outcome succeeds."""
    client = world.client
    answer = client.resolve_ticket(ticket.id, ticket.cloud_id)
    assert (answer.status, answer.data.id, value(answer.data.state)) == (200, ticket.id, "open")
    world.refused(409, "ticket_not_indeterminate", client.resolve_ticket, ticket.id)
    # Huawei Cloud gives a message no id when it accepts it.
    if not is_absent(reply.message_id):
        answer = client.resolve_reply(ticket.id, reply.id, reply.message_id)
        assert (answer.status, answer.data.id, value(answer.data.state)) == (200, reply.id, "sent")
    world.refused(409, "reply_not_indeterminate", client.resolve_reply, ticket.id, reply.id)
    world.refused(404, "reply_not_found", client.resolve_reply, ticket.id, UNKNOWN)


def deny(world, vendor, ticket):
    """The vendor lets the keys do nothing: a status that the API's gateway answers too, with another body."""
    operation, code = {"ALIBABA": ("ReplyTicket", "NoPermission"), "HUAWEI": ("CreateMessages", "OSM.0003")}[vendor]
    fault = {"operation": operation, "times": 1, "fault": "refuse", "code": code, "message": "denied"}
    world.simulate(vendor, "faults", fault)
    problem = world.refused(
        403, "vendor_permission_denied", world.client.reply_ticket, str(uuid.uuid4()), ticket.id, "再试一次"
    )
    assert problem.vendor.code == code


def close(world, ticket):
    client = world.client
    world.refused(409, "ticket_not_closed", client.verify_archive, ticket.id)
    answer = client.close_ticket(ticket.id)
    closed = answer.data
    assert (answer.status, value(closed.state), value(closed.status)) == (200, "closed", 0)
    assert closed.message_count == closed.shown_count and len(closed.digest) == 64
    assert client.close_ticket(ticket.id).data.close_time == closed.close_time
    archived = client.list_messages(ticket.id, limit=1).data
    rest = client.list_messages(ticket.id, limit=100, cursor=archived.next_cursor).data
    texts = [message.content for message in [*archived.items, *rest.items]]
    assert len(texts) == closed.message_count and [text for text in texts if text in (ANSWER, REPLY)] == [ANSWER, REPLY]
    assert is_absent(rest.pending_replies)
    world.refused(409, "ticket_not_open", client.reply_ticket, str(uuid.uuid4()), ticket.id, REPLY)
    verification = client.verify_archive(ticket.id).data
    assert verification.verified is True
    assert verification.stored_message_count == verification.message_count == closed.message_count
    assert verification.stored_digest == verification.digest == closed.digest


def count(world, vendor):
    """The statistics follow the changes after some seconds."""
    client, account = world.client, world.accounts[vendor]
    today = datetime.datetime.now(datetime.UTC).date()
    yesterday = str(today - datetime.timedelta(days=1))
    world.refused(400, "invalid_fields", client.get_statistics, str(today), yesterday, account, vendor)
    for _ in range(300):
        statistics = client.get_statistics(yesterday, str(today), account, vendor).data
        closed = [one for one in statistics.vendors if one.closed]
        if closed:
            break
        time.sleep(0.1)
    [of_vendor] = closed
    assert type_of(of_vendor) == vendor and of_vendor.opened >= of_vendor.closed
    assert of_vendor.resolution.count == of_vendor.closed and of_vendor.resolution.median_ms >= 0
    assert {day.day for day in statistics.days} <= {yesterday, str(today)}

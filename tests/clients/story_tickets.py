"""The tickets of the story: created, followed, answered, closed and verified, at each vendor that has tickets."""

import datetime
import time
import urllib.request
import uuid

from client import is_absent, type_of, value

NAME = "云服务器无法远程连接"
DESCRIPTION = "重启之后 SSH 一直超时 🙏"
ANSWER = "您好，我们已收到您的问题，正在排查 🔍"
REPLY = "谢谢，已恢复 👍"
REOPENING = "问题又出现了 🙏"
MISTAKE = "发错了，请忽略"
UNKNOWN = "01M85FAYVJDY208FVDFS3HJA8N"


def tell(world):
    """Opens and closes tickets. Gives the id of one that stays open."""
    refuse_wrong_ones(world)
    check_form(world)
    for vendor in ("ALIBABA", "HUAWEI"):
        ticket = create(world, vendor)
        follow(world, vendor, ticket)
        urge(world, vendor, ticket)
        close(world, ticket)
        count(world, vendor)
        audit(world, vendor)
    # It stays open: a close waits until the file is copied.
    send_file(world, create(world, "HUAWEI"))
    withdraw(world, create(world, "HUAWEI"))
    return create(world, "ALIBABA").id


def choice(world, vendor, place=0):
    """The fields of a ticket that the catalog allows, with the problem type at that place."""
    types = world.client.list_product_types(vendor, limit=100).data.items
    # A fault needs a region.
    entry = [entry for entry in types if value(entry.case_kind) != "fault"][place]
    return {
        "custom_id": world.accounts[vendor],
        "product_id": entry.product_id,
        "product_business_id": entry.id,
        "name": NAME,
        "description": DESCRIPTION,
        "email": "ops@example.com",
    }


def check_form(world):
    """A problem type that demands a field of its own: shown by its form, refused without it, and created with it."""
    # Not that of the other tickets: its form is used for a while.
    client, fields = world.client, choice(world, "HUAWEI", 1)
    product, problem_type = fields["product_id"], fields["product_business_id"]
    row = {"param_key": "instance", "param_name": "实例ID", "required": 1, "length": 64}
    world.simulate("HUAWEI", "settings", {"extends_params": {problem_type: [row]}})
    form = client.get_form("HUAWEI", product, problem_type).data
    assert form["properties"]["extra"]["required"] == ["instance"]
    problem = world.refused(400, "form_mismatch", client.create_ticket, str(uuid.uuid4()), fields)
    assert [error.pointer for error in problem.errors] == ["/extra/instance"]
    key, fields = str(uuid.uuid4()), fields | {"extra": {"instance": "ecs-1"}, "cc": ["ops@example.com"]}
    valid = client.create_ticket(key, fields, validate_only=True)
    assert (valid.status, value(valid.data.state)) == (200, "creating")
    created = client.create_ticket(key, fields)
    assert (created.status, created.replayed, created.data.cc) == (201, False, ["ops@example.com"])
    client.close_ticket(created.data.id)


def refuse_wrong_ones(world):
    client = world.client
    fields = choice(world, "ALIBABA")
    problem = world.refused(
        400, "invalid_fields", client.create_wrong_ticket, str(uuid.uuid4()), fields | {"name": "", "email": "none"}
    )
    assert {error.pointer for error in problem.errors} == {"/name", "/email"}
    world.refused(400, "product_not_found", client.create_ticket, str(uuid.uuid4()), fields | {"product_id": "none"})
    world.refused(400, "account_not_found", client.create_ticket, str(uuid.uuid4()), fields | {"custom_id": UNKNOWN})
    secret = fields | {"description": "password=Tr0ub4dor&3", "allow_secrets": False}
    problem = world.refused(400, "secret_in_text", client.create_ticket, str(uuid.uuid4()), secret)
    assert [error.pointer for error in problem.errors] == ["/description"]
    secret = choice(world, "HUAWEI") | {"secret_info": "root: hunter22"}
    world.refused(400, "secret_info_not_supported", client.create_ticket, str(uuid.uuid4()), secret)
    world.refused(404, "ticket_not_found", client.get_ticket, UNKNOWN)
    world.refused(404, "ticket_not_found", client.close_ticket, UNKNOWN)
    world.refused(404, "ticket_not_found", client.list_messages, UNKNOWN)
    world.refused(404, "ticket_not_found", client.resolve_ticket, UNKNOWN)


def create(world, vendor):
    client, fields, key = world.client, choice(world, vendor), str(uuid.uuid4())
    if vendor == "ALIBABA":
        fields["secret_info"] = "root: hunter22"
    since = int(time.time() * 1000) - 60_000
    answer = client.create_ticket(key, fields)
    ticket = answer.data
    assert answer.status == 201 and not answer.replayed and is_absent(ticket.warnings)
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


def send_file(world, ticket):
    client, content = world.client, "第一行\n".encode()
    answer = client.create_attachment({"name": "日志 1.log", "size": len(content), "type": "text/plain"})
    assert answer.status == 201
    put = urllib.request.Request(answer.data.upload_url, content, {"Content-Type": "text/plain"}, method="PUT")
    with urllib.request.urlopen(put) as stored:
        assert stored.status == 200
    reply = client.reply_ticket(str(uuid.uuid4()), ticket.id, "请看附件", [answer.data.id])
    assert (reply.status, value(reply.data.state)) == (201, "sent")
    world.refused(400, "upload_not_found", client.reply_ticket, str(uuid.uuid4()), ticket.id, "请看附件", [UNKNOWN])


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


def urge(world, vendor, ticket):
    client, key = world.client, str(uuid.uuid4())
    if vendor == "ALIBABA":
        world.refused(422, "capability_not_supported", client.urge_ticket, key, ticket.id)
        return
    answer = client.urge_ticket(key, ticket.id)
    assert (answer.status, value(answer.data.state), answer.data.ticket_id) == (200, "done", ticket.id)
    assert client.urge_ticket(key, ticket.id).replayed
    world.refused(409, "urged_too_often", client.urge_ticket, str(uuid.uuid4()), ticket.id)
    assert client.get_ticket(ticket.id).data.urge_time == answer.data.time


def withdraw(world, ticket):
    client, key = world.client, str(uuid.uuid4())
    assert client.reply_ticket(str(uuid.uuid4()), ticket.id, MISTAKE).status == 201
    message = wait_for(lambda: find(client.list_messages(ticket.id, refresh=True).data.items, MISTAKE))
    answer = client.withdraw_message(key, ticket.id, message.message_id)
    assert (answer.status, value(answer.data.state), answer.data.ticket_id) == (200, "done", ticket.id)
    assert client.withdraw_message(key, ticket.id, message.message_id).replayed
    again = (client.withdraw_message, str(uuid.uuid4()), ticket.id)
    world.refused(409, "message_not_withdrawable", *again, message.message_id)
    world.refused(404, "message_not_found", *again, UNKNOWN)
    assert find(client.list_messages(ticket.id).data.items, MISTAKE).withdrawn_time == answer.data.time
    assert client.get_ticket(ticket.id).data.withdrawals[0].message_id == message.message_id


def rate(world, ticket):
    client, key = world.client, str(uuid.uuid4())
    answer = client.rate_ticket(key, ticket.id, True, 5, "谢谢 👍")
    assert (answer.status, value(answer.data.state)) == (200, "done")
    assert client.rate_ticket(key, ticket.id, True, 5, "谢谢 👍").replayed
    rating = client.get_ticket(ticket.id).data.rating
    assert (rating.solved, rating.score, rating.comment, rating.time) == (True, 5, "谢谢 👍", answer.data.time)


def reopen(world, ticket):
    client, key = world.client, str(uuid.uuid4())
    before = client.get_ticket(ticket.id).data
    if type_of(ticket) == "HUAWEI":
        world.refused(422, "capability_not_supported", client.reopen_ticket, key, ticket.id, REOPENING)
        return
    answer = client.reopen_ticket(key, ticket.id, REOPENING)
    assert (answer.status, value(answer.data.state), answer.data.reopening) == (201, "sent", True)
    assert client.reopen_ticket(key, ticket.id, REOPENING).replayed
    world.refused(409, "ticket_not_closed", client.reopen_ticket, str(uuid.uuid4()), ticket.id, REOPENING)
    ticket = client.get_ticket(ticket.id).data
    [closing] = ticket.closings
    assert (value(ticket.state), closing.digest, closing.close_time) == ("open", before.digest, before.close_time)
    closed = client.close_ticket(ticket.id).data
    assert [closing.digest for closing in closed.closings] == [before.digest, closed.digest]
    assert closed.message_count == before.message_count + 1


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
    world.refused(409, "ticket_not_closed", client.get_transcript, ticket.id)
    world.refused(409, "ticket_not_closed", client.rate_ticket, str(uuid.uuid4()), ticket.id, True, 5)
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
    world.refused(404, "attachment_not_found", client.get_attachment, ticket.id, UNKNOWN)
    verification = client.verify_archive(ticket.id).data
    assert verification.verified is True
    assert verification.stored_message_count == verification.message_count == closed.message_count
    assert verification.stored_digest == verification.digest == closed.digest
    reopen(world, ticket)
    rate(world, ticket)
    erase(world, ticket)


def erase(world, ticket):
    client = world.client
    tag = client.get_ticket(ticket.id).headers["etag"]
    assert client.hold_ticket(ticket.id, "audit", tag).data.hold.reason == "audit"
    world.refused(412, "precondition_failed", client.hold_ticket, ticket.id, "another", tag)
    world.refused(409, "ticket_on_hold", client.erase_ticket, ticket.id, "request")
    assert is_absent(client.end_hold(ticket.id).data.hold)
    erased = client.erase_ticket(ticket.id, "request").data
    assert (erased.name, erased.erased.reason, value(erased.erased.state)) == ("", "request", "pending")
    world.refused(410, "ticket_erased", client.verify_archive, ticket.id)


def audit(world, vendor):
    """Each write has its record, also one that was refused."""
    client, account = world.client, world.accounts[vendor]
    records = client.list_audit_records(custom_id=account, limit=100).data.items
    assert {"POST /tickets", "POST /tickets/{id}/close"} <= {record.route for record in records}
    assert all(record.custom_id == account for record in records)
    first = records[0]
    of_ticket = client.list_audit_records(ticket_id=first.ticket_id, limit=100).data.items
    assert first.id in {record.id for record in of_ticket}
    world.refused(400, "invalid_fields", client.list_audit_records, ticket_id="a/b")


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

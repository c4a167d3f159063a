"""A ticket and a reply that the vendor cut, and whose answers were lost: a person decides which they are."""

import pytest

from harness.story import TEXT_CANARY, ticket_body

OPERATIONS = {"ALIBABA": ("CreateTicket", "ReplyTicket"), "HUAWEI": ("CreateCases", "CreateMessages")}
CUT = {"fault": "rewrite", "rewrite": "cut", "chars": 6}


@pytest.fixture(scope="module")
def lost(world, accounts, refresh):
    """At each vendor a ticket, and a reply to another ticket: both cut by the vendor, their answers lost."""
    return {vendor: lose(world, accounts[vendor], *operations) for vendor, operations in OPERATIONS.items()}


def lose(world, account, create, reply):
    vendor = account["type"]
    api, simulator = world.api, world.vendors[vendor]
    answered = api.post("/tickets", ticket_body(world, account), key=f"answered-{vendor}").expect(201)
    lose_next(simulator, create)
    ticket = api.post("/tickets", ticket_body(world, account), key=f"cut-{vendor}").expect(202)
    lose_next(simulator, reply)
    body = {"content": f"磁盘也满了，请一并处理 {TEXT_CANARY}"}
    message = api.post(f"/tickets/{answered['id']}/messages", body, key=f"cut-reply-{vendor}").expect(202)
    return ticket, answered, message


def lose_next(simulator, operation):
    rule = {"operation": operation, "times": 1}
    simulator.script("POST", "faults", [rule | CUT, rule | {"fault": "cut_after"}])


@pytest.mark.parametrize("vendor", OPERATIONS)
def test_a_person_resolves_a_ticket(world, lost, vendor):
    ticket, _, _ = lost[vendor]
    path = f"/tickets/{ticket['id']}"
    world.bus.wait_for("TicketUpdated", lambda detail: is_indeterminate(detail, ticket))
    [candidate] = world.api.get(path).expect(200)["candidates"]
    resolved = world.api.post(f"{path}/resolution", {"cloud_id": candidate["vendor_id"]}).expect(200)
    assert (resolved["state"], resolved["cloud_id"]) == ("open", candidate["vendor_id"])
    assert world.api.get(path).expect(200)["state"] == "open"


def test_support_is_urged(world, lost):
    _, ticket, _ = lost["HUAWEI"]
    path = f"/tickets/{ticket['id']}"
    urged = world.api.post(f"{path}/urge", key="urge").expect(200)
    assert urged["state"] == "done"
    assert world.api.get(path).expect(200)["urge_time"] == urged["time"]


def test_a_message_is_withdrawn(world, accounts, lost):
    account, mistake = accounts["HUAWEI"], f"sent by mistake {TEXT_CANARY}"
    ticket = world.api.post("/tickets", ticket_body(world, account), key="withdraw-ticket").expect(201)
    path = f"/tickets/{ticket['id']}"
    world.api.post(f"{path}/messages", {"content": mistake}, key="withdraw-reply").expect(201)
    messages = world.api.get(f"{path}/messages?refresh=true").expect(200)["items"]
    [message] = [message for message in messages if message["content"] == mistake]
    withdrawn = world.api.call("DELETE", f"{path}/messages/{message['message_id']}", key="withdraw").expect(200)
    assert withdrawn["state"] == "done"
    [message] = [one for one in world.api.get(f"{path}/messages").expect(200)["items"] if one["content"] == mistake]
    assert message["withdrawn_time"] == withdrawn["time"]


@pytest.mark.parametrize("vendor", OPERATIONS)
def test_a_person_resolves_a_reply(world, lost, vendor):
    _, ticket, reply = lost[vendor]
    messages = f"/tickets/{ticket['id']}/messages"
    world.bus.wait_for("TicketUpdated", lambda detail: is_indeterminate(detail.get("reply"), reply))
    [pending] = world.api.get(messages).expect(200)["pending_replies"]
    assert pending["id"] == reply["id"]
    [candidate] = pending["candidates"]
    path = f"/tickets/{ticket['id']}/replies/{reply['id']}/resolution"
    resolved = world.api.post(path, {"message_id": candidate["vendor_id"]}).expect(200)
    assert (resolved["state"], resolved["message_id"]) == ("sent", candidate["vendor_id"])
    assert "pending_replies" not in world.api.get(messages).expect(200)


def is_indeterminate(change, lost):
    """Whether an event's change says that the lost ticket or reply is indeterminate."""
    is_its = bool(change) and change.get("id", change.get("ticket_id")) == lost["id"]
    return is_its and change["state"] == "indeterminate"

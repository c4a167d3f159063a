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
    return bool(change) and change.get("id", change.get("ticket_id")) == lost["id"] and change["state"] == "indeterminate"

"""A create that the vendor takes and never answers: the scheduled sync finds the ticket, and there is only one."""

import pytest

from harness.logs import objects
from harness.story import wanted_ticket

CREATE = {"ALIBABA": "CreateTicket", "HUAWEI": "CreateCases"}


@pytest.fixture(scope="module")
def lost(world, accounts, refresh):
    """A create at each vendor whose answer is lost: vendor to the wanted ticket, the answer, and the ids before it."""
    return {vendor: lose(world, accounts[vendor]) for vendor in CREATE}


def lose(world, account):
    vendor = account["type"]
    simulator = world.vendors[vendor]
    wanted = wanted_ticket(world, account)
    before = {ticket["id"] for ticket in simulator.tickets()}
    simulator.script("POST", "faults", {"operation": CREATE[vendor], "times": 1, "fault": "accept_then_hang"})
    unknown = world.desk.post("/tickets", wanted, key=f"lost-{vendor}").expect(202)
    assert unknown["state"] == "unknown"
    return wanted, unknown, before


@pytest.mark.parametrize("vendor", CREATE)
def test_a_timed_out_create_is_found_by_the_scheduled_sync(world, lost, vendor):
    desk, simulator = world.desk, world.vendors[vendor]
    wanted, unknown, before = lost[vendor]
    found = world.bus.wait_for("TicketCreated", lambda detail: detail["ticket_id"] == unknown["id"])["detail"]
    ticket = desk.get(f"/tickets/{unknown['id']}").expect(200)
    assert (ticket["state"], ticket["cloud_id"]) == ("open", found["cloud_id"])
    assert {known["id"] for known in simulator.tickets()} - before == {ticket["cloud_id"]}
    assert world.bus.of_ticket(ticket["id"]) == ["TicketUpdated unknown", "TicketCreated open"]
    # Nobody but the sync looked for it: it says so.
    settled = [line["settled"] for line in objects(world.logs.of("sync-tickets")) if "settled" in line]
    assert sum(settled) >= 1

    # The same request again is answered with the same ticket, and makes no other.
    assert desk.post("/tickets", wanted, key=f"lost-{vendor}").expect(201)["id"] == ticket["id"]
    assert len(simulator.tickets()) == len(before) + 1

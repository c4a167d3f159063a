"""A create that the vendor executes but does not answer: the scheduled sync finds the ticket; there is only one."""

import pytest

from harness.logs import objects
from harness.story import ticket_body

CREATE = {"ALIBABA": "CreateTicket", "HUAWEI": "CreateCases"}


@pytest.fixture(scope="module")
def lost(world, accounts, refresh):
    """A create with a lost answer at each vendor: vendor to the body, our response, and the ids before it."""
    return {vendor: lose(world, accounts[vendor]) for vendor in CREATE}


def lose(world, account):
    vendor = account["type"]
    simulator = world.vendors[vendor]
    body = ticket_body(world, account)
    before = {ticket["id"] for ticket in simulator.tickets()}
    simulator.script("POST", "faults", {"operation": CREATE[vendor], "times": 1, "fault": "accept_then_hang"})
    unknown = world.api.post("/tickets", body, key=f"lost-{vendor}").expect(202)
    assert unknown["state"] == "unknown"
    return body, unknown, before


@pytest.mark.parametrize("vendor", CREATE)
def test_a_timed_out_create_is_found_by_the_scheduled_sync(world, lost, vendor):
    api, simulator = world.api, world.vendors[vendor]
    body, unknown, before = lost[vendor]
    found = world.bus.wait_for("TicketCreated", lambda detail: detail["ticket_id"] == unknown["id"])["detail"]
    ticket = api.get(f"/tickets/{unknown['id']}").expect(200)
    assert (ticket["state"], ticket["cloud_id"]) == ("open", found["cloud_id"])
    assert {known["id"] for known in simulator.tickets()} - before == {ticket["cloud_id"]}
    assert world.bus.of_ticket(ticket["id"]) == ["TicketUpdated unknown", "TicketCreated open"]
    # The sync reconciled it, by its log.
    reconciled = [line["reconciled"] for line in objects(world.logs.of("sync-tickets")) if "reconciled" in line]
    assert sum(reconciled) >= 1

    # The same request again returns the same ticket and creates no other.
    assert api.post("/tickets", body, key=f"lost-{vendor}").expect(201)["id"] == ticket["id"]
    assert len(simulator.tickets()) == len(before) + 1

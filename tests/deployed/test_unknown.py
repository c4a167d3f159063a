"""A create that the vendor takes and never answers: the scheduled sync finds the ticket, and there is only one."""

import pytest

from harness.story import wanted_ticket

CREATE = {"ALIBABA": "CreateTicket", "HUAWEI": "CreateCases"}


@pytest.mark.parametrize("vendor", CREATE)
def test_a_timed_out_create_is_found_by_the_scheduled_sync(world, accounts, refresh, vendor):
    desk, simulator = world.desk, world.vendors[vendor]
    wanted = wanted_ticket(world, accounts[vendor])
    before = {ticket["id"] for ticket in simulator.tickets()}
    simulator.script("POST", "faults", {"operation": CREATE[vendor], "times": 1, "fault": "accept_then_hang"})

    unknown = desk.post("/tickets", wanted, key=f"lost-{vendor}").expect(202)
    assert unknown["state"] == "unknown"

    syncs = world.logs.runs_of("sync-tickets")
    found = world.bus.wait_for("TicketCreated", lambda detail: detail["ticket_id"] == unknown["id"])["detail"]
    assert world.logs.runs_of("sync-tickets") > syncs
    ticket = desk.get(f"/tickets/{unknown['id']}").expect(200)
    assert (ticket["state"], ticket["cloud_id"]) == ("open", found["cloud_id"])
    assert {known["id"] for known in simulator.tickets()} - before == {ticket["cloud_id"]}
    assert world.bus.of_ticket(ticket["id"]) == ["TicketUpdated unknown", "TicketCreated open"]

    # The same request again is answered with the same ticket, and makes no other.
    assert desk.post("/tickets", wanted, key=f"lost-{vendor}").expect(201)["id"] == ticket["id"]
    assert len(simulator.tickets()) == len(before) + 1

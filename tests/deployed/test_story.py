"""The story of a customer over the API: accounts, catalog, and one ticket at each vendor from create to archive."""

import datetime
import json
import time

import pytest

from harness.bus import WAIT_SECONDS
from harness.stack import ALIAS
from harness.story import REGIONS, TEXT_CANARY, ticket_body

SUPPORT = [f"您好，我们已收到您的问题 🔍 {TEXT_CANARY}", f"已为您重启底层网络 😊 {TEXT_CANARY}"]
REPLY = f"谢谢！已恢复 👍 {TEXT_CANARY}"
WITH_TICKETS = ["ALIBABA", "HUAWEI"]
READ = {"ALIBABA": "ListTicketNotes", "HUAWEI": "ShowCaseDetail"}


@pytest.mark.parametrize("vendor", REGIONS)
def test_an_account_is_registered_and_returned_without_its_keys(world, accounts, vendor):
    account = accounts[vendor]
    shown = world.api.get(f"/accounts/{account['id']}").expect(200)
    assert shown == account
    assert (shown["type"], shown["region_id"], shown["site"]) == (vendor, REGIONS[vendor], "china")
    assert shown["customer_id"] == f"customer-{vendor.lower()}"
    assert shown["health"]["last_check"] > 0
    assert not {"secret_id", "secret_key_secret"} & set(shown)
    assert account["id"] in [listed["id"] for listed in world.api.all("/accounts")]


def test_wrong_keys_are_refused_and_not_stored(world, accounts):
    vendor = "TENCENT"
    before = secrets_of(world)
    body = {"type": vendor, "region_id": REGIONS[vendor], "endpoint": world.vendors[vendor].url}
    wrong = world.keys[vendor][0]
    body |= {"secret_id": wrong.id, "secret_key_secret": f"{wrong.secret}-wrong"}
    assert world.api.post("/accounts", body).expect(422)["code"] == "account_keys_refused"
    assert secrets_of(world) == before


def test_keys_are_rotated(world, accounts):
    account = accounts["ALIBABA"]
    second = world.keys["ALIBABA"][1]
    body = {"secret_id": second.id, "secret_key_secret": second.secret}
    world.api.call("PUT", f"/accounts/{account['id']}/keys", body).expect(200)
    secrets = world.emulator.client("secretsmanager")
    [name] = [name for name in secrets_of(world) if name.endswith(account["id"])]
    assert second.secret in secrets.get_secret_value(SecretId=name)["SecretString"]


def test_an_account_can_be_changed(world, accounts):
    path = f"/accounts/{accounts['HUAWEI']['id']}"
    assert "adopt_since" in world.api.call("PATCH", path, {"adopt_console_tickets": True}).expect(200)
    assert "adopt_since" not in world.api.call("PATCH", path, {"adopt_console_tickets": False}).expect(200)


def test_a_refresh_by_route_fills_the_catalog(world, refresh):
    assert refresh["state"] == "complete"
    added = {vendor["type"]: vendor["added"] for vendor in refresh["vendors"]}
    assert set(added) == set(REGIONS)
    for vendor in REGIONS:
        kinds = ["products", "product-types", "sources", "regions"]
        lists = {kind: world.api.get(f"/catalog/{kind}?type={vendor}&limit=1").expect(200) for kind in kinds}
        assert lists["products"]["items"][0]["type"] == vendor
        assert added[vendor] > 100
    assert {vendor["type"] for vendor in world.api.get("/vendors").expect(200)["items"]} == set(REGIONS)


def test_the_functions_name_their_version(world):
    assert world.api.get("/version").expect(200)["version"]


def test_a_refresh_by_schedule_finds_nothing_new(world, refresh):
    # A run before the first refresh may have found no account, or an incomplete catalog.
    event = world.bus.wait_for(
        "CatalogRefreshed",
        lambda detail: detail["run_id"] != refresh["id"] and len(detail["vendors"]) == len(REGIONS)
        and all(vendor["added"] == 0 for vendor in detail["vendors"]),
    )
    run = world.api.get(f"/catalog/refreshes/{event['detail']['run_id']}").expect(200)
    assert run["state"] == "complete"
    unchanged = {vendor["type"]: vendor["unchanged"] for vendor in run["vendors"]}
    assert unchanged == {vendor["type"]: vendor["added"] for vendor in refresh["vendors"]}


@pytest.fixture(scope="module")
def open_tickets(world, accounts, refresh):
    """A ticket with messages of support at each vendor that has tickets: vendor to ticket."""
    tickets = {vendor: create(world, accounts[vendor]) for vendor in WITH_TICKETS}
    for vendor, ticket in tickets.items():
        for content in SUPPORT:
            world.vendors[vendor].support_reply(ticket["cloud_id"], content)
    return tickets


def create(world, account):
    vendor = account["type"]
    created = world.api.post("/tickets", ticket_body(world, account), key=f"create-{vendor}")
    ticket = created.expect(201)
    assert (ticket["state"], ticket["status"]) == ("open", 1)
    assert created.headers["location"] == f"/tickets/{ticket['id']}"
    return ticket


@pytest.mark.parametrize("vendor", WITH_TICKETS)
def test_a_ticket_from_create_to_archive(world, open_tickets, vendor):
    api, simulator, ticket = world.api, world.vendors[vendor], open_tickets[vendor]
    path = f"/tickets/{ticket['id']}"
    [at_vendor] = [other for other in simulator.tickets() if other["id"] == ticket["cloud_id"]]
    assert at_vendor["account"] == f"customer-{vendor.lower()}"
    # The next sync copies the conversation, with a retry after throttling, and each message of support is published.
    simulator.script("POST", "faults", {"operation": READ[vendor], "times": 1, "fault": "throttle"})
    last = world.bus.wait_for("TicketReplied", told_last(ticket))["detail"]["message_id"]
    copy = api.all(f"{path}/messages")
    assert (contents(copy)[-2:], copy[-1]["message_id"]) == (SUPPORT, last)
    assert api.get(path).expect(200)["vendor_phase"] == "awaiting_customer"

    reply = api.post(f"{path}/messages", {"content": REPLY}, key=f"reply-{vendor}").expect(201)
    assert reply["state"] == "sent"
    again = api.post(f"{path}/messages", {"content": REPLY}, key=f"reply-{vendor}")
    assert (again.expect(201), again.headers["idempotency-replayed"]) == (reply, "true")

    closed = api.post(f"{path}/close").expect(200)
    assert (closed["state"], closed["status"]) == ("closed", 0)
    simulator.support_reply(ticket["cloud_id"], f"after the close {TEXT_CANARY}")
    archive = api.all(f"{path}/messages?limit=2")
    assert contents(archive)[-3:] == [*SUPPORT, REPLY]
    assert len(archive) == closed["message_count"]
    verified = api.get(f"{path}/verification").expect(200)
    assert (verified["verified"], verified["digest"]) == (True, closed["digest"])
    assert ticket["id"] in [listed["id"] for listed in api.all(f"/tickets?type={vendor}&status=0")]

    event = world.bus.wait_for("TicketClosed", lambda detail: detail["ticket_id"] == ticket["id"])["detail"]
    assert (event["message_count"], event["digest"]) == (closed["message_count"], closed["digest"])
    created, *followed, by_us, closing, archived = world.bus.of_ticket(ticket["id"])
    assert created == "TicketCreated open"
    # The status and the messages are stored side by side.
    assert sorted(followed) == ["TicketReplied 1", "TicketReplied 1", "TicketUpdated open"]
    assert [by_us, closing, archived] == ["TicketReplied 0", "TicketUpdated closing", "TicketClosed closed"]


def test_tickets_are_counted_and_a_rebuild_comes_to_the_same(world, open_tickets):
    today = datetime.datetime.now(datetime.UTC).date()
    path = f"/statistics?from={today - datetime.timedelta(days=1)}&to={today}"
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        counted = world.api.get(path).expect(200)
        if {vendor["type"] for vendor in counted["vendors"] if vendor["closed"]} == set(WITH_TICKETS):
            break
        time.sleep(1)
    rebuilt = world.emulator.client("lambda").invoke(
        FunctionName=world.stack.functions["update-statistics"], Qualifier=ALIAS, Payload=b'{"rebuild": true}'
    )
    assert json.loads(rebuilt["Payload"].read())["state"] == "complete"
    assert world.api.get(path).expect(200) == counted
    assert {vendor["type"] for vendor in counted["vendors"]} == set(WITH_TICKETS)


def test_an_account_with_its_secret_is_removed(world, accounts):
    account = accounts["TENCENT"]
    assert world.api.call("DELETE", f"/accounts/{account['id']}").status == 204
    world.api.get(f"/accounts/{account['id']}").expect(404)
    assert not [name for name in secrets_of(world) if name.endswith(account["id"])]


def secrets_of(world):
    """The names of all secrets of the stack."""
    pages = world.emulator.client("secretsmanager").get_paginator("list_secrets").paginate()
    return sorted(secret["Name"] for page in pages for secret in page["SecretList"])


def told_last(ticket):
    """Whether an event tells of the last of the messages of support."""
    told = set()

    def is_last(detail):
        if detail["ticket_id"] == ticket["id"] and detail["message_type"] == 1:
            told.add(detail["message_id"])
        return len(told) == len(SUPPORT)

    return is_last


def contents(messages):
    return [message["content"] for message in messages]

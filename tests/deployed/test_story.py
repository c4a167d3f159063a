"""The story of a customer over the API: accounts, catalog, and one ticket at each vendor from create to archive."""

import datetime
import json
import time
import urllib.parse

import pytest
import urllib3

from harness.bus import WAIT_SECONDS
from harness.stack import ALIAS
from harness.story import REGIONS, TEXT_CANARY, ticket_body

SUPPORT = [f"您好，我们已收到您的问题 🔍 {TEXT_CANARY}", f"已为您重启底层网络 😊 {TEXT_CANARY}"]
REPLY = f"谢谢！已恢复 👍 {TEXT_CANARY}"
WITH_TICKETS = ["ALIBABA", "HUAWEI"]
READ = {"ALIBABA": "ListTicketNotes", "HUAWEI": "ShowCaseDetail"}


def transcript(api, path):
    """An event writes it, some seconds after the close."""
    end = time.monotonic() + WAIT_SECONDS
    while (answer := api.get(f"{path}/transcript?format=json")).status == 409 and time.monotonic() < end:
        assert answer.body["code"] == "transcript_pending"
        time.sleep(1)
    assert answer.status == 302, answer.text
    return urllib3.request("GET", answer.headers["location"]).json()


@pytest.mark.parametrize("vendor", REGIONS)
def test_an_account_is_registered_and_returned_without_its_keys(world, accounts, vendor):
    account = accounts[vendor]
    shown = world.api.get(f"/accounts/{account['id']}").expect(200)
    # The first refresh checks the keys, too.
    assert shown | {"health": account["health"]} == account
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


def test_an_account_shows_what_its_keys_may_do(world, accounts):
    for vendor, account in accounts.items():
        rights = world.api.get(f"/accounts/{account['id']}").expect(200)["rights"]["items"]
        states = {right["name"]: right["state"] for right in rights}
        assert states["products"] == "granted", (vendor, states)
        assert "missing" not in states.values(), (vendor, states)
        assert ("quota" in states) == (vendor == "HUAWEI")


def test_an_account_can_be_changed(world, accounts):
    path = f"/accounts/{accounts['HUAWEI']['id']}"
    assert "adopt_since" in world.api.call("PATCH", path, {"adopt_console_tickets": True}).expect(200)
    assert "adopt_since" not in world.api.call("PATCH", path, {"adopt_console_tickets": False}).expect(200)


def entries(run):
    """How many entries the catalogs of a run have: vendor to number."""
    return {vendor["type"]: vendor["added"] + vendor["unchanged"] for vendor in run["vendors"]}


def test_the_first_account_of_a_vendor_starts_a_refresh(first_refreshes):
    for vendor, run in first_refreshes.items():
        assert (run["type"], run["state"]) == (vendor, "complete")
        # The schedule may have read the catalog at the same time.
        assert entries(run)[vendor] > 100


def test_a_refresh_by_route_reads_every_catalog(world, refresh):
    assert refresh["state"] == "complete"
    assert set(entries(refresh)) == set(REGIONS)
    for vendor in REGIONS:
        kinds = ["products", "product-types", "sources", "regions"]
        lists = {kind: world.api.get(f"/catalog/{kind}?type={vendor}&limit=1").expect(200) for kind in kinds}
        assert lists["products"]["items"][0]["type"] == vendor
        assert entries(refresh)[vendor] > 100
    assert {vendor["type"] for vendor in world.api.get("/vendors").expect(200)["items"]} == set(REGIONS)


def test_changes_of_the_catalog_are_told(world, refresh):
    vendors = {vendor: world.api.all(f"/catalog/changes?kind=product&since=0&type={vendor}") for vendor in REGIONS}
    for vendor, entries in vendors.items():
        assert {entry["last_change"]["change"] for entry in entries} == {"added"}, vendor
        times = [entry["last_change"]["time"] for entry in entries]
        assert times == sorted(times)
        assert world.api.get(f"/catalog/changes?since={times[-1] + 1}&type={vendor}").expect(200) == {"items": []}


def test_a_product_is_found_by_its_name_in_the_other_language(world, refresh):
    for vendor in WITH_TICKETS:
        product = world.api.get(f"/catalog/products?limit=1&type={vendor}").expect(200)["items"][0]
        name = urllib.parse.quote(product["other_name"])
        assert product in world.api.all(f"/catalog/products?q={name}&type={vendor}")


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
    assert entries(run) == entries(refresh)


def test_a_form_names_what_a_problem_type_demands(world, accounts, refresh):
    body = ticket_body(world, accounts["HUAWEI"])
    product = body["product_id"]
    types = world.api.all(f"/catalog/product-types?type=HUAWEI&product_id={product}")
    # Not that of the other tickets: its form is used for a while.
    other = [one for one in types if one["id"] != body["product_business_id"] and one["case_kind"] != "fault"][0]["id"]
    row = {"param_key": "instance", "param_name": "实例ID", "required": 1, "is_sensitive": 0, "length": 64}
    world.vendors["HUAWEI"].script("POST", "settings", {"extends_params": {other: [row]}})
    path = f"/catalog/form?type=HUAWEI&product_id={product}&product_business_id={other}"
    form = world.api.get(path).expect(200)
    assert form["properties"]["extra"]["required"] == ["instance"]
    assert form["x-unread"] == []
    body |= {"product_business_id": other, "contact": {"phone": "13800138000"}, "cc": [f"{TEXT_CANARY}@example.com"]}
    refused = world.api.post("/tickets?validate_only=true", body, key="form").expect(400)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("form_mismatch", "/extra/instance")
    body["extra"] = {"instance": TEXT_CANARY}
    valid = world.api.post("/tickets?validate_only=true", body, key="form").expect(200)
    assert valid["extra"] == body["extra"]
    assert world.api.get(f"/tickets/{valid['id']}").status == 404


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

    upload = api.post("/attachments", {"name": "日志 1.log", "size": 5}).expect(201)
    put = urllib3.request("PUT", upload["upload_url"], body=b"12345", headers=upload["headers"])
    assert put.status == 200, put.data
    reply = api.post(f"{path}/messages", {"content": REPLY}, key=f"reply-{vendor}").expect(201)
    assert reply["state"] == "sent" and "warnings" not in reply
    refused = api.post(f"{path}/messages", {"content": "password=Tr0ub4dor&3", "allow_secrets": False}, key="secret")
    assert refused.expect(400)["errors"][0]["pointer"] == "/content"
    again = api.post(f"{path}/messages", {"content": REPLY}, key=f"reply-{vendor}")
    assert (again.expect(201), again.headers["idempotency-replayed"]) == (reply, "true")

    closed = api.post(f"{path}/close").expect(200)
    assert (closed["state"], closed["status"]) == ("closed", 0)
    simulator.support_reply(ticket["cloud_id"], f"after the close {TEXT_CANARY}")
    archive = api.all(f"{path}/messages?limit=2")
    assert contents(archive)[-3:] == [*SUPPORT, REPLY]
    assert len(archive) == closed["message_count"]
    missing = api.get(f"{path}/attachments/unknown").expect(404)
    assert missing["code"] == "attachment_not_found"
    verified = api.get(f"{path}/verification").expect(200)
    assert (verified["verified"], verified["digest"]) == (True, closed["digest"])
    assert ticket["id"] in [listed["id"] for listed in api.all(f"/tickets?type={vendor}&status=0")]
    tag = {"If-Match": api.get(path).headers["etag"]}
    held = api.call("PUT", f"{path}/hold", {"reason": "audit"}, headers=tag).expect(200)
    assert held["hold"]["reason"] == "audit"
    assert api.call("DELETE", path, headers=tag).expect(412)["code"] == "precondition_failed"
    assert api.call("DELETE", path).expect(409)["code"] == "ticket_on_hold"
    assert "hold" not in api.call("DELETE", f"{path}/hold").expect(200)

    event = world.bus.wait_for("TicketClosed", lambda detail: detail["ticket_id"] == ticket["id"])["detail"]
    assert (event["message_count"], event["digest"]) == (closed["message_count"], closed["digest"])
    document = transcript(world.api, path)
    assert document["archive"]["digest"] == closed["digest"]
    assert [message["content"] for message in document["messages"]] == contents(archive)
    created, *followed, by_us, closing, archived = world.bus.of_ticket(ticket["id"])
    assert created == "TicketCreated open"
    # The status and the messages are stored side by side.
    assert sorted(followed) == ["TicketReplied 1", "TicketReplied 1", "TicketUpdated open"]
    assert [by_us, closing, archived] == ["TicketReplied 0", "TicketUpdated closing", "TicketClosed closed"]


@pytest.mark.parametrize("vendor", WITH_TICKETS)
def test_support_is_rated(world, open_tickets, vendor):
    path = f"/tickets/{open_tickets[vendor]['id']}"
    rating = {"solved": True, "score": 5, "comment": f"谢谢 {TEXT_CANARY}"}
    rated = world.api.post(f"{path}/rating", rating, key=f"rating-{vendor}").expect(200)
    assert rated["state"] == "done"
    shown = world.api.get(path).expect(200)
    assert shown["rating"] == rating | {"time": rated["time"], "by": shown["created_by"]}


def test_a_closed_ticket_is_opened_again(world, open_tickets):
    ticket = open_tickets["ALIBABA"]
    path = f"/tickets/{ticket['id']}"
    before = world.api.get(path).expect(200)
    why = {"content": f"again {TEXT_CANARY}"}
    assert world.api.post(f"{path}/reopen", why, key="reopen").expect(201)["state"] == "sent"
    opened = world.api.get(path).expect(200)
    assert (opened["state"], opened["closings"][0]["digest"]) == ("open", before["digest"])
    closed = world.api.post(f"{path}/close").expect(200)
    assert [closing["digest"] for closing in closed["closings"]] == [before["digest"], closed["digest"]]
    world.bus.wait_for("TicketReopened", lambda detail: detail["ticket_id"] == ticket["id"])
    refused = world.api.post(f"/tickets/{open_tickets['HUAWEI']['id']}/reopen", why, key="reopen-huawei").expect(422)
    assert refused["code"] == "capability_not_supported"


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


def test_every_write_of_a_ticket_has_an_audit_record(world, open_tickets):
    for ticket in open_tickets.values():
        records = world.api.all(f"/audit?ticket_id={ticket['id']}")
        assert all(record["actor"] and record["ticket_id"] == ticket["id"] for record in records)
        done = {record["route"] for record in records if record["status"] < 300}
        assert {"POST /tickets", "POST /tickets/{id}/messages", "POST /tickets/{id}/close"} <= done
        created = next(one for one in records if one["route"] == "POST /tickets" and one["status"] == 201)
        assert created["vendor_request_id"] and created["custom_id"] == ticket["custom_id"]
        assert TEXT_CANARY not in json.dumps(records)


def test_a_closed_ticket_is_erased(world, open_tickets):
    path = f"/tickets/{world.api.all('/tickets?status=0')[0]['id']}"
    erased = world.api.call("DELETE", path).expect(200)
    assert erased["erased"]["state"] == "pending" and "description" not in erased
    for part in ("messages", "transcript", "verification", "attachments/unknown"):
        assert world.api.get(f"{path}/{part}").expect(410)["code"] == "ticket_erased"


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

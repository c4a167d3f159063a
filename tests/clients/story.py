"""The story of both Python clients: every operation, its success and its refusals, with the values of the answers.

It knows no generated call. A tour gives it a client with one method for each operation.
"""

import json
import os
import pathlib
import time
import urllib.request
import uuid

import story_tickets
from calls import Calls
from client import Refused, is_absent, type_of, value

TEXT = "重启之后 SSH 一直超时 🙏"


class World:
    """The client under test, and what the story knows so far."""

    def __init__(self, make_client):
        known = json.loads(os.environ["POLYDESK_TOUR"])
        self.headers = known["headers"]
        self.registrations = known["registrations"]
        self.calls = Calls(pathlib.Path(known["document"]), known["api"])
        key = self.headers["Authorization"].removeprefix("Bearer ")
        self.client = make_client(known["api"], key, self.calls)
        self.stranger = make_client(known["api"], "0" * len(key), self.calls)
        # The ids of the accounts by vendor.
        self.accounts = {}
        self.problems = 0

    def refused(self, status, code, call, *arguments, **parameters):
        """The problem of a call that must be refused with that code."""
        try:
            answer = call(*arguments, **parameters)
        except Refused as error:
            problem = error.data
            assert isinstance(problem, self.client.Problem), f"{type(problem).__name__} in place of {code}: {error}"
            assert (error.status, value(problem.code)) == (status, code), f"{status} {code}: {error}"
            assert problem.status == status and problem.title and problem.detail and problem.request_id, problem
            self.problems += 1
            return problem
        raise AssertionError(f"no {code}: {answer}")

    def simulate(self, vendor, what, body):
        """Controls the simulated vendor."""
        request = urllib.request.Request(
            f"{self.registrations[vendor]['endpoint']}/_simulator/{what}",
            json.dumps(body).encode(),
            self.headers,
        )
        urllib.request.urlopen(request, timeout=40).close()


def main(make_client):
    world = World(make_client)
    list_vendors(world)
    refuse_strangers(world)
    register(world)
    change_accounts(world)
    refresh(world)
    read_catalog(world)
    tickets = story_tickets.tell(world)
    rotate_keys(world)
    remove_accounts(world, tickets)
    world.calls.print_list()
    world.calls.check_complete()
    print(f"{len(world.calls.made)} calls, {world.problems} errors parsed as Problem")


def list_vendors(world):
    assert world.client.get_version().data.version
    vendors = world.client.list_vendors().data.items
    assert [type_of(vendor) for vendor in vendors] == ["ALIBABA", "HUAWEI", "TENCENT"]
    assert [vendor.tickets for vendor in vendors] == [True, True, False]
    assert vendors[1].max_text_chars > 0 and is_absent(vendors[2].max_text_chars)


def refuse_strangers(world):
    """The gateway's own answer is no problem, and is parsed too."""
    try:
        world.stranger.list_vendors()
    except Refused as error:
        assert error.status == 401 and isinstance(error.data, world.client.GatewayMessage), error
        assert error.data.message == "Unauthorized"
        return
    raise AssertionError("a caller without the key was served")


def register(world):
    client = world.client
    bodies = world.registrations
    key = str(uuid.uuid4())
    wrong = bodies["ALIBABA"] | {"secret_key_secret": "wrong"}
    problem = world.refused(422, "account_keys_refused", client.create_account, wrong)
    assert problem.vendor.code == "SignatureDoesNotMatch" and problem.vendor.request_id
    adopting = bodies["TENCENT"] | {"adopt_console_tickets": True}
    world.refused(422, "capability_not_supported", client.create_account, adopting)
    adopting["adopt_console_tickets"] = False
    for vendor, body in (bodies | {"TENCENT": adopting}).items():
        answer = client.create_account(body, key if vendor == "ALIBABA" else None)
        assert answer.status == 201 and not answer.replayed
        account = answer.data
        assert answer.headers["location"] == f"/accounts/{account.id}"
        assert value(account.site) == "china" and account.region_id == body["region_id"]
        assert account.customer_id and account.health.last_check >= account.create_time - 60_000
        assert [value(right.state) for right in account.rights.items if value(right.name) == "products"] == ["granted"]
        world.accounts[vendor] = account.id
    again = client.create_account(bodies["ALIBABA"], key)
    assert again.replayed and again.data.id == world.accounts["ALIBABA"]
    problem = world.refused(409, "account_exists", client.create_account, bodies["ALIBABA"])
    assert world.accounts["ALIBABA"] in problem.detail
    world.refused(422, "idempotency_key_reused", client.create_account, bodies["HUAWEI"], key)


def change_accounts(world):
    client = world.client
    first = client.list_accounts(limit=2).data
    second = client.list_accounts(limit=2, cursor=first.next_cursor).data
    assert [account.id for account in [*first.items, *second.items]] == list(world.accounts.values())
    assert is_absent(second.next_cursor)
    account = world.accounts["ALIBABA"]
    assert client.change_account(account, True).data.adopt_since
    assert client.get_account(account).data.adopt_since
    assert is_absent(client.change_account(account, False).data.adopt_since)
    world.refused(422, "capability_not_supported", client.change_account, world.accounts["TENCENT"], True)
    world.refused(404, "account_not_found", client.get_account, "01M85FA659RYYJC2Y4TESJTMSN")
    world.refused(404, "account_not_found", client.delete_account, "01M85FA659RYYJC2Y4TESJTMSN")


def complete_run(client, id):
    for _ in range(600):
        run = client.get_refresh(id).data
        if not is_absent(run.end_time):
            break
        time.sleep(0.1)
    assert value(run.state) == "complete", run
    return run


def refresh(world):
    client = world.client
    for vendor, account in world.accounts.items():
        [part] = complete_run(client, account).vendors
        assert type_of(part) == vendor and part.added > 0
    for vendor in (None, "HUAWEI"):
        answer = client.refresh_catalog(vendor)
        assert (answer.status, value(answer.data.state)) == (202, "pending")
        run = complete_run(client, answer.data.id)
        assert len(run.vendors) == (1 if vendor else 3)
        assert all(part.added + part.unchanged > 0 and part.failed == 0 for part in run.vendors)
    world.refused(404, "refresh_not_found", client.get_refresh, "01M85FA6AFVTS4NHK1D2A6Y8S2")


def read_catalog(world):
    client = world.client
    first = client.list_products("ALIBABA", limit=1).data
    second = client.list_products("ALIBABA", limit=1, cursor=first.next_cursor).data
    assert [value(entry.kind) for entry in [*first.items, *second.items]] == ["product", "product"]
    assert first.items[0].id != second.items[0].id
    world.refused(400, "invalid_cursor", client.list_products, "ALIBABA", cursor="rubbish")
    [found] = client.list_products("ALIBABA", q=first.items[0].name).data.items[:1]
    assert found.name == first.items[0].name and not is_absent(found.other_name)
    types = client.list_product_types("HUAWEI", limit=100).data.items
    assert {value(entry.case_kind) for entry in types} <= {"general", "consulting", "fault"} and types
    product = types[0].product_id
    of_product = client.list_product_types("HUAWEI", product_id=product).data.items
    assert {entry.product_id for entry in of_product} == {product}
    assert [value(entry.kind) for entry in client.list_sources("HUAWEI").data.items] == ["source"]
    assert {value(entry.kind) for entry in client.list_regions("HUAWEI").data.items} == {"region"}
    assert not client.list_regions("TENCENT").data.items
    first = client.list_catalog_changes("HUAWEI", 0, limit=1).data
    [second] = client.list_catalog_changes("HUAWEI", 0, limit=1, cursor=first.next_cursor).data.items
    changes = [entry.last_change for entry in (*first.items, second)]
    assert [value(change.change) for change in changes] == ["added", "added"]
    assert not client.list_catalog_changes("HUAWEI", changes[1].time + 600_000).data.items


def rotate_keys(world):
    client = world.client
    account, body = world.accounts["HUAWEI"], world.registrations["HUAWEI"]
    rotated = client.rotate_keys(account, body["secret_id"], body["secret_key_secret"])
    assert (rotated.status, rotated.data.id) == (200, account)
    world.refused(422, "account_keys_refused", client.rotate_keys, account, body["secret_id"], "wrong")


def remove_accounts(world, open_ticket):
    client = world.client
    problem = world.refused(409, "account_has_open_tickets", client.delete_account, world.accounts["ALIBABA"])
    assert problem.detail
    assert client.close_ticket(open_ticket).status == 200
    # A closed conversation is read once more when the settle time is over.
    world.refused(409, "account_has_due_work", client.delete_account, world.accounts["ALIBABA"])
    removed = client.delete_account(world.accounts["TENCENT"])
    assert (removed.status, removed.data) == (204, None)
    world.refused(404, "account_not_found", client.get_account, world.accounts["TENCENT"])
    assert len(client.list_accounts().data.items) == 2

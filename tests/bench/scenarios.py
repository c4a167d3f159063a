"""What is measured. Each scenario has a workload of the product, and some have one of the peer."""

from collections.abc import Callable
from dataclasses import dataclass

import sync
from events import close_event, filled, http_event, stream_event
from responses import null, page_of, whole_batch

SHORT_MESSAGES, LONG_MESSAGES = 12, 1000
PAGE = 20
MESSAGES_PAGE = 100
LIST_TICKETS = 5000
# Enough for several pages; the calls of one page do not depend on it.
SHORT_LIST_TICKETS = 100
STREAM_RECORDS = 100


@dataclass(frozen=True)
class Scenario:
    """One row of the table."""

    name: str
    title: str
    # The product's workload, from the world.
    product: Callable
    peer: Callable | None = None
    # The parts of --starts and --warm.
    starts: float = 1.0
    warm: float = 1.0
    # Whether the short form counts it.
    short: bool = True
    # How many warm invocations are counted.
    counted: int = 2


def create(world):
    """Two creates in each account in turn: fewer than 100 a second in each, so that none waits for its pace."""
    product, accounts = world.creating
    first, second = (product.create_event(account) for account in accounts)

    def events(count):
        return [filled((first, first, second, second)[number % 4], 1)[0] for number in range(count)]

    return product.workload("create-ticket", events)


def peer_create(world):
    return world.peer.workload("create", world.peer.create_event())


def close(messages):
    def workload(world):
        tickets = lambda count: world.product.tickets_with_messages(world.account, count, messages)  # noqa: E731
        return world.product.workload("close-ticket", **closes(world, tickets))

    return workload


def peer_close(messages):
    def workload(world):
        tickets = lambda count: world.peer.tickets_with_messages(count, messages)  # noqa: E731
        return world.peer.workload("close", **closes(world, tickets))

    return workload


def closes(world, tickets):
    """Each invocation closes a ticket of its own."""

    def events(count):
        return [close_event(ticket["id"]).encode() for ticket in tickets(count)]

    return {"event": events, "verify": lambda closed, _: world.alibaba.check_archives(closed)}


def refresh(world):
    return world.product.workload("refresh-catalog", world.product.refresh_event(), null)


def peer_refresh(world):
    return world.peer.workload("refresh", world.peer.refresh_event())


def list_of_account(world):
    product, account = world.listed
    return product.workload("query-tickets", list_event(custom_id=account, limit=str(PAGE)), page_of(PAGE))


def list_of_all(world):
    product, _ = world.listed
    return product.workload("query-tickets", list_event(limit=str(PAGE)), page_of(PAGE))


def list_event(**query):
    return http_event("query-tickets-list", query=query)


def messages(world):
    [ticket] = world.product.tickets_with_messages(world.account, 1, LONG_MESSAGES)
    world.product.call("close-ticket", close_event(ticket["id"]))
    path, query = f"/tickets/{ticket['id']}/messages", {"limit": str(MESSAGES_PAGE)}
    event = http_event("query-tickets-messages", path, query=query, id=ticket["id"])
    return world.product.workload("query-tickets", event, page_of(MESSAGES_PAGE))


def publish(world):
    return world.product.workload("publish-events", stream_event(STREAM_RECORDS), whole_batch)


def synced(accounts, each):
    return lambda world: sync.workload(world, accounts, each)


SCENARIOS = [
    Scenario("create", "create", create, peer_create, counted=1),
    Scenario("close-12", "close, 12 messages", close(SHORT_MESSAGES), peer_close(SHORT_MESSAGES), warm=0.5),
    Scenario(
        "close-1000", "close, 1,000 messages", close(LONG_MESSAGES), peer_close(LONG_MESSAGES), starts=0.2, warm=0.025
    ),
    Scenario("refresh", "refresh, nothing changed", refresh, peer_refresh, starts=0.2, warm=0.025),
    Scenario("list-account", "list, 20 of 5,000 tickets of an account", list_of_account, starts=0.5),
    Scenario("list-all", "list, 20 of 5,000 tickets of all accounts", list_of_all, starts=0.5),
    Scenario("messages", "page of 100 messages of 1,000", messages, starts=0.5),
    Scenario("publish", "100 records of the stream", publish, starts=0.5, warm=0.5),
    Scenario("sync-1000", "sync, 1,000 tickets in 10 accounts", synced(10, 100), starts=0.1, warm=0.025),
    Scenario(
        "sync-10000", "sync, 10,000 tickets in 100 accounts", synced(100, 100), starts=0.1, warm=0.01, short=False
    ),
]

"""The sync of many accounts whose vendor takes 50 ms for a response."""

import itertools

from events import scheduled
from responses import WrongResult, null
from runtime_api import logged
from workload import run

DELAY_MS = 50
# Statuses of open tickets at Alibaba Cloud.
STATUSES = (3, 4)
# The first runs store the status of every ticket.
RUNS_UNTIL_UNCHANGED = 20
END_OF_RUN = "The sync has run."


def workload(world, accounts, each):
    """The workload, once nothing is left to store. In the first run of a start one ticket of each account has changed.

    The accounts adopt tickets of the vendor's console, so that the vendor's list is read for that, too.
    """
    product, first_tickets = prepare(world, accounts, each)
    statuses = itertools.cycle(STATUSES)

    def events(count):
        status = next(statuses)
        for ticket in first_tickets:
            world.alibaba.set_status(ticket["cloud_id"], status)
        return [event().encode() for _ in range(count)]

    def verify(_, start):
        changed = [complete_run(line)["changed"] for line in logged(start, END_OF_RUN)]
        expected = [accounts] + [0] * (len(start.responses) - 1)
        if changed != expected:
            raise WrongResult(f"the runs stored {changed} changed tickets, not {expected}")

    return product.workload("sync-tickets", events, null, verify=verify, delay_ms=DELAY_MS)


def prepare(world, accounts, each):
    """The product with its tickets, and one ticket of each account."""
    product = world.new_product(f"sync-{accounts}")
    registered = [
        product.register(f"{product.table}-customer-{number}", adopt_console_tickets=True) for number in range(accounts)
    ]
    product.refresh()
    tickets = product.tickets(registered, each)
    run_until_unchanged(product)
    return product, tickets[:accounts]


def run_until_unchanged(product):
    for _ in range(RUNS_UNTIL_UNCHANGED):
        start = run(product.workload("sync-tickets", lambda _: [event().encode()], null), product.backends.alibaba, 1)
        [line] = logged(start, END_OF_RUN)
        if not any(line[count] for count in ("changed", "copied", "adopted", "left", "failed")):
            return
    raise WrongResult(f"after {RUNS_UNTIL_UNCHANGED} runs of the sync: {line}")


def complete_run(line):
    if line["left"] or line["failed"]:
        raise WrongResult(f"the sync left {line['left']} steps, and {line['failed']} failed")
    return line


def event():
    return scheduled("sync-tickets-schedule").replace("{{uuid}}", "0d4f5a2e-5a8b-4f5c-9a3e-2f4b6c8d0e1f")

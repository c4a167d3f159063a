"""Starts everything once for all tests: simulators, MiniStack, the stack, a signing client. Stops it in any case."""

import os
import secrets
import shutil
import signal
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.bus import Bus
from harness.callers import may_call, user
from harness.api_client import ApiClient, deployed_routes
from harness.emulator import Emulator
from harness.logs import Logs
from harness.simulators import Keys, Simulators
from harness.stack import Stack
from harness.story import REGIONS, register

STACK = "polydesk-test"

# The story first, then the checks of its logs and data, then another version, then other callers.
ORDER = [
    "test_zips",
    "test_authorisation",
    "test_story",
    "test_unknown",
    "test_resolution",
    "test_routes",
    "test_roles",
    "test_metrics",
    "test_secrets",
    "test_upgrade",
    "test_jwt",
    "test_scopes",
    "test_desk",
    "test_deploy_page",
]


@dataclass
class World:
    """Everything that runs."""

    folder: Path
    emulator: Emulator
    vendors: dict
    stack: Stack
    logs: Logs
    bus: Bus
    api: ApiClient
    # Vendor to its key pairs: the first is registered, the second is rotated to.
    keys: dict


def pytest_addoption(parser):
    parser.addoption(
        "--lose",
        metavar="FUNCTION=ACTION",
        help="deploys without one action of one function, as create-ticket=dynamodb:PutItem; the run must fail",
    )


def pytest_configure():
    # SIGTERM stops everything, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: ORDER.index(item.module.__name__))


@pytest.fixture(scope="session")
def world(request):
    folder = Path(os.environ["RUN_FOLDER"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lost = request.config.getoption("--lose")
    with ExitStack() as down:
        down.callback(shutil.rmtree, folder / "tmp", ignore_errors=True)
        simulators = Simulators(os.environ["SIMULATORS_BIN"])
        down.callback(simulators.stop)
        emulator = Emulator(folder)
        down.callback(emulator.stop)
        stack = Stack(emulator, STACK, os.environ["ZIPS"], lost and lost.split("="))
        down.callback(stack.delete)
        logs = Logs(emulator, stack)
        down.callback(logs.save, folder / "logs")
        caller = user(emulator, "caller", may_call(stack.id_of("HttpApi")))
        routes = deployed_routes(emulator, stack)
        api = ApiClient(stack.outputs["ApiUrl"], emulator.port, routes, logs, caller)
        request.config.api = api
        bus = Bus(emulator, stack.outputs["EventBusName"])
        keys = canary_keys(simulators.vendors)
        yield World(folder, emulator, simulators.vendors, stack, logs, bus, api, keys)


def canary_keys(vendors):
    """Two key pairs of one customer account at each vendor."""
    run = secrets.token_hex(8)
    keys = {}
    for name, vendor in vendors.items():
        keys[name] = [Keys.canary(name.lower(), which, run) for which in ("first", "second")]
        for pair in keys[name]:
            vendor.add_keys(pair, f"customer-{name.lower()}")
    return keys


def pytest_terminal_summary(terminalreporter, config):
    api = getattr(config, "api", None)
    if api is None:
        return
    terminalreporter.section("routes and the functions that ran for them")
    for route, function in sorted(api.routes.items(), key=lambda row: (row[1], row[0])):
        statuses = {status: n for (seen, _, status), n in sorted(api.seen.items()) if seen == route}
        answers = ", ".join(f"{status} x{count}" for status, count in statuses.items()) or "not called"
        terminalreporter.write_line(f"{route:32} {function:16} {answers}")


@pytest.fixture(scope="session")
def accounts(world):
    """An account of each vendor, registered over the API: vendor to account."""
    return {vendor: register(world, vendor) for vendor in REGIONS}


@pytest.fixture(scope="session")
def first_refreshes(world, accounts):
    """The refreshes that the registrations started: vendor to run."""
    return {vendor: ended_run(world, account["id"]) for vendor, account in accounts.items()}


@pytest.fixture(scope="session")
def refresh(world, first_refreshes):
    """A complete refresh that an HTTP request started."""
    return ended_run(world, world.api.post("/catalog/refresh", {}).expect(202)["id"])


def ended_run(world, run):
    world.bus.wait_for("CatalogRefreshed", lambda detail: detail["run_id"] == run)
    return world.api.get(f"/catalog/refreshes/{run}").expect(200)

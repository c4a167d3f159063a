"""Cold starts as on Lambda: the start with a whole processor, the first invocation with a share of one, all over TLS.

The functions call the real host names. In the mount namespace of this run they lead to a proxy on loopback, which ends
TLS in front of MiniStack and of the simulator.
"""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import certifi
from certificates import certificates
from figures import summary
from harness.emulator import end_with_parent
from processor import can_limit
from responses import page_of
from scenarios import PAGE, SHORT_MESSAGES, closes, list_event
from workload import run

AWS = [f"{service}.us-east-1.amazonaws.com" for service in ("dynamodb", "secretsmanager", "events", "sqs")]
VENDOR = "workorder.aliyuncs.com"
NAMES = [*AWS, VENDOR, "sts.aliyuncs.com"]
# Warm invocations after each start.
WARM = 5


def missing():
    """What this machine lacks for cold starts; `None` when nothing."""
    if os.environ.get("OWN_MOUNTS") != "1":
        return "they need root and a mount namespace (unshare --mount)"
    if not can_limit():
        return "they need cgroup v1 with the controllers cpu and cpuacct"
    return None


def measure_cold(world, options, progress):
    """Rows by function, side and share."""
    with contextlib.ExitStack() as ends:
        workloads = prepare(world, not options.no_peer, ends)
        starts = {}
        for number in range(options.rounds):
            for share in options.shares:
                for _ in range(options.cold_starts):
                    for (function, side), workload in workloads.items():
                        start = run(workload, world.alibaba, 1 + WARM, share)
                        starts.setdefault((function, side, share), []).append(start)
                progress(f"round {number + 1}: cold starts at {share:g} of a processor")
    rows = {}
    for (function, side, share), measured in starts.items():
        rows.setdefault(function, {}).setdefault(side, {})[f"{share:g}"] = summary(measured)
    return rows


def prepare(world, with_peer, ends):
    """The workloads by function and side."""
    folder = world.folder / "tls"
    folder.mkdir()
    chain, key, bundle = certificates(folder, NAMES)
    product = world.new_product("cold", environment={"SSL_CERT_FILE": str(bundle)})
    customer = f"{product.table}-customer"
    customers = [customer]
    if with_peer:
        trust = {name: str(bundle) for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")}
        peer = world.new_peer("cold-peer", f"https://{VENDOR}", trust)
        customers.append(peer.customer)
    lead_names(folder, bundle)
    start_proxy(world, customers, (folder, chain, key), ends)

    # With the loopback address of the vendor: a new account of the real one may make five calls a second.
    listed = product.register(f"{customer}-loopback")
    product.refresh()
    product.tickets([listed], PAGE)
    account = product.register(customer, endpoint=None)
    product.end_pace(account)
    list_page = list_event(custom_id=listed, limit=str(PAGE))
    workloads = {
        ("create", "product"): product.workload("create-ticket", product.create_event(account)),
        ("close", "product"): product.workload(
            "close-ticket",
            **closes(world, lambda count: product.tickets_with_messages(account, count, SHORT_MESSAGES)),
        ),
        ("query-tickets", "product"): product.workload("query-tickets", list_page, page_of(PAGE)),
    }
    if with_peer:
        peer.refresh()
        workloads["create", "peer"] = peer.workload("create", peer.create_event())
        workloads["close", "peer"] = peer.workload(
            "close", **closes(world, lambda count: peer.tickets_with_messages(count, SHORT_MESSAGES))
        )
    return workloads


def address():
    """An address on loopback for this process: another run on the machine has another one."""
    pid = os.getpid()
    return f"127.77.{pid >> 8 & 255}.{pid & 255 or 1}"


def lead_names(folder, bundle):
    """Makes the names lead to the proxy, and the vendor's SDK trust it: it reads no variable for that."""
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{address()} {name}\n" for name in NAMES))
    for source, target in ((hosts, "/etc/hosts"), (bundle, certifi.where())):
        subprocess.run(["mount", "--bind", source, target], check=True)


def start_proxy(world, customers, files, ends):
    folder, chain, key = files
    config = folder / "proxy.json"
    keys = [world.alibaba.add_keys(customer) for customer in customers]
    config.write_text(
        json.dumps(
            {
                "aws": world.backends.aws.port,
                "vendor": int(world.alibaba.url.rpartition(":")[2]),
                "keys": {each["id"]: each["secret"] for each in keys},
            }
        )
    )
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("tls_proxy.py"), address(), chain, key, config],
        stdout=subprocess.PIPE,
        preexec_fn=end_with_parent,
    )
    ends.callback(process.wait)
    ends.callback(process.terminate)
    if process.stdout.readline() != b"ready\n":
        raise SystemExit("the TLS proxy did not start")

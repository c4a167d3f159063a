"""Starts the stack, sends malformed requests and those that schemathesis generates, and stops the stack."""

import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys

import malformed
from stack import serving

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
REPORTS = ROOT / "target" / "openapi"
DOCUMENT = ROOT / "infra" / "openapi.json"

SEED = 20261124
# An outcome is indeterminate after the settle time of 16 minutes at the earliest. The suite checks these answers.
# The tickets have no files, which are copied once a minute; the suite checks these answers too. So it does a
# withdrawal, which needs the vendor's id of a customer's message.
NEVER_SUCCEED = (
    "DELETE /tickets/{id}/messages/{message_id}",
    "GET /tickets/{id}/attachments/{attachment_id}",
    "POST /tickets/{id}/resolution",
    "POST /tickets/{id}/replies/{reply_id}/resolution",
)
# With fewer requests, the generation does not work.
MIN_REQUESTS = 2_000


def main():
    parser = argparse.ArgumentParser(prog="tests/openapi/run")
    parser.add_argument("--seed", default=str(SEED), help="a number, or random")
    arguments, extra = parser.parse_known_args()
    seed = random.randrange(2**32) if arguments.seed == "random" else int(arguments.seed)
    # SIGTERM ends `serve` too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    REPORTS.mkdir(parents=True, exist_ok=True)
    with serving(os.environ["LOCAL_BIN"], REPORTS / "serve.log") as stack:
        known = stack.create_test_data()
        malformed.send_all(stack, known)
        failed = generate(stack, known, seed, extra)
    answers = json.loads((REPORTS / "answers.json").read_text())
    problems = find_problems(answers, failed)
    print(f"seed {seed}: {sum(count for *_, count in answers)} requests")
    for problem in problems:
        print(f"failed: {problem}")
    return 1 if problems else 0


def generate(stack, known, seed, extra):
    environment = os.environ | {
        "POLYDESK_KNOWN": json.dumps(known),
        "POLYDESK_HEADERS": json.dumps(stack.headers),
        "POLYDESK_COUNTS": str(REPORTS / "answers.json"),
    }
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml", "run", DOCUMENT,
        "--url", stack.api, "--seed", str(seed), "--report", "ndjson", "--report-ndjson-path", REPORTS / "calls.ndjson",
    ]  # fmt: skip
    return subprocess.run([*map(str, command), *extra], env=environment, cwd=HERE).returncode != 0


def find_problems(answers, failed):
    """The problems of a run. Every route must have succeeded at least once, or its answers were never checked."""
    problems = ["schemathesis found failures"] if failed else []
    total = sum(count for *_, count in answers)
    if total < MIN_REQUESTS:
        problems.append(f"only {total} requests were sent")
    routes = {}
    for route, status, count in answers:
        routes.setdefault(route, {})[status] = count
    for route, statuses in sorted(routes.items()):
        print(f"{route:32}", "  ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
    methods = json.loads(DOCUMENT.read_text())["paths"]
    for path, operations in methods.items():
        for method in operations:
            route = f"{method.upper()} {path}"
            succeeded = any(200 <= status < 400 for status in routes.get(route, {}))
            if not succeeded and route not in NEVER_SUCCEED:
                problems.append(f"{route} never succeeded")
    return problems


if __name__ == "__main__":
    raise SystemExit(main())

"""Generates the clients, runs the tours and the examples of docs/api.md against `serve`, and reports."""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import examples
import generators

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "openapi"))

from stack import VENDORS, serving  # noqa: E402

OUTPUT = ROOT / "target" / "clients"
TOURS = {
    "tour_openapi_generator.py": "openapi-generator-python",
    "tour_openapi_python_client.py": "openapi-python-client",
}


def main():
    parser = argparse.ArgumentParser(prog="tests/clients/run")
    parser.add_argument("--local-bin", default=os.environ.get("LOCAL_BIN"), help="a built `local`")
    parser.add_argument("--document", type=pathlib.Path, default=ROOT / "infra" / "openapi.json")
    arguments = parser.parse_args()
    # SIGTERM ends `serve` too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    document = arguments.document.resolve()
    step("generate", generators.generate_all, document, OUTPUT)
    step("check the generated source", generators.check_all, document, OUTPUT)
    step("compile the TypeScript", examples.compile_typescript, OUTPUT)
    binary = arguments.local_bin or step("build `serve`", build)
    failed = []
    for tour, client in TOURS.items():
        if not step(tour, run_tour, binary, document, tour, OUTPUT / client):
            failed.append(tour)
    for language in examples.LANGUAGES:
        if not step(f"docs/api.md, {language}", run_example, binary, language):
            failed.append(language)
    for name in failed:
        print(f"failed: {name}")
    return 1 if failed else 0


def step(name, function, *arguments):
    since = time.monotonic()
    print(f"==> {name}", flush=True)
    result = function(*arguments)
    print(f"{time.monotonic() - since:6.1f} s", flush=True)
    return result


def build():
    subprocess.run(["cargo", "build", "--quiet", "--workspace", "--bin", "local"], cwd=ROOT, check=True)
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "local"


def run_tour(binary, document, tour, client):
    with serving(binary, OUTPUT / f"{tour}.log") as stack:
        for vendor in VENDORS:
            stack.shrink(vendor)
        known = {
            "api": stack.api,
            "headers": stack.headers,
            "registrations": stack.registrations,
            "document": str(document),
        }
        environment = os.environ | {"PYTHONPATH": str(client), "POLYDESK_TOUR": json.dumps(known)}
        return subprocess.run([sys.executable, "-B", HERE / tour], env=environment).returncode == 0


def run_example(binary, language):
    with serving(binary, OUTPUT / f"example-{language}.log") as stack:
        for vendor in VENDORS:
            stack.shrink(vendor)
        return examples.run_example(language, stack, OUTPUT)


if __name__ == "__main__":
    raise SystemExit(main())

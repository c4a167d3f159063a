"""Measures the release functions beside a peer in Python. `run` starts it; README.md describes it."""

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import cold
from arguments import arguments
from backends import Backends
from figures import most, summary, text_table
from limits import exceeded
from programs import Programs
from responses import WrongResult
from scenarios import LIST_TICKETS, SCENARIOS, SHORT_LIST_TICKETS
from workload import run, run_counted
from world import World

COLD = "cold"


class Bench:
    """One run: its results, and what went wrong."""

    def __init__(self, options, world, sizes):
        self.options = options
        self.world = world
        self.failures = []
        self.results = {"machine": machine(), "sizes": sizes, "scenarios": {}, "cold": {}, "counts": {}}
        chosen = options.only or [scenario.name for scenario in SCENARIOS] + [COLD]
        self.scenarios = [each for each in SCENARIOS if each.name in chosen and (each.short or not options.short)]
        self.with_cold = COLD in chosen and not options.short
        if not self.scenarios and not self.with_cold:
            raise SystemExit("the short form has none of these scenarios")
        self._workloads = {}

    def run(self):
        if self.with_cold:
            self.attempt(COLD, self.measure_cold)
        if not self.options.short:
            starts = {}
            for number in range(self.options.rounds):
                for scenario in self.scenarios:
                    self.attempt(scenario.name, self.measure, scenario, number, starts)
            for name, sides in starts.items():
                self.results["scenarios"][name] = {side: summary(measured) for side, measured in sides.items()}
        for scenario in self.scenarios:
            self.attempt(scenario.name, self.count, scenario)

    def attempt(self, name, action, *arguments):
        """A scenario without good results does not end the others."""
        try:
            action(*arguments)
        except WrongResult as error:
            self.failures.append(f"{name}: {error}")
            progress(self.failures[-1])

    def measure_cold(self):
        if missing := cold.missing():
            progress(f"cold starts are not measured: {missing}")
            return
        self.results["cold"] = cold.measure_cold(self.world, self.options, progress)

    def measure(self, scenario, number, starts):
        """One round of a scenario, the peer first."""
        options = self.options
        cold_starts = max(1, round(options.starts * scenario.starts))
        warm = max(2, round(options.warm * scenario.warm))
        for side, workload in self.workloads(scenario).items():
            measured = [run(workload, self.world.alibaba, 1) for _ in range(cold_starts - 1)]
            measured.append(run(workload, self.world.alibaba, 1 + warm))
            starts.setdefault(scenario.name, {}).setdefault(side, []).extend(measured)
            progress(f"round {number + 1}: {scenario.name}, {side}; load {os.getloadavg()[0]:.1f}")

    def count(self, scenario):
        for side, workload in self.workloads(scenario).items():
            first, *warm = run_counted(workload, self.world.backends, 1 + scenario.counted)
            counts = {"first": dict(sorted(first.items())), "warm": most(warm)}
            self.results["counts"].setdefault(scenario.name, {})[side] = counts
            progress(f"{scenario.name}, {side}: {counts}")

    def workloads(self, scenario):
        """By side. Limits are for the product, so the short form leaves the peer out."""
        if scenario.name not in self._workloads:
            with_peer = scenario.peer and not (self.options.no_peer or self.options.short)
            sides = {"peer": scenario.peer(self.world)} if with_peer else {}
            self._workloads[scenario.name] = sides | {"product": scenario.product(self.world)}
        return self._workloads[scenario.name]


def machine():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {"processors": os.cpu_count(), "model": model, "python": platform.python_version(), "commit": commit()}


def commit():
    """The commit of the clone; empty where there is no git."""
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def progress(text):
    print(text, file=sys.stderr, flush=True)


def main():
    options = arguments([scenario.name for scenario in SCENARIOS] + [COLD])
    # So that everything that was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="polydesk-bench-") as name:
        folder = Path(name)
        programs = Programs(options.folder, folder / "programs")
        with Backends(folder) as backends:
            list_tickets = SHORT_LIST_TICKETS if options.short else LIST_TICKETS
            bench = Bench(options, World(backends, programs, folder, list_tickets), programs.sizes)
            bench.run()
    if bench.results["scenarios"]:
        print(text_table(bench.results["scenarios"]))
    if options.json:
        options.json.write_text(json.dumps(bench.results, indent=1, ensure_ascii=False) + "\n")
    problems = bench.failures + exceeded(bench.results)
    for problem in problems:
        print(f"FAILED {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()

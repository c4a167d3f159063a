"""The limits of counts and sizes, in limits.json. `limits.py RESULTS.json` writes those results as the limits."""

import argparse
import json
import math
from pathlib import Path

LIMITS = Path(__file__).with_name("limits.json")

UNITS = {
    "table_round_trips": "round trips to the table",
    "written_items": "written items",
    "vendor_calls": "calls of the vendor",
    "other_calls": "calls of other AWS services",
    "events": "events on the bus",
    "binary_mib": "MiB of the program",
    "zip_mib": "MiB of the zip",
}


def limits():
    return json.loads(LIMITS.read_text())


def exceeded(results):
    """A sentence for each figure that is above its limit, or has none."""
    known = limits()
    sentences = []
    for scenario, sides in results["counts"].items():
        for kind, counts in sides["product"].items():
            place = f"{scenario}, {KINDS[kind]}"
            sentences += compare(place, counts, known["counts"].get(scenario, {}).get(kind))
    for function, sizes in results["sizes"].items():
        sentences += compare(function, sizes, known["sizes"].get(function))
    return sentences


KINDS = {"first": "start and first invocation", "warm": "warm invocation"}


def compare(place, figures, allowed):
    if allowed is None:
        return [f"{place}: limits.json has no limits"]
    # What has no limit is allowed not at all.
    above = {name: value for name, value in figures.items() if value > allowed.get(name, 0)}
    return [f"{place}: {round(value, 3)} {UNITS[name]}, limit {allowed.get(name, 0)}" for name, value in above.items()]


def rounded_up(size):
    """To the next twentieth, so that a few bytes more are not a failure."""
    return math.ceil(size * 20) / 20


def replace(results):
    """What the results do not have keeps its limit."""
    new = limits()
    for scenario, sides in results["counts"].items():
        new["counts"][scenario] = sides["product"]
    for function, sizes in results["sizes"].items():
        new["sizes"][function] = {name: rounded_up(size) for name, size in sizes.items()}
    LIMITS.write_text(json.dumps(new, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    replace(json.loads(parser.parse_args().results.read_text()))

"""The command line."""

import argparse
from pathlib import Path

SHARES = (0.07, 0.145, 0.29, 1.0)


def arguments(scenarios):
    parser = argparse.ArgumentParser(
        prog="tests/bench/run", description="Measures the release functions beside a peer in Python."
    )
    parser.add_argument("folder", type=Path, help="the release zips, or programs named like the functions")
    parser.add_argument("--only", type=names(scenarios), default=None, help=f"some of {', '.join(scenarios)}")
    parser.add_argument("--rounds", type=int, default=2, help="how often everything is measured")
    parser.add_argument("--starts", type=int, default=10, help="starts of a scenario in a round")
    parser.add_argument("--warm", type=int, default=200, help="warm invocations of a scenario in a round")
    parser.add_argument("--cold-starts", type=int, default=10, help="starts at each share of a processor in a round")
    parser.add_argument("--shares", type=shares, default=SHARES, help="shares of a processor for cold starts")
    parser.add_argument("--no-peer", action="store_true", help="measure the product alone")
    parser.add_argument("--short", action="store_true", help="count calls and sizes, and compare them with limits.json")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    return parser.parse_args()


def names(known):
    def parse(text):
        chosen = text.split(",")
        if unknown := [name for name in chosen if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
        return chosen

    return parse


def shares(text):
    chosen = tuple(float(share) for share in text.split(","))
    if not all(0 < share <= 1 for share in chosen):
        raise argparse.ArgumentTypeError("a share is above 0 and at most 1")
    return chosen

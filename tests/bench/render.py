"""Renders results as Markdown: `render.py RESULTS.json` prints it, `--page FILE` replaces it in a page.

In the page it is between two comments: `<!-- bench: begin -->` and `<!-- bench: end -->`.
"""

import argparse
import json
from pathlib import Path

from figures import ratios
from scenarios import SCENARIOS

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
TITLES = {scenario.name: scenario.title for scenario in SCENARIOS}
COUNTS = ("table_round_trips", "written_items", "vendor_calls", "other_calls")


def markdown(results):
    sections = [text for text in (warm(results), cold(results), counts(results), sizes(results)) if text]
    machine = results["machine"]
    place = f"{machine['processors']} processors ({machine['model']}), Python {machine['python']}"
    commit = f", in a clone at {machine['commit']}" if machine["commit"] else ""
    return "\n\n".join([f"Measured on {place}{commit}.", *sections])


def table(heading, rows):
    """The first column is text, the others are numbers."""
    lines = [heading, ["---"] + ["---:"] * (len(heading) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def warm(results):
    """Start, first and warm invocation, of the peer and the product."""
    heading = ["", "start ms", "first ms", "warm ms", "warm, 99 %", "processor ms, warm", "MiB"]
    columns = (
        ("start_ms", 1),
        ("first_ms", 1),
        ("warm_ms", 1),
        ("warm_p99_ms", 1),
        ("warm_cpu_ms", 2),
        ("peak_mib", 1),
    )
    rows = []
    for name, sides in results["scenarios"].items():
        for side, row in sides.items():
            rows.append([f"{TITLES[name]}: {side}", *(f"{row[column]:,.{digits}f}" for column, digits in columns)])
        if "peer" in sides:
            ratio = ratios(sides["peer"], sides["product"])
            cells = [f"{ratio[column]:.1f}" if column in ratio else "" for column, _ in columns]
            rows.append(["peer / product", *cells])
    return rows and "### Start, first and warm invocation\n\n" + table(heading, rows)


def cold(results):
    """Start, first and warm invocation by share of a processor."""
    if not results["cold"]:
        return ""
    shares = list(next(iter(results["cold"].values()))["product"])
    rows = []
    for function, sides in results["cold"].items():
        for side, by_share in sorted(sides.items()):
            cells = [
                f"{row['start_ms']:.1f} + {row['first_ms']:.1f} / {row['warm_ms']:.1f}"
                for row in by_share.values()
            ]
            rows.append([f"{function}: {side}", *cells])
        if "peer" in sides:
            totals = [(sides["peer"][share]["total_ms"], sides["product"][share]["total_ms"]) for share in shares]
            rows.append(["peer / product, cold", *(f"{peer / product:.1f}" for peer, product in totals)])
    text = (
        "Start + first invocation / warm invocation in ms, over TLS, by the share of a processor from the first poll on."
    )
    return f"### Cold\n\n{text}\n\n" + table(["", *shares], rows)


def counts(results):
    """Calls and writes of one invocation."""
    heading = ["", "round trips to the table", "written items", "calls of the vendor", "other calls of AWS"]
    rows = []
    for name, sides in results["counts"].items():
        for side, kinds in sides.items():
            for kind in ("first", "warm"):
                cells = [f"{kinds[kind].get(count, 0):,}" for count in COUNTS]
                rows.append([f"{TITLES[name]}: {side}, {kind}", *cells])
    return rows and "### Calls of an invocation\n\n" + table(heading, rows)


def sizes(results):
    rows = [
        [function, f"{size['binary_mib']:.2f}", f"{size['zip_mib']:.2f}" if "zip_mib" in size else ""]
        for function, size in sorted(results["sizes"].items())
    ]
    return "### Sizes\n\n" + table(["function", "program, MiB", "zip, MiB"], rows)


def replaced(page, text):
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"the page has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    text = markdown(json.loads(options.results.read_text()))
    if options.page:
        options.page.write_text(replaced(options.page.read_text(), text))
    else:
        print(text)


if __name__ == "__main__":
    main()

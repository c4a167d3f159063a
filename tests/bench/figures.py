"""Figures of many starts as one row, and rows as a text table."""

from collections import Counter

# Column, heading, decimals.
COLUMNS = (
    ("start_ms", "start ms", 1),
    ("first_ms", "first ms", 1),
    ("warm_ms", "warm ms", 1),
    ("warm_p99_ms", "p99 ms", 1),
    ("start_cpu_ms", "start CPU", 1),
    ("first_cpu_ms", "first CPU", 1),
    ("warm_cpu_ms", "warm CPU", 2),
    ("peak_mib", "MiB", 1),
)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def summary(starts):
    """Medians of the starts and of the warm invocations, processor time of a warm one on average, the most memory."""
    warm = [ms for start in starts for ms in start.invocations_ms[1:]]
    row = {
        "start_ms": percentile([start.start_ms for start in starts], 0.5),
        "start_cpu_ms": percentile([start.start_cpu_ms for start in starts], 0.5),
        "first_ms": percentile([start.invocations_ms[0] for start in starts], 0.5),
        "first_cpu_ms": percentile([start.first_cpu_ms for start in starts], 0.5),
        "peak_mib": max(start.peak_mib for start in starts),
        "starts": len(starts),
        "warm_invocations": len(warm),
    }
    row["total_ms"] = percentile([start.start_ms + start.invocations_ms[0] for start in starts], 0.5)
    if warm:
        row |= {
            "warm_ms": percentile(warm, 0.5),
            "warm_p99_ms": percentile(warm, 0.99),
            "warm_cpu_ms": sum(start.warm_cpu_ms for start in starts if len(start.invocations_ms) > 1) / len(warm),
        }
    return row


def most(counts):
    """The largest count of each kind, in any of the invocations."""
    largest = Counter()
    for each in counts:
        largest |= each
    return dict(sorted(largest.items()))


def ratios(peer, product):
    """How many times the product's figure the peer's is."""
    return {name: peer[name] / product[name] for name, _, _ in COLUMNS if product.get(name)}


def text_table(scenarios):
    """The rows of all scenarios, with ratios where there are two sides."""
    lines = [f"{'scenario':12} {'side':8}" + "".join(f"{heading:>11}" for _, heading, _ in COLUMNS) + "  starts/warm"]
    for name, sides in scenarios.items():
        for side, row in sides.items():
            cells = "".join(f"{row[column]:11.{decimals}f}" for column, _, decimals in COLUMNS)
            lines.append(f"{name:12} {side:8}{cells}  {row['starts']}/{row['warm_invocations']}")
        if "peer" in sides:
            ratio = ratios(sides["peer"], sides["product"])
            cells = "".join(f"{ratio[column]:10.1f}x" if column in ratio else " " * 11 for column, _, _ in COLUMNS)
            lines.append(f"{'':12} {'ratio':8}{cells}")
    return "\n".join(lines)

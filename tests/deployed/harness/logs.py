"""The log lines of the functions, read from CloudWatch Logs."""

import json
import re
from collections import Counter

# Lambda writes this before each run.
START = "START RequestId: "
VERSION = re.compile(rf"^{START}\S+ Version: (\S+)")


class Logs:
    def __init__(self, emulator, stack):
        self._client = emulator.client("logs")
        self._groups = stack.log_groups

    def of(self, function):
        """All lines of a function, in order."""
        return [event["message"].rstrip("\n") for event in self._events(self._groups[function])]

    def runs_of(self, function):
        """How often a function ran."""
        return len(self._events(self._groups[function], filterPattern=f'"{START}"'))

    def versions_of(self, function):
        """Which versions of a function ran, and how often; `$LATEST` for a call without the alias."""
        starts = self._events(self._groups[function], filterPattern=f'"{START}"')
        return Counter(VERSION.match(event["message"])[1] for event in starts)

    def all(self):
        return {function: self.of(function) for function in self._groups}

    def save(self, folder):
        """One file a function: `<function>.log`."""
        folder.mkdir(parents=True, exist_ok=True)
        for function, lines in self.all().items():
            (folder / f"{function}.log").write_text("".join(f"{line}\n" for line in lines))

    def _events(self, group, **filters):
        pages = self._client.get_paginator("filter_log_events").paginate(logGroupName=group, **filters)
        return [event for page in pages for event in page["events"]]


def objects(lines):
    """The lines that are JSON objects."""
    for line in lines:
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue


def metrics(lines):
    """The metrics in lines of CloudWatch's embedded format: (namespace, name, dimensions as sorted pairs).

    A sparse metric that is 0 is a number in the line that no directive names.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    for line in objects(lines):
        directives = line.get("_aws", {}).get("CloudWatchMetrics", [])
        named = {metric["Name"] for directive in directives for metric in directive["Metrics"]}
        for directive in directives:
            zeros = [name for name, value in line.items() if value == 0 and name not in named]
            yield from ((directive["Namespace"], name, ()) for name in zeros)
            for names in directive["Dimensions"] or [[]]:
                dimensions = tuple(sorted((name, str(line[name])) for name in names))
                for metric in directive["Metrics"]:
                    # A metric that has no value in the line was not written.
                    if metric["Name"] in line:
                        yield directive["Namespace"], metric["Name"], dimensions

"""The metrics of the deployed alarms and dashboards: (namespace, metric, dimensions as sorted pairs).

The value of a dimension is `None` where a search matches every value.
"""

import json
import re

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
SEARCH = re.compile(r"""SEARCH\('\{"?([^",}]+)"?((?:,[^,}]+)*)\} +MetricName="([^"]+)"'""")


def of_alarms(emulator):
    """Alarm name to its metrics."""
    pages = emulator.client("cloudwatch").get_paginator("describe_alarms").paginate()
    return {alarm["AlarmName"]: list(of_alarm(alarm)) for page in pages for alarm in page["MetricAlarms"]}


def of_alarm(alarm):
    if "MetricName" in alarm:
        yield metric(alarm["Namespace"], alarm["MetricName"], alarm.get("Dimensions", []))
    for query in alarm.get("Metrics", []):
        if "MetricStat" in query:
            of = query["MetricStat"]["Metric"]
            yield metric(of["Namespace"], of["MetricName"], of.get("Dimensions", []))


def metric(namespace, name, dimensions):
    return namespace, name, tuple(sorted((pair["Name"], pair["Value"]) for pair in dimensions))


def of_dashboards(emulator):
    """Dashboard name to the metrics in its widgets."""
    client = emulator.client("cloudwatch")
    names = [entry["DashboardName"] for entry in client.list_dashboards()["DashboardEntries"]]
    return {name: list(of_dashboard(client.get_dashboard(DashboardName=name)["DashboardBody"])) for name in names}


def of_dashboard(body):
    for widget in json.loads(body)["widgets"]:
        above = []
        for row in widget["properties"].get("metrics", []):
            words = [word for word in row if isinstance(word, str)]
            if not words:
                yield from searched(row[0]["expression"])
                continue
            above = unfold(words, above)
            namespace, name, *pairs = above
            yield namespace, name, tuple(sorted(zip(pairs[::2], pairs[1::2])))


def searched(expression):
    """The metrics of a search; any other expression uses the metrics of other rows."""
    for namespace, dimensions, name in SEARCH.findall(expression):
        yield namespace, name, tuple((dimension, None) for dimension in sorted(dimensions.split(",")[1:]))
    assert "SEARCH" not in expression or SEARCH.search(expression), f"not supported: {expression}"


def unfold(words, above):
    """`...` stands for all omitted words of the row above, `.` for one.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    if words[0] == "...":
        rest = words[1:]
        return above[: len(above) - len(rest)] + rest
    return [above[place] if word == "." else word for place, word in enumerate(words)]

"""What a stack costs in a month in which nobody uses it, computed from template.yaml.

    python infra/idle_cost.py --watching minimal --most 2.50

Idle: deployed, no account, no request; sync and refresh run by schedule. Prints a table, and exits with 1 when the sum
is above `--most` dollars. Not idle, so not here: requests, secrets (one for each account), the data in the table, and
the metrics of vendors' calls. Needs PyYAML.
"""

import argparse
import re
import sys
from pathlib import Path

import yaml

TEMPLATE = Path(__file__).with_name("template.yaml")

# List prices of us-east-1 (N. Virginia) in USD, without free tiers, as known in November 2026.
# "Amazon CloudWatch Pricing": the first 10,000 metrics, alarms of standard resolution, dashboards, logs (Standard).
METRIC = 0.30
ALARM_METRIC = 0.10
DASHBOARD = 3.00
LOG_GB = 0.50
# "AWS Lambda Pricing": requests, and the first tier of GB-seconds.
MILLION_INVOCATIONS = 0.20
GB_SECOND = {"x86_64": 0.0000166667, "arm64": 0.0000133334}
# "Amazon DynamoDB pricing for on-demand capacity": the table class Standard.
MILLION_READS = 0.125

HOURS = 24
DAYS = 30
# Custom metrics are charged for the hours in which they have a value. The sync writes the first one in every run. The
# daily refresh causes the others. tests/suite/watching/catalogs.rs compares the names with those that are written.
IDLE_METRICS = {"SyncLag": 24, "EventsPublished": 1, "RefreshFailuresInARow": 1}

# Assumptions, not measurements, for a run that finds nothing to do.
RUN_SECONDS = 0.1
RUN_LOG_BYTES = 2_500
RUN_READS = 3


class Stack:
    """The template under given values of its parameters."""

    def __init__(self, template, values):
        self._template = template
        declared = template["Parameters"]
        unknown = values.keys() - declared.keys()
        if unknown:
            raise SystemExit(f"no parameters: {', '.join(sorted(unknown))}")
        self._values = {name: str(values.get(name, one.get("Default"))) for name, one in declared.items()}

    def resources(self, kind):
        """The properties of the resources of a type that exist."""
        for resource in self._template["Resources"].values():
            if resource["Type"] == kind and self._holds(resource.get("Condition")):
                yield resource["Properties"]

    def of_function(self, logical_id, name):
        """A property of a function, or of all functions."""
        own = self._template["Resources"][logical_id]["Properties"]
        return self.value(own.get(name, self._template["Globals"]["Function"][name]))

    def value(self, value):
        """A value with its parameter replaced."""
        return self._values[value["Ref"]] if isinstance(value, dict) else value

    def _holds(self, condition):
        if condition is None:
            return True
        [(function, arguments)] = (
            self._template["Conditions"][condition] if isinstance(condition, str) else condition
        ).items()
        match function:
            case "Fn::Equals":
                left, right = map(self.value, arguments)
                return str(left) == str(right)
            case "Fn::Not":
                return not self._holds(arguments[0])
            case "Fn::And":
                return all(map(self._holds, arguments))
            case "Condition":
                return self._holds(arguments)
        raise NotImplementedError(function)


def runs_a_day(schedule):
    """How often `rate(5 minutes)` fires in a day; a cron expression is not computed."""
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", schedule)
    if not found:
        raise SystemExit(f"not supported: {schedule}")
    in_a_day = {"minute": HOURS * 60, "hour": HOURS, "day": 1}
    return in_a_day[found[2]] / int(found[1])


def costs(stack):
    """Rows of the table: what, how many, dollars a month."""
    # An alarm is charged for each metric that it reads.
    alarms = sum(len(alarm.get("Metrics", [alarm])) for alarm in stack.resources("AWS::CloudWatch::Alarm"))
    yield "alarms", alarms, alarms * ALARM_METRIC
    dashboards = len(list(stack.resources("AWS::CloudWatch::Dashboard")))
    yield "dashboards", dashboards, dashboards * DASHBOARD
    metrics = sum(IDLE_METRICS.values()) / HOURS
    yield "custom metrics", round(metrics, 2), metrics * METRIC

    runs, gb_seconds, dollars = 0, 0, 0
    for rule in stack.resources("AWS::Events::Rule"):
        if "ScheduleExpression" in rule:
            each = runs_a_day(stack.value(rule["ScheduleExpression"])) * DAYS
            for target in rule["Targets"]:
                function = target["Arn"]["Ref"].removesuffix(".Alias")
                architecture = stack.value(stack.of_function(function, "Architectures")[0])
                used = each * RUN_SECONDS * int(stack.of_function(function, "MemorySize")) / 1024
                runs, gb_seconds, dollars = runs + each, gb_seconds + used, dollars + used * GB_SECOND[architecture]
    yield "scheduled invocations", round(runs), runs / 1e6 * MILLION_INVOCATIONS
    yield "their GB-seconds", round(gb_seconds), dollars
    log_gb = runs * RUN_LOG_BYTES / 1e9
    yield "their logs, GB", round(log_gb, 2), log_gb * LOG_GB
    yield "their reads of the table", round(runs * RUN_READS), runs * RUN_READS / 1e6 * MILLION_READS


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watching", choices=["full", "minimal"], default="full")
    parser.add_argument("--most", type=float, help="exit with 1 above so many dollars a month")
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="other parameters of the template")
    arguments = parser.parse_args()
    values = dict(parameter.split("=", 1) for parameter in arguments.parameters)
    stack = Stack(yaml.safe_load(TEMPLATE.read_text()), values | {"Watching": arguments.watching})

    print(f"Watching={arguments.watching}, idle, {DAYS} days")
    rows = list(costs(stack))
    for what, number, dollars in rows:
        print(f"{what:<26}{number:>10,}{dollars:>9.2f} USD")
    together = sum(dollars for _, _, dollars in rows)
    print(f"{'together':<36}{together:>9.2f} USD")
    if arguments.most is not None and together > arguments.most:
        print(f"above {arguments.most:.2f} USD", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

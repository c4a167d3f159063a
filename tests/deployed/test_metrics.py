"""What alarms and dashboards look at is there: AWS's own metrics are of deployed parts, all others were written."""

import pytest

from harness.logs import metrics
from harness.watching import of_alarms, of_dashboards

# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html and the like.
OF_AWS = {
    "AWS/Lambda": {"ConcurrentExecutions", "Duration", "Errors", "Invocations", "IteratorAge", "Throttles"},
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"},
    "AWS/ApiGateway": {"4xx", "5xx", "Count", "IntegrationLatency", "Latency"},
    "AWS/DynamoDB": {"ReadThrottleEvents", "SystemErrors", "ThrottledRequests", "WriteThrottleEvents"},
    "AWS/Events": {"FailedInvocations", "Invocations", "InvocationsSentToDLQ"},
}


@pytest.fixture(scope="module")
def written(world):
    """What the functions wrote in the embedded format."""
    return {metric for lines in world.logs.all().values() for metric in metrics(lines)}


def test_every_alarm_looks_at_a_metric_that_is_there(world, written):
    alarms = of_alarms(world.emulator)
    assert alarms
    missing = {name: [m for m in looks if not is_there(world, m, written)] for name, looks in alarms.items()}
    assert {name: metrics for name, metrics in missing.items() if metrics} == {}
    assert all(alarms.values()), "an alarm looks at nothing"


def test_every_dashboard_shows_metrics_that_are_there(world, written):
    missing = {
        name: [m for m in shown if not is_there(world, m, written)]
        for name, shown in of_dashboards(world.emulator).items()
    }
    assert {name: metrics for name, metrics in missing.items() if metrics} == {}


def is_there(world, metric, written):
    namespace, name, dimensions = metric
    if not namespace.startswith("AWS/"):
        return any(fits(metric, one) for one in written)
    parts = {physical.rsplit("/")[-1] for _, physical in world.stack.resources.values()} | {"$default"}
    return name in OF_AWS[namespace] and all(value in parts for _, value in dimensions)


def fits(wanted, metric):
    """The same name and dimensions; a dimension without a value takes every one."""
    named, pairs = metric[:2], metric[2]
    return (
        named == wanted[:2]
        and [name for name, _ in pairs] == [name for name, _ in wanted[2]]
        and all(value in (None, have) for (_, value), (_, have) in zip(wanted[2], pairs))
    )

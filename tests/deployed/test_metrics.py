"""The metrics of alarms and dashboards exist: those of AWS belong to deployed resources, all others were written."""

import pytest

from harness.logs import metrics
from harness.monitoring import of_alarms, of_dashboards

# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html and the like.
OF_AWS = {
    "AWS/Lambda": {"ConcurrentExecutions", "Duration", "Errors", "Invocations", "IteratorAge", "Throttles"},
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"},
    "AWS/ApiGateway": {"4xx", "5xx", "Count", "IntegrationLatency", "Latency"},
    "AWS/DynamoDB": {"ReadThrottleEvents", "SystemErrors", "ThrottledRequests", "WriteThrottleEvents"},
    "AWS/Events": {"FailedInvocations", "Invocations", "InvocationsSentToDLQ"},
}


# No message of the story has a file.
OF_FILES = {"AttachmentsFailed", "AttachmentsStored"}


@pytest.fixture(scope="module")
def written(world):
    """The metrics that the functions wrote in the embedded format."""
    return {metric for lines in world.logs.all().values() for metric in metrics(lines)}


def test_every_alarm_has_a_metric_that_exists(world, written):
    alarms = of_alarms(world.emulator)
    assert alarms
    missing = {name: [m for m in used if not exists(world, m, written)] for name, used in alarms.items()}
    assert {name: metrics for name, metrics in missing.items() if metrics} == {}
    assert all(alarms.values()), "an alarm has no metric"


def test_every_dashboard_has_metrics_that_exist(world, written):
    missing = {
        name: [m for m in shown if not exists(world, m, written)]
        for name, shown in of_dashboards(world.emulator).items()
    }
    assert {name: metrics for name, metrics in missing.items() if metrics} == {}


def exists(world, metric, written):
    namespace, name, dimensions = metric
    if not namespace.startswith("AWS/"):
        return name in OF_FILES or any(matches(metric, other) for other in written)
    resources = {physical.rsplit("/")[-1] for _, physical in world.stack.resources.values()} | {"$default"}
    return name in OF_AWS[namespace] and all(value in resources for _, value in dimensions)


def matches(wanted, metric):
    """The same name and dimensions; a dimension without a value matches every value."""
    named, pairs = metric[:2], metric[2]
    return (
        named == wanted[:2]
        and [name for name, _ in pairs] == [name for name, _ in wanted[2]]
        and all(value in (None, actual) for (_, value), (_, actual) in zip(wanted[2], pairs))
    )

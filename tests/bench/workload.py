"""What a scenario lets one side do, and how it is measured."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from counting import CountingProxy
from runtime_api import Launch, measure


@dataclass(frozen=True)
class Workload:
    """A function, its events, and what must be true of its responses."""

    launch: Launch
    # The events for that many invocations, made before the start.
    events: Callable
    # Raises for a response that is not good, and returns it parsed.
    check: Callable
    # Raises when the parsed responses, or anything else about the start, is not good.
    verify: Callable = lambda responses, start: None
    # How long the vendor takes for a response.
    delay_ms: int = 0


def run(workload, alibaba, invocations, share=None, count=None):
    """One start with that many invocations. Returns its figures; `responses` are parsed."""
    events = workload.events(invocations)
    with alibaba.delay(workload.delay_ms):
        start = measure(workload.launch, events, share, count)
    start.responses = [workload.check(response) for response in start.responses]
    workload.verify(start.responses, start)
    return start


def run_counted(workload, backends, invocations):
    """The counts of the start with its first invocation, and of each warm one."""
    events = workload.events(invocations)
    proxy = CountingProxy(backends.aws.port)
    try:
        environment = workload.launch.environment | {"AWS_ENDPOINT_URL": proxy.url}
        counted = dataclasses.replace(
            workload,
            launch=dataclasses.replace(workload.launch, environment=environment),
            events=lambda _: events,
        )
        backends.alibaba.take_calls()

        def count():
            return proxy.take() + Counter(vendor_calls=backends.alibaba.take_calls())

        return run(counted, backends.alibaba, invocations, count=count).counts
    finally:
        proxy.stop()

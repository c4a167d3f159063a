"""After the story: every route was called and reached its function, and every function ran."""


def test_every_route_reached_its_function(world):
    called = {(route, function) for route, function, status in world.api.seen if status < 400}
    # No message of the story has a file; the suite has them.
    assert set(world.api.routes.items()) - called == {
        ("GET /tickets/{id}/attachments/{attachment_id}", "query-tickets")
    }


def test_every_function_ran(world):
    assert {function for function in world.stack.functions if not world.logs.runs_of(function)} == set()
    assert len(world.stack.functions) == 13


def test_every_run_was_of_the_version_behind_the_alias(world):
    """For every trigger: routes, rules, schedules, the stream."""
    assert {function: set(world.logs.versions_of(function)) for function in world.stack.functions} == dict.fromkeys(
        world.stack.functions, {"1"}
    )


def test_no_run_of_a_function_failed(world):
    """No run ended in an error or a timeout, and every dead-letter queue is empty."""
    bad = {function: [line for line in lines if is_bad(line)] for function, lines in world.logs.all().items()}
    assert {function: lines for function, lines in bad.items() if lines} == {}
    sqs = world.emulator.client("sqs")
    for queue in [f"{name}DeadLetterQueue" for name in ("Event", "Statistics", "Stream", "Sync")]:
        url = world.stack.id_of(queue)
        assert "Messages" not in sqs.receive_message(QueueUrl=url, VisibilityTimeout=0), queue


def is_bad(line):
    return "Task timed out" in line or "panicked" in line or '"level":"ERROR"' in line

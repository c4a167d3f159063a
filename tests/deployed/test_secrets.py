"""Canaries: the vendor keys of the story, and the words of its customers, stand only where they belong."""

import base64
import json

from harness.logs import metrics
from harness.story import WORDS


def test_keys_are_in_the_secrets_and_nowhere_else(world, accounts):
    canaries = [part for pairs in world.keys.values() for pair in pairs for part in (pair.id, pair.secret)]
    # The search finds what is there: the vendors got the keys, and the secrets hold those in use.
    kept = secrets(world)
    for vendor, which in [("ALIBABA", 1), ("HUAWEI", 0)]:
        assert world.keys[vendor][which].secret in kept
    assert found(world, canaries, everywhere(world)) == []


def test_words_are_in_no_log_line_metric_or_event(world):
    places = everywhere(world)
    assert WORDS in places["items"] and WORDS in places["answers"]
    told = {name: text for name, text in places.items() if name not in ("items", "answers")}
    assert found(world, [WORDS], told) == []


def found(world, canaries, places):
    """Where a canary shows, plain or in base64."""
    return [
        (canary, name)
        for name, text in places.items()
        for canary in canaries
        if any(form in text for form in forms(canary))
    ]


def forms(canary):
    """The canary, and its base64 at each of the three places in a longer text, cut to what is sure."""
    yield canary
    for before in range(3):
        encoded = base64.b64encode(b"x" * before + canary.encode()).decode()
        yield encoded[4 if before else 0 : -4]


def everywhere(world):
    """All that the run left behind, and each place has something."""
    logs = {f"log of {function}": "\n".join(lines) for function, lines in world.logs.all().items()}
    places = logs | {
        "metrics": json.dumps([metric for lines in world.logs.all().values() for metric in metrics(lines)]),
        "CloudWatch": json.dumps(cloudwatch(world), default=str),
        "events": json.dumps(world.bus.read(), ensure_ascii=False),
        "items": json.dumps(items(world), ensure_ascii=False, default=str),
        "answers": "\n".join(world.desk.answers),
        "environments": json.dumps(environments(world)),
        "MiniStack's log": (world.folder / "ministack.log").read_text(),
    }
    for name in [*logs, "events", "items", "answers", "environments"]:
        assert len(places[name]) > 100, f"{name} is empty"
    return places


def items(world):
    pages = world.emulator.client("dynamodb").get_paginator("scan").paginate(TableName=world.stack.id_of("Table"))
    return [item for page in pages for item in page["Items"]]


def secrets(world):
    client = world.emulator.client("secretsmanager")
    names = [secret["Name"] for page in client.get_paginator("list_secrets").paginate() for secret in page["SecretList"]]
    return "\n".join(client.get_secret_value(SecretId=name)["SecretString"] for name in names)


def cloudwatch(world):
    pages = world.emulator.client("cloudwatch").get_paginator("list_metrics").paginate()
    return [metric for page in pages for metric in page["Metrics"]]


def environments(world):
    functions = world.emulator.client("lambda")
    return [
        functions.get_function_configuration(FunctionName=name)["Environment"]
        for name in world.stack.functions.values()
    ]

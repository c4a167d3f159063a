"""Canaries: the vendor keys and the ticket texts of the story are only where they belong."""

import base64
import json

from harness.logs import metrics
from harness.story import SECRET_CANARY, TEXT_CANARY


def test_keys_are_in_the_secrets_and_nowhere_else(world, accounts):
    canaries = [part for pairs in world.keys.values() for pair in pairs for part in (pair.id, pair.secret)]
    # The search itself works: it finds the keys in use in their secrets.
    stored = secrets(world)
    for keys in (world.keys["ALIBABA"][1], world.keys["HUAWEI"][0]):
        for form in (stored, base64.b64encode(stored.encode()).decode()):
            assert found([keys.id, keys.secret], {"secrets": form}) == [(keys.id, "secrets"), (keys.secret, "secrets")]
    assert found(canaries, everywhere(world)) == []


def test_ticket_texts_are_in_no_log_line_metric_or_event(world):
    places = everywhere(world)
    allowed = ("items", "changes of items", "answers")
    assert all(TEXT_CANARY in places[name] for name in allowed)
    other = {name: text for name, text in places.items() if name not in allowed}
    assert found([TEXT_CANARY], other) == []


def test_a_secret_of_a_ticket_is_at_the_vendor_and_nowhere_else(world):
    secrets = [ticket.get("secret_info") for ticket in world.vendors["ALIBABA"].tickets()]
    assert SECRET_CANARY in secrets
    assert found([SECRET_CANARY], everywhere(world)) == []


def found(canaries, places):
    """Where a canary is found, plain or in base64."""
    return [
        (canary, name)
        for canary in canaries
        for name, text in places.items()
        if any(form in text for form in forms(canary))
    ]


def forms(canary):
    """The canary, and its base64 at each of the three offsets in a longer text, without the bytes that depend on it."""
    yield canary
    for before in range(3):
        encoded = base64.b64encode(b"x" * before + canary.encode()).decode()
        yield encoded[4 if before else 0 : -4]


def everywhere(world):
    """All places with data of the run. Each must have some."""
    logs = {f"log of {function}": "\n".join(lines) for function, lines in world.logs.all().items()}
    places = logs | {
        "metrics": json.dumps([metric for lines in world.logs.all().values() for metric in metrics(lines)]),
        "CloudWatch": json.dumps(cloudwatch(world), default=str),
        "events": json.dumps(world.bus.read(), ensure_ascii=False),
        "items": json.dumps(items(world), ensure_ascii=False, default=str),
        "changes of items": json.dumps(changes(world), ensure_ascii=False, default=str),
        "answers": "\n".join(world.api.answers),
        "environments": json.dumps(environments(world)),
        "MiniStack's log": (world.folder / "ministack.log").read_text(),
    }
    for name in [*logs, "events", "items", "changes of items", "answers", "environments"]:
        assert len(places[name]) > 100, f"{name} is empty"
    return places


def items(world):
    table = world.stack.id_of("Table")
    pages = world.emulator.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]


def changes(world):
    """All changes of the table, from its stream."""
    streams = world.emulator.client("dynamodbstreams")
    [stream] = streams.list_streams(TableName=world.stack.id_of("Table"))["Streams"]
    arn, records = stream["StreamArn"], []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while True:
            page = streams.get_records(ShardIterator=iterator)
            records += page["Records"]
            iterator = page.get("NextShardIterator")
            # An open shard always has a next page.
            if not page["Records"] or not iterator:
                break
    return records


def secrets(world):
    client = world.emulator.client("secretsmanager")
    pages = client.get_paginator("list_secrets").paginate()
    names = [secret["Name"] for page in pages for secret in page["SecretList"]]
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

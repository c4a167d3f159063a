"""Events for the functions, made of those in tests/events. `{{uuid}}` in an event is another id in each invocation."""

import json
import uuid
from pathlib import Path

EVENTS = Path(__file__).resolve().parents[1] / "events"


def filled(event, count):
    """An event for each of `count` invocations."""
    return [event.replace("{{uuid}}", str(uuid.uuid4())).encode() for _ in range(count)]


def http_event(name, path=None, body=None, query=None, **parameters):
    """A request to the API. `parameters` are those of the path."""
    event = read(name)
    path = path or event["rawPath"]
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["requestId"] = "{{uuid}}"
    if "idempotency-key" in event["headers"]:
        event["headers"]["idempotency-key"] = "{{uuid}}"
    if body is not None:
        event["body"] = json.dumps(body, ensure_ascii=False)
        event["headers"]["content-length"] = str(len(event["body"].encode()))
    if query is not None:
        event["queryStringParameters"] = query
        event["rawQueryString"] = "&".join(f"{name}={value}" for name, value in query.items())
    if parameters:
        event["pathParameters"] = parameters
    return json.dumps(event, ensure_ascii=False)


def create_event(account, choice):
    """`choice`: a product and a problem type."""
    body = choice | {
        "custom_id": account,
        "name": "ECS 无法启动 🚨",
        "email": "ops@example.com",
        "description": '实例 i-0001 无法启动，控制台报错 "InternalError"。\n请协助处理，谢谢！{{uuid}}',
    }
    return http_event("create-ticket", body=body)


def close_event(ticket):
    return http_event("close-ticket", f"/tickets/{ticket}/close", id=ticket)


def scheduled(name):
    return json.dumps(read(name) | {"id": "{{uuid}}"})


def stream_event(count):
    """The records of `count` tickets that became open. Each gives one event on the bus."""
    [opened] = [record for record in read("publish-events")["Records"] if became_open(record["dynamodb"])]
    records = [record_of_another_ticket(opened, number) for number in range(count)]
    return json.dumps({"Records": records}, ensure_ascii=False)


def became_open(change):
    states = [change.get(image, {}).get("state", {}).get("S") for image in ("OldImage", "NewImage")]
    return states == ["creating", "open"]


def record_of_another_ticket(record, number):
    ticket = record["dynamodb"]["NewImage"]["id"]["S"]
    other = f"{ticket[:-4]}{number:04}"
    record = json.loads(json.dumps(record).replace(ticket, other))
    record["eventID"] = f"{number:032x}"
    record["dynamodb"]["SequenceNumber"] = str(100_000_000_000_003_498_765_432_100 + number)
    return record


def read(name):
    return json.loads((EVENTS / f"{name}.json").read_text())

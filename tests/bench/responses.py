"""What a response must be. A response that is not good would be a fast one."""

import json


class WrongResult(Exception):
    """A response, an archive or a run that is not as it must be. The scenario has no figures then."""


def http_body(response):
    """The body of a response that says that everything is done: 202 is not enough."""
    read = json.loads(response)
    status = read.get("statusCode") if isinstance(read, dict) else None
    if status not in (200, 201):
        raise WrongResult(f"the response is {response[:400]!r}")
    return json.loads(read["body"])


def null(response):
    if json.loads(response) is not None:
        raise WrongResult(f"the response is {response[:400]!r}, not null")


def whole_batch(response):
    if json.loads(response) != {"batchItemFailures": []}:
        raise WrongResult(f"the response is {response[:400]!r}")


def page_of(count):
    """A list with `count` items."""

    def check(response):
        body = http_body(response)
        if len(body["items"]) != count:
            raise WrongResult(f"the page has {len(body['items'])} items, not {count}")
        return body

    return check

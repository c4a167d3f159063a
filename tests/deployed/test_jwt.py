"""With an issuer and an audience every route asks for a token of theirs; with one alone it is IAM."""

import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from harness.desk import Desk
from harness.refusals import authorisation, refused, requests
from harness.story import register
from harness.tokens import HOUR, Issuer, encoded

AUDIENCE = "polydesk"


def changed(token, claims):
    header, _, signature = token.split(".")
    return f"{header}.{encoded(claims)}.{signature}"


# Each is wrong in one thing; `right` is the stack's issuer, and `other` is one whose key has the same id.
WRONG = {
    "nothing": lambda right, other: "",
    "rubbish": lambda right, other: "rubbish",
    "rubbish in three parts": lambda right, other: "not.a.token",
    "of another issuer": lambda right, other: other.token(AUDIENCE),
    "naming another issuer": lambda right, other: right.token(AUDIENCE, iss=other.url),
    "naming no issuer": lambda right, other: right.token(AUDIENCE, iss=None),
    "for another audience": lambda right, other: right.token("another"),
    "for no audience": lambda right, other: right.token(None),
    "expired": lambda right, other: right.token(AUDIENCE, exp=int(time.time()) - HOUR),
    "not valid yet": lambda right, other: right.token(AUDIENCE, nbf=int(time.time()) + HOUR),
    "signed by another": lambda right, other: other.token(AUDIENCE, iss=right.url),
    "signed with an unknown key": lambda right, other: right.token(AUDIENCE, key_id="second"),
    "unsigned": lambda right, other: right.unsigned(AUDIENCE),
    "changed after it was signed": lambda right, other: changed(right.token("another"), right.claims(AUDIENCE)),
}


@pytest.fixture(scope="module")
def issuers(world):
    """The issuer that the stack is told of, and another."""
    with ExitStack() as down:
        issuers = [Issuer(), Issuer()]
        for issuer in issuers:
            down.callback(issuer.stop)
        world.stack.update({"JwtIssuer": issuers[0].url, "JwtAudience": AUDIENCE})
        yield issuers


@pytest.fixture(scope="module")
def holder(world, issuers):
    """The world of a caller with a good token."""
    token = issuers[0].token(["another", AUDIENCE])
    desk = Desk(world.desk.url, world.desk.port, world.desk.routes, world.logs, session=None, token=token)
    return replace(world, desk=desk)


def test_the_deployed_routes_ask_for_a_token(world, issuers):
    assert authorisation(world) == {"JWT"}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_token_is_refused(world, issuers, wrong):
    refused(world, 401, token=WRONG[wrong](*issuers))


def test_a_signature_is_no_longer_enough(world, issuers):
    refused(world, 401, session=world.desk.session)


def test_a_good_token_comes_to_every_function(holder):
    for method, path in requests(holder):
        # What the function says of an empty body or of an id that is not there is its own matter.
        answer = holder.desk.call(method, path, {})
        assert answer.status not in (401, 403) and answer.status < 500, f"{method} {path}: {answer.text}"


def test_a_good_token_is_enough_to_work(holder):
    assert holder.desk.get("/vendors").expect(200)["items"]
    account = register(holder, "TENCENT")
    assert account["id"] in [listed["id"] for listed in holder.desk.all("/accounts")]


def test_a_token_is_in_no_log_line(holder):
    parts = holder.desk.token.split(".")
    lines = [line for lines in holder.logs.all().values() for line in lines]
    assert lines and not [line for line in lines if any(part in line for part in parts)]


@pytest.mark.parametrize("left_out", ["JwtIssuer", "JwtAudience"])
def test_with_half_of_it_routes_ask_for_iam(world, issuers, left_out):
    world.stack.update({"JwtIssuer": issuers[0].url, "JwtAudience": AUDIENCE} | {left_out: ""})
    assert authorisation(world) == {"AWS_IAM"}
    refused(world, 403)

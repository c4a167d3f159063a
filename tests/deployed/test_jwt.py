"""With an issuer and an audience every route wants a token of theirs; with one of the two alone it wants IAM."""

import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from harness.api_client import ApiClient
from harness.refusals import authorisation, refused, requests
from harness.story import register
from harness.tokens import HOUR, Issuer, encoded

AUDIENCE = "polydesk"


def changed(token, claims):
    header, _, signature = token.split(".")
    return f"{header}.{encoded(claims)}.{signature}"


# Each token has one error; `right` is the stack's issuer, and `other` is one whose key has the same id.
WRONG = {
    "nothing": lambda right, other: "",
    "not a token": lambda right, other: "invalid",
    "three parts without meaning": lambda right, other: "not.a.token",
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
    """The stack's issuer, and another."""
    with ExitStack() as down:
        issuers = [Issuer(), Issuer()]
        for issuer in issuers:
            down.callback(issuer.stop)
        world.stack.update({"JwtIssuer": issuers[0].url, "JwtAudience": AUDIENCE})
        yield issuers


@pytest.fixture(scope="module")
def holder(world, issuers):
    """The world with a client that has a valid token."""
    token = issuers[0].token(["another", AUDIENCE])
    api = ApiClient(world.api.url, world.api.port, world.api.routes, world.logs, session=None, token=token)
    return replace(world, api=api)


def test_the_deployed_routes_want_a_token(world, issuers):
    assert authorisation(world) == {"JWT"}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_token_is_refused(world, issuers, wrong):
    refused(world, 401, token=WRONG[wrong](*issuers))


def test_a_signature_of_iam_is_refused(world, issuers):
    refused(world, 401, session=world.api.session)


def test_a_valid_token_reaches_every_function(holder):
    for method, path in requests(holder):
        # An empty body or an unknown id may be an error of the function, but not of the authorisation.
        answer = holder.api.call(method, path, {})
        assert answer.status not in (401, 403) and answer.status < 500, f"{method} {path}: {answer.text}"


def test_a_valid_token_registers_an_account(holder):
    assert holder.api.get("/vendors").expect(200)["items"]
    account = register(holder, "TENCENT")
    assert account["id"] in [listed["id"] for listed in holder.api.all("/accounts")]


def test_a_token_is_in_no_log_line(holder):
    parts = holder.api.token.split(".")
    lines = [line for lines in holder.logs.all().values() for line in lines]
    assert lines and not [line for line in lines if any(part in line for part in parts)]


@pytest.mark.parametrize("left_out", ["JwtIssuer", "JwtAudience"])
def test_with_one_of_the_two_parameters_routes_want_iam(world, issuers, left_out):
    world.stack.update({"JwtIssuer": issuers[0].url, "JwtAudience": AUDIENCE} | {left_out: ""})
    assert authorisation(world) == {"AWS_IAM"}
    refused(world, 403)

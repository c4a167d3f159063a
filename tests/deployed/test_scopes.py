"""With `RequireScopes` every route wants a scope of its kind.

MiniStack checks the scopes of a route and evaluates the template's rules, so that is shown here.
`tests/suite/template/api.rs` asserts the same on the template: the scopes of each route, and the rules. MiniStack gives
no stage variables to functions, so it can't show `AccountsClaim`: `tests/suite/access.rs` calls every route with every
scope about the caller's own account and about another's, at the local gateway.
"""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from harness.api_client import ApiClient
from harness.refusals import ID, authorisation, requests, runs
from harness.tokens import Issuer

AUDIENCE = "polydesk"
PREFIX = "https://support.example.com/"
CLAIM = "polydesk_accounts"
SCOPES = {"read", "write", "admin"}
ADMIN_PATHS = {
    ("GET", "/audit"),
    ("DELETE", f"/tickets/{ID}"),
    ("PUT", f"/tickets/{ID}/hold"),
    ("DELETE", f"/tickets/{ID}/hold"),
}

# One request of each kind of route, with the answer to a token that has enough scopes.
KINDS = [
    ("GET", "/vendors", 200),
    ("GET", "/accounts", 200),
    ("GET", "/audit", 200),
    ("GET", f"/tickets/{ID}", 404),
    ("POST", f"/tickets/{ID}/close", 404),
    ("DELETE", f"/tickets/{ID}/messages/1", 404),
    ("DELETE", f"/tickets/{ID}/hold", 404),
    ("DELETE", "/accounts/nobody", 404),
]


def enough(method, path):
    """The scopes of which a token needs one for that request."""
    if path.startswith("/accounts"):
        return {"read", "admin"} if method == "GET" else {"admin"}
    if (method, path) in ADMIN_PATHS:
        return {"admin"}
    return {"read"} if method == "GET" else {"write"}


@pytest.fixture(scope="module")
def issuer(world):
    issuer = Issuer()
    parameters = {"JwtIssuer": issuer.url, "JwtAudience": AUDIENCE, "AccountsClaim": CLAIM}
    world.stack.update(parameters | {"RequireScopes": "true", "ScopePrefix": PREFIX})
    yield issuer
    issuer.stop()


def token(issuer, *scopes, accounts="*"):
    """A token with these scopes, for a caller with these accounts; `None` leaves the claim out."""
    scope = " ".join(f"{PREFIX}{scope}" for scope in scopes)
    return issuer.token(AUDIENCE, scope=scope or None, **{CLAIM: accounts})


def holder(world, issuer, *scopes, accounts="*"):
    """The world with a client that has such a token."""
    held = token(issuer, *scopes, accounts=accounts)
    api = ApiClient(world.api.url, world.api.port, world.api.routes, world.logs, session=None, token=held)
    return replace(world, api=api)


@pytest.mark.parametrize("scope", ["none", *sorted(SCOPES)])
def test_a_route_refuses_a_token_without_a_scope_of_its_kind(world, issuer, scope):
    held = token(issuer, *({scope} & SCOPES))
    before, refused = runs(world), 0
    for method, path in requests(world):
        if scope not in enough(method, path):
            answer = world.api.send(method, path, {}, "k", None, held)
            assert answer.status == 403, f"{method} {path}: {answer.status} {answer.text}"
            refused += 1
    assert refused and runs(world) == before


@pytest.mark.parametrize("method, path, status", KINDS)
def test_a_scope_of_its_kind_is_enough(world, issuer, method, path, status):
    for scope in sorted(enough(method, path)):
        answer = holder(world, issuer, scope).api.call(method, path, key="k")
        assert answer.status == status, f"{scope}: {answer.text}"


def test_a_token_may_have_several_scopes(world, issuer):
    api = holder(world, issuer, "write", "read").api
    api.get("/vendors").expect(200)
    api.post(f"/tickets/{ID}/close").expect(404)
    assert api.send("DELETE", f"/tickets/{ID}/hold", None, None, None, api.token).status == 403


@pytest.mark.parametrize("scope", ["read", "https://other.example.com/read", f"{PREFIX}reader", PREFIX])
def test_a_scope_counts_with_its_prefix_alone(world, issuer, scope):
    held = issuer.token(AUDIENCE, scope=scope, **{CLAIM: "*"})
    assert world.api.send("GET", "/vendors", None, None, None, held).status == 403


@pytest.mark.parametrize("parameter, value", [("RequireScopes", "true"), ("AccountsClaim", CLAIM)])
@pytest.mark.parametrize("left_out", ["JwtIssuer", "JwtAudience"])
def test_neither_is_deployed_without_tokens(world, issuer, parameter, value, left_out):
    parameters = {"JwtIssuer": issuer.url, "JwtAudience": AUDIENCE, parameter: value} | {left_out: ""}
    with pytest.raises(ClientError, match=f"{parameter} needs JwtIssuer and JwtAudience"):
        world.stack.update(parameters)
    assert authorisation(world) == {"JWT"}

"""With `DeskClientId` the API serves the desk to anyone. Other routes stay as they are, and its role may write its log.

MiniStack gives no stage variables to functions, so the settings that it shows here are those of a stack without
sign-in: `functions/serve-desk` tests the others, and `tests/suite/template/desk.rs` where they come from.
"""

import pytest
from botocore.exceptions import ClientError

from harness.api_client import deployed_routes
from harness.callers import allow, assumed, user
from harness.calls import Calls, Simulated
from harness.refusals import refused
from harness.tokens import Issuer

FUNCTION = "serve-desk"
ROUTES = {"GET /", "GET /desk", "GET /desk/{path+}"}
# The ways to a page and its files, with the expected status and the start of the content type.
FILES = [
    ("/desk", 200, "text/html"),
    ("/desk/tickets/01JD2Y5T9V7Z3M6Q8R4S0X1W2K", 200, "text/html"),
    ("/desk/config.json", 200, "application/json"),
    ("/desk/none.js", 404, "application/problem+json"),
    ("/desk/assets/..%2f..%2fCargo.toml", 404, "application/problem+json"),
]


@pytest.fixture(scope="module")
def tokens(world):
    """The parameters of a stack with an issuer."""
    issuer = Issuer()
    yield {"JwtIssuer": issuer.url, "JwtAudience": "polydesk"}
    issuer.stop()


@pytest.fixture(scope="module")
def desk(world, tokens):
    assert FUNCTION not in world.stack.functions
    world.stack.update(tokens | {"DeskClientId": "desk"})
    yield
    # Without the client nothing of it is left.
    world.stack.update(tokens)
    assert FUNCTION not in world.stack.functions
    assert ROUTES.isdisjoint(deployed_routes(world.emulator, world.stack))


def get(world, path, **headers):
    """A request without a signature and without a token."""
    return world.api.send("GET", path, None, None, None, more_headers=headers)


def test_only_its_routes_are_open(world, desk):
    routes = world.emulator.client("apigatewayv2").get_routes(ApiId=world.stack.id_of("HttpApi"))["Items"]
    kinds = {route["RouteKey"]: route["AuthorizationType"] for route in routes}
    assert {route for route, kind in kinds.items() if kind == "NONE"} == ROUTES
    assert {kind for route, kind in kinds.items() if route not in ROUTES} == {"JWT"}
    # The client knows the routes of a stack without the desk.
    refused(world, 401)


def test_the_address_of_the_api_leads_to_the_page(world, desk):
    answer = get(world, "/")
    assert (answer.status, answer.headers["location"]) == (302, "/desk")


@pytest.mark.parametrize("path, status, kind", FILES)
def test_anyone_gets_the_page_with_its_policy(world, desk, path, status, kind):
    answer = get(world, path)
    assert answer.status == status and answer.headers["content-type"].startswith(kind), answer
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    bucket = f"https://{world.stack.id_of('Files')}.s3."
    assert any(part.startswith(f"connect-src 'self' {bucket}") for part in policy), policy


def test_files_are_kept_and_sent_compressed(world, desk):
    page = get(world, "/desk").text
    files = [part for part in page.split('"') if part.startswith("/desk/assets/")]
    assert files
    for path in files:
        plain = get(world, path)
        assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
        zipped = get(world, path, **{"Accept-Encoding": "gzip"})
        # The client has unpacked it.
        assert zipped.headers.get("content-encoding") == "gzip" or path.endswith(".svg")
        assert zipped.text == plain.text
        kept = get(world, path, **{"If-None-Match": plain.headers["etag"]})
        assert (kept.status, kept.text) == (304, "")


def test_the_page_may_use_links_to_files(world, desk):
    rules = world.emulator.client("s3").get_bucket_cors(Bucket=world.stack.id_of("Files"))["CORSRules"]
    [rule] = rules
    assert rule["AllowedOrigins"] == [world.stack.outputs["ApiUrl"]]
    assert sorted(rule["AllowedMethods"]) == ["GET", "HEAD", "PUT"]


def test_its_role_may_write_its_log_and_nothing_else(world, desk):
    operator = user(world.emulator, "desk-operator", [allow("sts:AssumeRole", "*")])
    session = assumed(world.emulator, world.stack.role_of(FUNCTION), operator)
    allowed, tried = Calls(world, FUNCTION, session).allowed()
    assert allowed == set() and tried
    assert Simulated(world, FUNCTION).allowed() == {"logs:CreateLogStream own", "logs:PutLogEvents own"}


@pytest.mark.parametrize("left_out", ["JwtIssuer", "JwtAudience"])
def test_it_is_not_deployed_without_tokens(world, tokens, left_out):
    with pytest.raises(ClientError, match="DeskClientId needs JwtIssuer and JwtAudience"):
        world.stack.update(tokens | {"DeskClientId": "desk"} | {left_out: ""})

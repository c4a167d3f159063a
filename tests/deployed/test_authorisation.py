"""Nobody calls the API without leave: by default every route asks for IAM."""

import pytest

from harness.callers import user
from harness.desk import BY_THEMSELVES


def refused(world, session):
    """Every route refuses, and no function runs for it."""
    before = runs(world)
    for route in world.desk.routes:
        method, path = route.split(" ")
        answer = world.desk.send(method, path.replace("{id}", "01JD2Y5T9V7Z3M6Q8R4S0X1W2K"), {}, "k", session)
        assert answer.status == 403, f"{route}: {answer.text}"
    assert runs(world) == before


def runs(world):
    """How often each function ran that only routes start."""
    functions = set(world.desk.routes.values()) - BY_THEMSELVES
    return {function: world.logs.runs_of(function) for function in functions}


def test_a_request_without_a_signature_is_refused(world):
    refused(world, None)


def test_a_caller_without_the_right_is_refused(world):
    refused(world, user(world.emulator, "stranger", []))


@pytest.mark.parametrize("path", ["/accounts", "/catalog/refresh"])
def test_a_wrong_signature_is_refused(world, path):
    class WrongSecret:
        @staticmethod
        def get_credentials():
            known = world.desk.session.get_credentials()
            return type(known)(known.access_key, "not-the-secret")

    assert world.desk.send("POST", path, {}, None, WrongSecret).status == 403


def test_the_deployed_routes_ask_for_iam(world):
    gateway = world.emulator.client("apigatewayv2")
    routes = gateway.get_routes(ApiId=world.stack.id_of("HttpApi"))["Items"]
    assert {route["AuthorizationType"] for route in routes} == {"AWS_IAM"}

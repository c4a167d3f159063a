"""Requests that every route must refuse before a function runs."""

from .api_client import ALSO_SCHEDULED

# Exists nowhere.
ID = "01JD2Y5T9V7Z3M6Q8R4S0X1W2K"


def refused(world, status, session=None, token=""):
    """Every route refuses with this status, and no function runs for it."""
    before = runs(world)
    for method, path in requests(world):
        answer = world.api.send(method, path, {}, "k", session, token)
        assert answer.status == status, f"{method} {path}: {answer.status} {answer.text}"
    assert runs(world) == before


def requests(world):
    """Method and path of a request to every route."""
    for route in world.api.routes:
        method, path = route.split(" ")
        yield method, path.replace("{id}", ID)


def runs(world):
    """How often each function ran that only routes start."""
    functions = set(world.api.routes.values()) - ALSO_SCHEDULED
    return {function: world.logs.runs_of(function) for function in functions}


def authorisation(world):
    """The authorisation types of the deployed routes."""
    gateway = world.emulator.client("apigatewayv2")
    routes = gateway.get_routes(ApiId=world.stack.id_of("HttpApi"))["Items"]
    return {route["AuthorizationType"] for route in routes}

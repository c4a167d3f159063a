"""A client of the deployed API that signs requests or sends a token. It records which function ran for which route."""

import json
import time
from collections import Counter
from dataclasses import dataclass, field

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from .emulator import REGION
from .stack import ALIAS

# Above the API's own limit of 30 s.
ANSWER_SECONDS = 40
LOG_SECONDS = 10

# Schedules and events start it too, so it may run at any time.
ALSO_SCHEDULED = {"manage-accounts", "refresh-catalog"}


@dataclass
class Answer:
    status: int
    headers: dict
    text: str

    @property
    def body(self):
        return json.loads(self.text)

    def expect(self, status):
        assert self.status == status, f"{self.status} instead of {status}: {self.text}"
        return self.body


@dataclass
class ApiClient:
    """The API at `url`, which resolves to the emulator's `port` on loopback."""

    url: str
    port: int
    routes: dict
    logs: object
    session: object
    # (route, function, status) of each call.
    seen: Counter = field(default_factory=Counter)
    # Headers and bodies of all responses.
    answers: list = field(default_factory=list)
    # Instead of a session, when the API wants tokens.
    token: str = ""

    def __post_init__(self):
        self._pool = urllib3.HTTPConnectionPool("127.0.0.1", self.port, retries=False)
        self._runs = self._runs_now()

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None, key=None):
        return self.call("POST", path, body, key)

    def call(self, method, path, body=None, key=None, headers=None):
        """Calls the API and finds in the logs the function that ran for it."""
        answer = self.send(method, path, body, key, self.session, self.token, headers)
        route = self.route_of(method, path)
        function = self._ran(self.routes[route])
        self.seen[route, function, answer.status] += 1
        return answer

    def send(self, method, path, body, key, session, token="", more_headers=None):
        """One request, signed by `session` or with a `token` if given. The host name need not resolve."""
        data = b"" if body is None else json.dumps(body).encode()
        request = AWSRequest(method, f"{self.url}{path}", data=data)
        for name, text in (more_headers or {}).items():
            request.headers[name] = text
        if key:
            request.headers["Idempotency-Key"] = key
        if session:
            SigV4Auth(session.get_credentials(), "execute-api", REGION).add_auth(request)
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
        headers = dict(request.headers.items()) | {"Host": self.url.removeprefix("http://")}
        response = self._pool.request(method, path, body=data, headers=headers, timeout=ANSWER_SECONDS)
        answer = Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.data.decode())
        self.answers.append(f"{answer.headers}\n{answer.text}")
        return answer

    def all(self, path):
        """All items of a list, page by page."""
        items, cursor = [], ""
        while True:
            page = self.get(path + cursor).expect(200)
            items += page["items"]
            if not page.get("next_cursor"):
                return items
            cursor = f"{'&' if '?' in path else '?'}cursor={page['next_cursor']}"

    def route_of(self, method, path):
        """The route of a request; as at API Gateway, a route without a parameter goes first."""
        parts = path.split("?")[0].split("/")
        fitting = [route for route in self.routes if fits(route, method, parts)]
        return min(fitting, key=lambda route: route.count("{"))

    def _ran(self, expected):
        """Waits until `expected` ran for the last call, by the logs; no other that only routes start may run."""
        end = time.monotonic() + LOG_SECONDS
        while True:
            runs = self._runs_now()
            ran = {function for function, count in runs.items() if count > self._runs[function]}
            if expected in ran or time.monotonic() > end:
                break
            time.sleep(0.1)
        self._runs = runs
        assert expected in ran and ran <= ALSO_SCHEDULED | {expected}, f"{ran} ran instead of {expected}"
        return expected

    def _runs_now(self):
        return {function: self.logs.runs_of(function) for function in set(self.routes.values())}


def fits(route, method, parts):
    verb, pattern = route.split(" ")
    segments = pattern.split("/")
    return (
        verb == method
        and len(segments) == len(parts)
        and all(segment.startswith("{") or segment == part for segment, part in zip(segments, parts))
    )


def deployed_routes(emulator, stack):
    """Route key to function, as deployed: through the route's integration."""
    gateway = emulator.client("apigatewayv2")
    api = stack.id_of("HttpApi")
    packages = {name: package for package, name in stack.functions.items()}
    integrations = {
        f"integrations/{integration['IntegrationId']}": function_in(integration["IntegrationUri"])
        for integration in gateway.get_integrations(ApiId=api)["Items"]
    }
    routes = gateway.get_routes(ApiId=api)["Items"]
    return {route["RouteKey"]: packages[integrations[route["Target"]]] for route in routes}


def function_in(arn):
    """The function that an ARN calls; it must name the alias."""
    name, _, alias = arn.rsplit(":function:")[-1].removesuffix("/invocations").partition(":")
    assert alias == ALIAS, f"{arn} goes past the alias"
    return name

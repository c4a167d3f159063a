"""Nobody calls the API without permission: by default every route wants IAM authorisation."""

import pytest

from harness.callers import user
from harness.refusals import authorisation, refused


def test_a_request_without_a_signature_is_refused(world):
    refused(world, 403)


def test_a_caller_without_permission_is_refused(world):
    refused(world, 403, user(world.emulator, "stranger", []))


@pytest.mark.parametrize("path", ["/accounts", "/catalog/refresh"])
def test_a_wrong_signature_is_refused(world, path):
    class WrongSecret:
        @staticmethod
        def get_credentials():
            known = world.api.session.get_credentials()
            return type(known)(known.access_key, "not-the-secret")

    assert world.api.send("POST", path, {}, None, WrongSecret).status == 403


def test_the_deployed_routes_want_iam(world):
    assert authorisation(world) == {"AWS_IAM"}

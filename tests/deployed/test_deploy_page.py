"""The blocks of docs/deploy.md, in their order, with the tools that the page names and a MiniStack of their own."""

import json
import os
import re
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.emulator import Emulator
from harness.page import PAGE, blocks, run
from harness.simulators import Keys, Simulators
from harness.stack import for_emulator

ROOT = PAGE.parents[1]
VERSION = "0.0.0-page"

# Why a block is not run, and what stands for it.
TOOLS = "the test has these tools already"
COMPILES = "it compiles the functions, and the test has them already"
TOKENS = "the emulator has another address for tokens"
RELEASE = 'infra/release.py --zips "$ZIPS"'
INSTEAD = {
    ("Tools", TOOLS): "",
    ("With a release", COMPILES): RELEASE,
    ("From source", COMPILES): "",
    ("Callers with tokens", TOKENS): "token_url=$AWS_ENDPOINT_URL/oauth2/token",
}

FAILED = "When the first deployment fails"
ONE_STACK = "One stack"

LOOPBACK = re.compile(r'(  AllowLoopbackEndpoints:\n    Type: String\n    Default: )"false"\n')
# A function's URL without the function.
CANNOT_BE_CREATED = """
  CannotBeCreated:
    Type: AWS::Lambda::Url
    DependsOn: Table
    Properties:
      AuthType: AWS_IAM
      TargetFunctionArn: missing

Outputs:
"""


@dataclass
class Machine:
    """Where the page's blocks run."""

    folder: Path
    emulator: Emulator
    vendor: object
    environment: dict

    def clone(self, name, edit=lambda template: template):
        """A copy of the clone, with the template changed for the emulator, and by `edit`."""
        copy = self.folder / name
        ignored = shutil.ignore_patterns(".git", "target", ".venv", ".aws-sam", "__pycache__")
        shutil.copytree(ROOT, copy, ignore=ignored)
        path = copy / "infra" / "template.yaml"
        path.write_text(edit(with_simulators(path.read_text())))
        return copy

    def run(self, parts, clone):
        return run(parts, clone, self.environment, clone.with_suffix(".log"))

    def stacks(self):
        found = self.emulator.client("cloudformation").list_stacks()["StackSummaries"]
        return sorted(stack["StackName"] for stack in found if stack["StackStatus"] != "DELETE_COMPLETE")

    def tables(self):
        return self.emulator.client("dynamodb").list_tables()["TableNames"]


def with_simulators(template):
    """The template for the emulator; the vendors are simulators on loopback."""
    template, found = LOOPBACK.subn(r'\1"true"\n', for_emulator(template))
    assert found == 1, "the parameter for endpoints on loopback"
    return template


@pytest.fixture(scope="module")
def page():
    return blocks(PAGE.read_text())


@pytest.fixture(scope="module")
def machine():
    folder = Path(os.environ["RUN_FOLDER"]) / "page"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "home").mkdir(parents=True)
    with ExitStack() as down:
        # The logs stay.
        for copies in ("tmp", "home", "failed", "clone"):
            down.callback(shutil.rmtree, folder / copies, ignore_errors=True)
        simulators = Simulators(os.environ["SIMULATORS_BIN"])
        down.callback(simulators.stop)
        emulator = Emulator(folder)
        down.callback(emulator.stop)
        yield Machine(folder, emulator, simulators.vendors["ALIBABA"], environment(folder, emulator))


def environment(folder, emulator):
    """The whole environment of the page's bash."""
    credentials = emulator.root.get_credentials()
    return {
        "PATH": f"{os.environ['TOOLS']}:/usr/bin:/bin",
        "HOME": str(folder / "home"),
        "LC_ALL": "C.UTF-8",
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "POLYDESK_VERSION": VERSION,
        "ZIPS": os.environ["ZIPS"],
    }


def part(block):
    """What the test runs for a block."""
    name = f"{PAGE.name}:{block.line} {block.heading}"
    return name, INSTEAD[block.heading, block.not_tested] if block.not_tested else block.code


def test_only_these_blocks_are_not_run(page):
    assert [(block.heading, block.not_tested) for block in page if block.not_tested] == list(INSTEAD)
    assert len(page) > 15


def test_no_block_hides_a_failure(page):
    """`set -e` does not see a command that fails before `&&` or `||`."""
    assert [block.line for block in page if re.search(r"&&|\|\|", block.code)] == []


@pytest.mark.parametrize("fails", ["false\ntrue", "false | true", "x=$(false)", "echo $undefined"])
def test_a_block_that_fails_ends_the_run(tmp_path, fails):
    parts = [("fails", fails), ("next", "touch next")]
    with pytest.raises(AssertionError, match="exit status 1"):
        run(parts, tmp_path, {"PATH": "/usr/bin:/bin"}, tmp_path / "run.log")
    assert not (tmp_path / "next").exists()


def test_a_failed_first_deployment_is_removed(page, machine):
    """The page's steps on a stack that is ROLLBACK_COMPLETE."""
    clone = machine.clone("failed", lambda template: template.replace("\nOutputs:\n", CANNOT_BE_CREATED))
    # `if`, because `set -e` ignores a command after `!`.
    fails = f"{RELEASE}\ncd target/polydesk-*/\nif sam deploy; then exit 1; fi"
    before, after = ([part(block) for block in page if block.heading == title] for title in ("AWS account", FAILED))
    output = machine.run([*before, ("sam deploy fails", fails), *after], clone)
    assert "ROLLBACK_COMPLETE" in output
    # The cause, as the events tell it.
    assert "CannotBeCreated\tLambda function not found" in output
    assert "polydesk-dev" not in machine.stacks() and machine.tables() == []


def test_from_nothing_to_the_first_ticket_and_back(page, machine):
    clone = machine.clone("clone")
    keys = Keys.canary("alibaba", "page", "1")
    machine.vendor.add_keys(keys, "customer-page")
    output = machine.run(whole(page, account_json(keys, machine.vendor)), clone)
    functions = sorted(folder.name for folder in (ROOT / "functions").iterdir())
    assert all(f"{function}.zip: OK\n" in output for function in functions)
    # All but the desk, which is there only with DeskClientId.
    assert output.count(f" Version {VERSION}.\n") == len(functions) - 1
    [ticket] = [ticket for ticket in machine.vendor.tickets() if ticket["account"] == "customer-page"]
    # Created, read, closed, and read with a token.
    assert output.count(f'"cloud_id":"{ticket["id"]}"') == 4
    assert '"state":"open"' in output and '"verified":true' in output
    assert remaining(machine) == []


def whole(page, account):
    """The page in its order, with the file that a person writes, and with a teardown of production too."""
    parts = []
    for block in page:
        if block.heading == FAILED:
            continue
        if "@account.json" in block.code:
            parts.append(("account.json", f"cat >account.json <<'END'\n{account}\nEND"))
        parts.append(part(block))
    teardown = [part(block) for block in page if block.heading == ONE_STACK]
    place = parts.index(teardown[0])
    parts[place:place] = [("production", "stack=polydesk"), *teardown, ("dev", "stack=polydesk-dev")]
    return parts


def account_json(keys, vendor):
    """The file of the page, with the simulator as the vendor."""
    body = {"type": "ALIBABA", "region_id": "cn-hangzhou", "secret_id": keys.id, "secret_key_secret": keys.secret}
    return json.dumps(body | {"endpoint": vendor.url})


def remaining(machine):
    """What the page created and did not delete."""
    client = machine.emulator.client
    return [
        *machine.stacks(),
        *machine.tables(),
        *client("s3").list_buckets()["Buckets"],
        *client("logs").describe_log_groups()["logGroups"],
        *client("sns").list_topics()["Topics"],
        *client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"],
        *client("lambda").list_functions()["Functions"],
        *client("secretsmanager").list_secrets()["SecretList"],
    ]

"""infra/template.yaml as a stack: packaged as `sam package` does it, created and deleted by CloudFormation."""

import json
import re
import time
from pathlib import Path

import yaml

TEMPLATE = Path(__file__).parents[3] / "infra" / "template.yaml"
CODE_URI = re.compile(r"CodeUri: \.\./functions/(\S+)")
# In the globals, for all functions.
DEPLOYMENT_PREFERENCE = re.compile(r"^    DeploymentPreference:\n", re.MULTILINE)

# A whole resource: it ends before the next line that begins like it.
BUS_POLICY = re.compile(r"^  EventBusPolicy:\n(?:    .*\n|\n)+(?=  \S)", re.MULTILINE)
BUCKET_POLICY = re.compile(r"^  FilesPolicy:\n(?:    .*\n|\n)+(?=  \S)", re.MULTILINE)

# In the globals, for all functions.
ENVIRONMENT = re.compile(r"^    Environment:\n      Variables:\n", re.MULTILINE)
# So that an outcome that nobody can tell is known as such within the run.
SETTLE_TIME_MS = 5_000

# The alias that all callers use.
ALIAS = "live"

BUCKET = "artifacts"
DEPLOY_SECONDS = 180

PARAMETERS = {
    "AllowLoopbackEndpoints": "true",
    # So that both schedules fire during the run: a minute is the shortest rate of EventBridge.
    "RefreshSchedule": "rate(1 minute)",
    "SyncSchedule": "rate(1 minute)",
    # The stack is deleted at the end.
    "DeletionProtection": "false",
}


class Stack:
    """The deployed stack: its resources by their logical ids."""

    def __init__(self, emulator, name, zips, lost=None):
        self.name = name
        self._emulator = emulator
        self._cloudformation = emulator.client("cloudformation")
        self._template = self._package(zips, lost)
        self._create(self._upload(self._template))
        self._read()
        self._switch_off_redrive()

    def _read(self):
        """Reads what the stack has now."""
        self.resources = self._resources()
        # Package name, as `create-ticket`, to function name.
        self.functions = {
            kebab(logical.removesuffix("Function")): physical
            for logical, (kind, physical) in self.resources.items()
            if kind == "AWS::Lambda::Function"
        }
        self.outputs = {
            output["OutputKey"]: output["OutputValue"] for output in self._describe()["Outputs"]
        }
        self.log_groups = {function: f"/aws/lambda/{self.name}-{function}" for function in self.functions}

    def id_of(self, logical):
        return self.resources[logical][1]

    def live(self):
        """Function to the version of its alias."""
        client = self._emulator.client("lambda")
        return {
            function: client.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"]
            for function, name in self.functions.items()
        }

    def role_of(self, function):
        """The name of a function's role."""
        return self.id_of(f"{camel(function)}Role")

    def update(self, parameters=(), edit=lambda template: template):
        """Deploys the template again, with other parameters, or after an `edit` of its text."""
        self._cloudformation.update_stack(
            StackName=self.name,
            TemplateURL=self._upload(edit(self._template)),
            **self._choices(PARAMETERS | dict(parameters)),
        )
        self._wait_for("UPDATE_COMPLETE")
        self._read()
        self._switch_off_redrive()

    def _package(self, zips, lost):
        """Uploads the code. Changes in the template: the location of the code, no CodeDeploy, no policy of the bus, the
        settle time."""
        s3 = self._emulator.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        template = TEMPLATE.read_text()
        for function in CODE_URI.findall(template):
            s3.upload_file(str(Path(zips) / function / "bootstrap.zip"), BUCKET, f"{function}.zip")
        template = CODE_URI.sub(rf"CodeUri: s3://{BUCKET}/\1.zip", template)
        template = for_emulator(template)
        template, found = ENVIRONMENT.subn(rf"\g<0>        SETTLE_TIME_MS: '{SETTLE_TIME_MS}'\n", template)
        assert found == 1, "the environment of all functions"
        if lost:
            template = without_action(template, *lost)
        return template

    def _upload(self, template):
        self._emulator.client("s3").put_object(Bucket=BUCKET, Key="template.yaml", Body=template.encode())
        return f"{self._emulator.url}/{BUCKET}/template.yaml"

    @staticmethod
    def _choices(parameters):
        return {
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
            ],
        }

    def _create(self, template_url):
        self._cloudformation.create_stack(
            StackName=self.name, TemplateURL=template_url, **self._choices(PARAMETERS)
        )
        self._wait_for("CREATE_COMPLETE")

    def delete(self):
        self._cloudformation.delete_stack(StackName=self._describe()["StackId"])
        self._wait_for("DELETE_COMPLETE")

    def _describe(self):
        return self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]

    def _wait_for(self, wanted):
        stacks = self._cloudformation.get_paginator("list_stacks")
        end = time.monotonic() + DEPLOY_SECONDS
        while time.monotonic() < end:
            [state] = [
                stack["StackStatus"]
                for stack in stacks.paginate().build_full_result()["StackSummaries"]
                if stack["StackName"] == self.name
            ]
            if state == wanted:
                return
            if not state.endswith("_IN_PROGRESS"):
                raise RuntimeError(f"the stack is {state}: {self._failures()}")
            time.sleep(0.5)
        raise RuntimeError(f"the stack is not {wanted} after {DEPLOY_SECONDS} s")

    def _failures(self):
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return [
            (event["LogicalResourceId"], event.get("ResourceStatusReason"))
            for event in events
            if event["ResourceStatus"].endswith("_FAILED")
        ]

    def _resources(self):
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return {
            resource["LogicalResourceId"]: (resource["ResourceType"], resource["PhysicalResourceId"])
            for page in pages
            for resource in page["StackResourceSummaries"]
        }

    def _switch_off_redrive(self):
        """CloudFormation reads the text "false" as false; MiniStack reads it as true and enables the mapping."""
        mapping = self.id_of("PublishEventsRedrive")
        self._emulator.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)


def for_emulator(template):
    """MiniStack has no CodeDeploy and no policy of a bus. It creates versions and aliases, and moves an alias at once."""
    template, found = DEPLOYMENT_PREFERENCE.subn(r"\g<0>      Enabled: false\n", template)
    assert found == 1, "the deployment preference of all functions"
    template, found = BUS_POLICY.subn("", template)
    assert found == 1, "the policy of the bus"
    # It denies what does not come over TLS, which MiniStack does not speak.
    template, found = BUCKET_POLICY.subn("", template)
    assert found == 1, "the policy of the bucket"
    return template


def without_action(template, function, action):
    """The template without one action in the policy of one function."""
    document = yaml.safe_load(template)
    role = document["Resources"][f"{camel(function)}Role"]["Properties"]
    lost = 0
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            actions = [actions] if isinstance(actions, str) else actions
            lost += actions.count(action)
            # A list of actions must not be empty; this action does not exist.
            statement["Action"] = [other for other in actions if other != action] or ["logs:Nothing"]
    if not lost:
        raise ValueError(f"the policy of {function} has no {action}")
    return json.dumps(document)


def camel(name):
    return "".join(word.capitalize() for word in name.split("-"))


def kebab(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()

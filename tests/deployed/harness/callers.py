"""Callers: users and roles of the emulator's IAM, as sessions with their keys."""

import json

import boto3

from .emulator import ACCOUNT, REGION


def user(emulator, name, statements):
    """A new user with these permissions, as a session."""
    iam = emulator.client("iam")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy(statements))
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], region_name=REGION)


def may_call(api):
    """The permission to call every route of an API."""
    return [allow("execute-api:Invoke", f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/*")]


def assumed(emulator, role, caller):
    """A session in a deployed role, with its deployed permissions.

    The trust policy of the role has Lambda alone; during this call it has the caller too.
    """
    iam = emulator.client("iam")
    found = iam.get_role(RoleName=role)["Role"]
    trust = found["AssumeRolePolicyDocument"]
    arn = emulator.client("sts", caller).get_caller_identity()["Arn"]
    too = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
    opened = trust | {"Statement": [*trust["Statement"], too]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(opened))
    try:
        sts = emulator.client("sts", caller)
        keys = sts.assume_role(RoleArn=found["Arn"], RoleSessionName="roles")["Credentials"]
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    return boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=REGION
    )


def allow(action, resource, **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})

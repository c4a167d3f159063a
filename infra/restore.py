"""Copies one table to another, for example a restored backup: docs/operations.md, "Backup and restore".

    .venv/bin/python infra/restore.py FROM TO            counts the differences, writes nothing
    .venv/bin/python infra/restore.py FROM TO --write    writes the differences, deletes items that FROM does not have

Nobody else may write to the two tables meanwhile. After an interruption it can be run again; it skips equal items.
Needs boto3 (a dependency of the SAM CLI) and the permissions to scan both tables and to put and delete in TO.
"""

import argparse

import boto3

KEY = ("PK", "SK")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("source", metavar="FROM")
    arguments.add_argument("target", metavar="TO")
    arguments.add_argument("--write", action="store_true")
    options = arguments.parse_args()
    dynamodb = boto3.client("dynamodb")

    stale = {key_of(item): item for item in items(dynamodb, options.target)}
    put = same = 0
    for item in items(dynamodb, options.source):
        if stale.pop(key_of(item), None) == item:
            same += 1
            continue
        put += 1
        if options.write:
            dynamodb.put_item(TableName=options.target, Item=item)
    if not put and not same:
        raise SystemExit(f"{options.source} is empty; nothing is deleted")
    for item in stale.values():
        if options.write:
            dynamodb.delete_item(TableName=options.target, Key={name: item[name] for name in KEY})
    done = "put and deleted" if options.write else "to put and to delete"
    print(f"{same} items are equal, {put} and {len(stale)} {done}")


def items(dynamodb, table):
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def key_of(item):
    return tuple(item[name]["S"] for name in KEY)


if __name__ == "__main__":
    main()

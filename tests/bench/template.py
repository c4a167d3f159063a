"""What infra/template.yaml says about the table and the functions."""

import functools
from pathlib import Path

import yaml

TEMPLATE = Path(__file__).resolve().parents[2] / "infra" / "template.yaml"
TABLE_PROPERTIES = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")


@functools.cache
def template():
    return yaml.safe_load(TEMPLATE.read_text())


def table():
    """The arguments of CreateTable, without the name."""
    properties = template()["Resources"]["Table"]["Properties"]
    return {name: properties[name] for name in TABLE_PROPERTIES}


def timeout_s(function):
    return of_function(function, "Timeout")


def memory_mb(function):
    return of_function(function, "MemorySize")


def of_function(function, name):
    """A property of a function, or of all functions; the default of a parameter."""
    logical = "".join(word.capitalize() for word in function.split("-")) + "Function"
    everywhere = template()["Globals"]["Function"]
    value = template()["Resources"][logical]["Properties"].get(name, everywhere[name])
    return template()["Parameters"][value["Ref"]]["Default"] if isinstance(value, dict) else value

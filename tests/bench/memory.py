"""What the programs that measure memory share: the backends of `serve`, and one start of a function against them."""

import re
import sys
from pathlib import Path

from runtime_api import Launch, measure

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "openapi"))

from stack import call, serving  # noqa: E402, F401

TEMPLATE = ROOT / "infra" / "template.yaml"


def start(stack, folder, function, program, events):
    """The figures of one start of the program against `serve`, with the events as in `measure`."""
    launch = Launch(
        [str(Path(program).resolve())],
        stack.environment,
        setting(function, "Timeout"),
        setting(function, "MemorySize"),
        folder,
        folder / f"{function}.log",
    )
    return measure(launch, events)


def setting(function, name):
    """A number of a function in the template: its own, that of all functions, or the default of a parameter."""
    logical = "".join(word.capitalize() for word in function.split("-")) + "Function"
    for place in (
        # Lines of one resource have at least four spaces.
        rf"^  {logical}:\n(?:    .*\n|\n)*?      {name}: (\d+)$",
        rf"^  Function:\n(?:    .*\n|\n)*?    {name}: (\d+)$",
        rf"^  {name}:\n    Type: Number\n    Default: (\d+)$",
    ):
        if found := re.search(place, TEMPLATE.read_text(), re.MULTILINE):
            return int(found[1])
    raise SystemExit(f"{TEMPLATE} has no {name} for {function}")

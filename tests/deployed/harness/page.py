"""docs/deploy.md: its code blocks, and a bash that runs them one after the other."""

import os
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "deploy.md"

HEADING = re.compile(r"#+ (?P<heading>.+)")
# The comment stands directly before the block.
NOT_TESTED = re.compile(r"<!-- not tested: (?P<reason>.+) -->")
FENCE = "```"

RUN_SECONDS = 900


@dataclass(frozen=True)
class Block:
    """One block of shell: its heading, its first line in the page, and why it is not run, if so."""

    heading: str
    line: int
    code: str
    not_tested: str | None


def blocks(text):
    """All blocks of shell, in order. Blocks in other languages are examples."""
    found, heading, reason, opened = [], None, None, None
    for number, line in enumerate(text.splitlines(), 1):
        if opened is not None:
            if line == FENCE:
                if opened[0] == f"{FENCE}sh":
                    found.append(Block(heading, number - len(opened) + 1, "\n".join(opened[1:]), reason))
                elif reason:
                    raise ValueError(f"line {number}: only blocks of shell can be left out")
                opened = reason = None
            else:
                opened.append(line)
        elif line.startswith(FENCE):
            opened = [line]
        elif mark := NOT_TESTED.fullmatch(line):
            reason = mark["reason"]
        elif reason:
            raise ValueError(f"line {number}: a block must follow the comment")
        elif title := HEADING.fullmatch(line):
            heading = title["heading"]
    if opened is not None:
        raise ValueError("the last block has no end")
    return found


def script(parts):
    """A script of (name, code): it prints each name, and ends with an error at the first command that fails.

    Every question gets the answer `y`.
    """
    lines = ["set -euo pipefail", "exec < <(yes)"]
    for name, code in parts:
        lines += [f"printf '\\n==> %s (%d s)\\n' '{name}' $SECONDS", code]
    return "\n".join([*lines, "printf '\\n==> end\\n'", ""])


def run(parts, folder, environment, log):
    """Runs the parts in one bash and returns their output.

    Raises AssertionError with the end of the output when a command fails, or when the time is over.
    """
    path = log.with_suffix(".sh")
    path.write_text(script(parts))
    with open(log, "wb") as output:
        process = subprocess.Popen(
            ["bash", path], cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT,
            # A group of its own, so that its children can be ended with it.
            start_new_session=True,
        )
        try:
            status = process.wait(RUN_SECONDS)
        except subprocess.TimeoutExpired:
            status = f"no end after {RUN_SECONDS} s"
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
    text = log.read_text()
    assert status == 0, f"exit status {status}; the output ends with\n{text[-3000:]}"
    assert text.endswith("\n==> end\n"), "bash ended before the last block"
    return text

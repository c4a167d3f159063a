"""The zips run on Amazon Linux 2023 and are within the size budget."""

import os
import re
import zipfile
from pathlib import Path

import pytest

ZIPS = sorted(Path(os.environ["ZIPS"]).glob("*/bootstrap.zip"))

# Amazon Linux 2023 has glibc 2.34: https://docs.aws.amazon.com/linux/al2023/ug/glibc-gcc-and-binutils.html
GLIBC = 34
MIB = 1024 * 1024
X86_64 = 62


def test_every_function_has_one():
    functions = Path(__file__).parents[2] / "functions"
    assert [path.parent.name for path in ZIPS] == sorted(folder.name for folder in functions.iterdir())


@pytest.mark.parametrize("path", ZIPS, ids=lambda path: path.parent.name)
def test_a_zip_holds_one_small_program_for_amazon_linux(path):
    with zipfile.ZipFile(path) as packed:
        assert packed.namelist() == ["bootstrap"]
        program = packed.read("bootstrap")
    # An ELF file of 64 bits, and its machine: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
    assert program[:5] == b"\x7fELF\x02"
    assert int.from_bytes(program[18:20], "little") == X86_64
    assert max(int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", program)) <= GLIBC
    # The budget of any function; tests/bench/limits.json has the limits of each.
    assert len(program) <= 8 * MIB
    assert path.stat().st_size <= 3.5 * MIB

#!/usr/bin/env python3
"""Makes a release: a folder from which the stack is deployed without a compiler.

target/polydesk-<version> gets the zip of each function, the template that names these zips, samconfig.toml, the
licence, and SHA256SUMS of all of them but samconfig.toml, which users edit. docs/deploy.md shows how a release is checked and deployed.

The version is POLYDESK_VERSION, or else what `git describe` says of the commit. It is compiled into the functions, and
it is in their descriptions.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# It becomes part of a path and of the template.
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# A function's description and the line below it, the folder of its package.
CODE = re.compile(r"^(      Description: .+)\n      CodeUri: \.\./functions/(\S+)$", re.MULTILINE)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument(
        "--zips", type=Path, help="takes ZIPS/<function>/bootstrap.zip and builds nothing; of the same version"
    )
    zips = arguments.parse_args().zips
    version = version_of_clone()
    zips = zips or build(version)
    release = ROOT / "target" / f"polydesk-{version}"
    shutil.rmtree(release, ignore_errors=True)
    release.mkdir(parents=True)
    template = (ROOT / "infra" / "template.yaml").read_text()
    for function in functions():
        shutil.copyfile(zips / function / "bootstrap.zip", release / f"{function}.zip")
    (release / "template.yaml").write_text(packaged(template, version))
    for name in ("samconfig.toml", "LICENSE"):
        shutil.copyfile(ROOT / name, release / name)
    (release / "SHA256SUMS").write_text(checksums(release))
    print(release)


def version_of_clone():
    version = os.environ.get("POLYDESK_VERSION") or described()
    if not VERSION.fullmatch(version):
        sys.exit(f"not a version: {version!r}")
    return version


def described():
    """The commit's tag, or the tag before it and the commit, or the commit; `-dirty` when files are changed."""
    command = ["git", "describe", "--tags", "--always", "--dirty"]
    git = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE)
    if git.returncode:
        sys.exit("this is not a clone of the repository: set POLYDESK_VERSION")
    return git.stdout.strip()


def build(version):
    environment = os.environ | {"POLYDESK_VERSION": version}
    subprocess.run([ROOT / "tests" / "deployed" / "build-zips"], env=environment, check=True)
    return ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "lambda"


def functions():
    return sorted(folder.name for folder in (ROOT / "functions").iterdir())


def packaged(template, version):
    """The template with the zips beside it as code, and with the version in the functions' descriptions."""
    found = sorted(function for _, function in CODE.findall(template))
    if found != functions():
        sys.exit(f"the template has a Description with the CodeUri below it for {found} only")
    return CODE.sub(rf"\1 Version {version}.\n      CodeUri: \2.zip", template)


def checksums(folder):
    """What `sha256sum --check` reads."""
    names = sorted(path.name for path in folder.iterdir() if path.name != "samconfig.toml")
    return "".join(f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)


main()

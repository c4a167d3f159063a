"""Makes a folder hold the files of a clone and nothing else.

A file that did not change keeps its time, so that cargo builds again only what changed.
"""

import filecmp
import os
import shutil
import sys
from pathlib import Path

# Folders that git ignores, at the root of the clone and anywhere.
IGNORED_AT_ROOT = {".git", "target", ".venv", ".aws-sam"}
IGNORED = {"__pycache__"}


def main(clone, copy):
    wanted = set(files(clone, IGNORED_AT_ROOT, IGNORED))
    for path in set(files(copy)) - wanted:
        (copy / path).unlink()
    for folder, _, _ in os.walk(copy, topdown=False):
        if not os.listdir(folder):
            os.rmdir(folder)
    for path in wanted:
        mirror(clone / path, copy / path)


def files(root, ignored_at_root=frozenset(), ignored=frozenset()):
    """Paths of all files, relative to `root`."""
    for folder, folders, names in os.walk(root):
        excluded = ignored | ignored_at_root if Path(folder) == root else ignored
        folders[:] = [name for name in folders if name not in excluded]
        for name in names:
            yield (Path(folder) / name).relative_to(root)


def mirror(source, target):
    if not (target.is_file() and filecmp.cmp(source, target, shallow=False)):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    shutil.copymode(source, target)


main(Path(sys.argv[1]), Path(sys.argv[2]))

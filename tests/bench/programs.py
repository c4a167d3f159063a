"""The functions to measure, and their sizes."""

import os
import re
import zipfile
from pathlib import Path

MIB = 2**20

# What `cargo build` leaves beside the functions has other names: they begin with a verb.
FUNCTION = re.compile(r"[a-z]+-[a-z]+")


class Programs:
    """The programs of a folder: `<function>/bootstrap.zip`, `<function>/bootstrap` or `<function>`."""

    def __init__(self, folder, unpacked):
        self.paths = {}
        self.sizes = {}
        for zip_path in sorted(folder.glob("*/bootstrap.zip")):
            self._add(zip_path.parent.name, unpack(zip_path, unpacked / zip_path.parent.name), zip_path)
        for path in sorted(folder.glob("*/bootstrap")):
            if path.parent.name not in self.paths:
                self._add(path.parent.name, path)
        for path in sorted(folder.glob("*-*")):
            if path.name not in self.paths and is_function(path):
                self._add(path.name, path)
        if not self.paths:
            raise SystemExit(f"{folder} has no functions; tests/deployed/build-zips builds them")

    def _add(self, function, path, zip_path=None):
        self.paths[function] = path.resolve()
        self.sizes[function] = {"binary_mib": path.stat().st_size / MIB}
        if zip_path:
            self.sizes[function]["zip_mib"] = zip_path.stat().st_size / MIB


def unpack(zip_path, folder):
    with zipfile.ZipFile(zip_path) as packed:
        path = Path(packed.extract("bootstrap", folder))
    path.chmod(0o755)
    return path


def is_function(path):
    return path.is_file() and os.access(path, os.X_OK) and FUNCTION.fullmatch(path.name)

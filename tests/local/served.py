"""`serve` in a folder that everybody may enter, and what only its owner knows."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading


class Served:
    """A running `serve`."""

    def __init__(self, process, folder):
        self.process = process
        self.folder = folder
        # Every line that it prints, its log included.
        self.output = []
        greeting = self.read_greeting()
        # Reads on, so that `serve` never blocks on a full pipe.
        threading.Thread(target=self.output.extend, args=(process.stdout,), daemon=True).start()
        self.api = re.search(r"Polydesk serves (\S+) ", greeting)[1]
        self.access = pathlib.Path(re.search(r"It is in (.+), which only you can read", greeting)[1])
        headers = dict(line.split(": ", 1) for line in (self.access / "headers").read_text().splitlines())
        self.key = headers["Authorization"].removeprefix("Bearer ")
        self.environment = dict(
            re.findall(r"^export (\w+)='(.*)'$", (self.access / "environment").read_text(), re.MULTILINE)
        )
        vendors = ("ALIBABA", "HUAWEI", "TENCENT")
        self.registrations = {name: json.loads((self.access / f"{name}.json").read_text()) for name in vendors}
        # What must reach nobody else. The id of the registered account is added.
        self.secrets = [self.key] + [body["secret_key_secret"] for body in self.registrations.values()]

    def read_greeting(self):
        for line in self.process.stdout:
            self.output.append(line)
            if line.endswith("/environment'\n"):
                return "".join(self.output)
        raise SystemExit(f"serve ended early:\n{''.join(self.output)}")


@contextlib.contextmanager
def serving():
    """Starts `serve` with a umask that takes nothing from anybody, and ends it."""
    with tempfile.TemporaryDirectory(prefix="polydesk-others-") as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)
        leave_old_files(folder)
        command = [os.environ["LOCAL_BIN"], "serve", "--port", "0", "--db", folder / "polydesk.db"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, umask=0)
        try:
            yield Served(process, folder)
        finally:
            process.terminate()
            process.wait(timeout=30)
        left = [path.name for path in folder.iterdir() if path.name.endswith(".access")]
        assert not left, f"the folder with the access key is still there: {left}"


def leave_old_files(folder):
    """Files that everybody may read, as an earlier version or another program leaves them."""
    for name in ("polydesk.db", "polydesk.db-wal", "polydesk.db.secrets.json.new", "polydesk.db.queue.json.new"):
        (folder / name).touch()
        (folder / name).chmod(0o666)

"""MiniStack, started on loopback with IAM enforced, and clients of it."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

REGION = "us-east-1"
ACCOUNT = "000000000000"

START_SECONDS = 60
STOP_SECONDS = 20


class Emulator:
    """A running MiniStack. Its functions are its child processes; `stop` ends them all."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # The deployer's keys. For MiniStack, the keys in its environment are those of the account's root.
        self.root = boto3.Session("deployer", "deployer-secret", region_name=REGION)
        self._log = open(folder / "ministack.log", "wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            cwd=folder,
            env=self._environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            # A group of its own, so that functions can be ended with it.
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _environment(self, folder):
        """The whole environment of MiniStack, which the functions inherit."""
        temporary = folder / "tmp"
        temporary.mkdir(exist_ok=True)
        credentials = self.root.get_credentials()
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            "S3_DATA_DIR": str(temporary / "s3"),
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            # Not set by Lambda: it directs the functions' AWS clients to MiniStack.
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "1",
            # Otherwise it opens a port for IoT when a library for certificates is installed.
            "IOT_MTLS_ENABLED": "0",
        }

    def _wait(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError("MiniStack ended at once; see ministack.log")
            try:
                with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError("MiniStack does not answer; see ministack.log")

    def client(self, service, session=None):
        """A client of one service, as the deployer or as `session`. It does not retry, so that a refusal shows."""
        config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
        return (session or self.root).client(service, endpoint_url=self.url, config=config)

    def stop(self):
        """Ends MiniStack and what it started, and waits for it."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait(STOP_SECONDS)
        self._log.close()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def end_with_parent():
    """Asks the kernel to end this process when its parent ends for any reason."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)

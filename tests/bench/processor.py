"""Processor time and memory of a process, and a share of a processor for it. Needs root and cgroup v1 for the share."""

import contextlib
import glob
import itertools
import os
import time
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
# Lambda's period: a function sees pauses of this length, and gets its share of each.
PERIOD_US = 20_000
# The least quota that the kernel accepts.
LEAST_QUOTA_US = 1_000

NUMBERS = itertools.count(1)


def can_limit():
    """Whether a share of a processor can be given here."""
    return os.geteuid() == 0 and all((CGROUPS / name / "cgroup.procs").exists() for name in ("cpu", "cpuacct"))


class ProcessorGroup:
    """A cgroup of one process. It counts to the nanosecond, with threads that have ended.

    Where there is no cgroup v1, /proc counts instead: to 10 ms for threads that have ended.
    """

    def __init__(self):
        self._folders = {}
        self._before_ms = 0.0
        if can_limit():
            name = f"bench-{os.getpid()}-{next(NUMBERS)}"
            self._folders = {kind: CGROUPS / kind / name for kind in ("cpu", "cpuacct")}
            for folder in self._folders.values():
                folder.mkdir()
            self._write("cpu", "cpu.cfs_period_us", PERIOD_US)

    def add(self, pid):
        """Adds a process that has just started. The child does not add itself: that would be part of its start."""
        for kind in self._folders:
            self._write(kind, "cgroup.procs", pid)
        if self._folders:
            # What it used before. The kernel updates both figures at the same time, the move included.
            self._before_ms = max(0.0, time_of_living_threads_ms(pid) - self._counted_ms())

    def limit(self, share):
        self._write("cpu", "cpu.cfs_quota_us", max(LEAST_QUOTA_US, int(share * PERIOD_US)))

    def used_ms(self, pid):
        if not self._folders:
            return time_of_process_ms(pid)
        return self._counted_ms() + self._before_ms

    def _counted_ms(self):
        return int((self._folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e6

    def remove(self):
        for folder in self._folders.values():
            # The kernel removes an ended process from its group a little later.
            for _ in range(100):
                try:
                    folder.rmdir()
                    break
                except OSError:
                    time.sleep(0.01)

    def _write(self, kind, file, value):
        (self._folders[kind] / file).write_text(str(value))


def time_of_living_threads_ms(pid):
    living_ns = 0
    for file in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        # A thread may have ended.
        with contextlib.suppress(OSError):
            living_ns += int(Path(file).read_text().split()[0])
    return living_ns / 1e6


def time_of_process_ms(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = int(fields[11]) + int(fields[12])
    return max(time_of_living_threads_ms(pid), ticks * 1000 / os.sysconf("SC_CLK_TCK"))


def peak_mib(pid):
    """The largest resident set size so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

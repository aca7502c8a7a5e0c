"""What is said of the machine that something ran on."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import time
from pathlib import Path


def machine() -> str:
    """The day and the processor."""
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores of {cpu}"


def cpu_seconds(pids: list[int]) -> float:
    """What these processes, with those of their children that ended, have used."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(int(x) for x in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def same_priority(pids: list[int]) -> None:
    """Gives the sessions of these processes, and our own, the nice value of this one.

    Linux shares a processor among sessions first (autogroups). A server in a session
    of its own would otherwise lose to whatever else runs on the machine, and one
    that shares ours would not.
    """
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    for pid in [os.getpid(), *pids]:
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(f"{nice}\n")


def status_number(pid: int, key: str) -> int:
    """A number of /proc/PID/status, e.g. of `VmRSS` (KiB) or `Threads`."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1])
    raise LookupError(key)


def progress(text: str) -> None:
    """To the terminal, not to the table."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr)

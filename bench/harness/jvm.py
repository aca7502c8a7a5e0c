"""What a JVM says of itself; needs the JDK's jcmd."""

from __future__ import annotations

import re
import subprocess


def ask(pid: int, *command: str) -> str:
    """What it answers to a command of jcmd."""
    return subprocess.run(
        ["jcmd", str(pid), *command], check=True, capture_output=True, text=True
    ).stdout


def heap_alive(pid: int) -> float:
    """MiB of its heap that are alive after a collection, which is forced."""
    # Twice, for the histogram collects as well: Spark lets go of some things only
    # after a collection has told it to.
    ask(pid, "GC.run")
    total = re.search(r"Total +\d+ +(\d+)", ask(pid, "GC.class_histogram"))
    assert total
    return int(total[1]) / 2**20

"""What is in the heap of a JVM; needs the JDK's jcmd."""

from __future__ import annotations

import subprocess


def living(pid: int, kind: str) -> int:
    """How many objects of a class it has, after it has collected what is garbage."""
    # The first collection lets Spark notice what is gone, and let go of more.
    for command in ("GC.run", "GC.class_histogram"):
        said = subprocess.run(
            ["jcmd", str(pid), command],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
    # A line of it: number, objects, bytes, class, and its module if it is named.
    lines = [line.split() for line in said.splitlines()]
    return sum(int(it[1]) for it in lines if len(it) > 3 and it[3] == kind)

"""Lines of the context's log, which is this process's standard error."""

from __future__ import annotations

import contextlib
import datetime
import os

MAX_LINE = 32 * 1024


def log_line(level: str, text: str, job: str = "") -> None:
    """Writes a line; of a text with several lines, each has all that belongs to it.

    :param job: the job whose log has the line, or ""
    """
    now = datetime.datetime.now().isoformat(timespec="milliseconds")
    head = f"{now} {level} [{job}] " if job else f"{now} {level} "
    lines = text.splitlines() or [""]
    data = "".join(f"{head}{line[:MAX_LINE]}\n" for line in lines)
    with contextlib.suppress(OSError):  # there is no place to report it
        os.write(2, data.encode("utf-8", "replace"))

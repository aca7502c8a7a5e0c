"""A small file system that a test can fill."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SIZE = 24 << 20


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mounts one; skips the test where that is not allowed."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"no file systems may be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, leave: int = 0) -> Path:
    """Takes all space but so many bytes. Returns the file that has it."""
    file = disk / "filler"
    with file.open("wb") as out:
        # Others may write as well, and take some of what was free.
        while (space := free_space(disk) - leave) > 0:
            with contextlib.suppress(OSError):
                os.posix_fallocate(out.fileno(), 0, space)
                break
    return file


def free_space(disk: Path) -> int:
    """Bytes that may be written."""
    state = os.statvfs(disk)
    return state.f_bavail * state.f_frsize

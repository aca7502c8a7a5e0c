"""The program `hearth` as a user runs it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("HEARTH", REPOSITORY / "build/release/hearth"))

# The exit codes that the manual page promises.
OK, REFUSED, USAGE, UNREACHABLE, JOB_FAILED, TIMED_OUT, FILE = range(7)


@dataclass(frozen=True)
class Ran:
    """How a run of the program went."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401
        """What it printed, as JSON."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the table that it printed, without its header."""
        return [line.split() for line in self.out.splitlines()[1:]]


@dataclass(frozen=True)
class CommandLine:
    """Runs the program against one server."""

    url: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, stdin: str = "", code: int | None = OK) -> Ran:
        """Runs a command line; fails unless it ends with `code` (None: any)."""
        done = subprocess.run(
            [str(PROGRAM), *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            env=self._environment(),
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert code in (None, ran.code), f"hearth {' '.join(words)}: {ran}"
        return ran

    def on_terminal(self, *words: str) -> Ran:
        """Runs a command line with a terminal as its stderr."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [str(PROGRAM), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            env=self._environment() | {"TERM": "xterm"},
        )
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        os.close(ours)
        out, _ = process.communicate(timeout=60)
        return Ran(process.returncode, out, shown.decode())

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "HEARTH_URL": self.url, **self.environment}

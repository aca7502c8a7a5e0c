"""A PostgreSQL server of a test."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import Self

from support import processes
from support.hearthd import REPOSITORY
from support.wait import until


class Postgresql:
    """A server on a socket in a new folder, as tests/store/with-postgresql has it."""

    def __init__(self) -> None:
        # The script holds the server until this end of the pipe is closed.
        self._holder = subprocess.Popen(
            [
                REPOSITORY / "tests/store/with-postgresql",
                "bash",
                "-c",
                'echo "$HEARTH_TEST_POSTGRESQL"; '
                'echo "$HEARTH_TEST_POSTGRESQL_FOLDER"; cat >/dev/null',
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout is not None
        self.url = self._holder.stdout.readline().strip()
        self.folder = Path(self._holder.stdout.readline().strip())
        assert self.url, "with-postgresql did not start a server"

    def stop(self) -> None:
        """Ends it as a crash would: at once, with open connections."""
        self._control("-m", "immediate", "stop")

    def kill(self) -> None:
        """kill -9 of all its processes, which are gone when it returns."""
        first = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        # All are children of the first one, which starts none while it is stopped.
        os.kill(first, signal.SIGSTOP)
        until(lambda: processes.state(first) == "T", "it is stopped")
        all_of_it = [first, *processes.children(first)]
        for pid in all_of_it:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(
            lambda: not any(processes.start_time(pid) for pid in all_of_it),
            "all of them are gone",
        )
        # Where nobody reaps orphans, a zombie would pass for a living server.
        # Without these files the next one does not look for what is left of this
        # one, so nothing may be left.
        for left in ["data/postmaster.pid", ".s.PGSQL.5432.lock"]:
            (self.folder / left).unlink()

    def start(self) -> None:
        """Starts it again."""
        self._control("-l", str(self.folder / "log"), "restart")

    def query(self, statement: str) -> str:
        """What `psql` prints of a statement's answer."""
        done = subprocess.run(
            ["psql", "-tA", "-c", statement, self.url],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def _control(self, *arguments: str) -> None:
        binary = max(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
        user = ["setpriv", "--reuid", "postgres", "--regid", "postgres"]
        subprocess.run(
            [
                *([*user, "--clear-groups"] if os.geteuid() == 0 else []),
                binary,
                "-D",
                self.folder / "data",
                "-w",
                *arguments,
            ],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._holder.stdin is not None
        self._holder.stdin.close()
        self._holder.wait(30)

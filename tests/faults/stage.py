"""A server with contexts of each kind, how it is killed, and what it leaves."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from support import native, processes, python
from support.hearthd import Hearthd
from support.wait import until
from workload import Target

# What the manual says is in a data folder, and in that of an ended context.
DOCUMENTED = {
    *("hearth.db", "hearth.db-wal", "hearth.db-shm", "hearth.db.lock"),
    *("agent-endpoint", "agent"),
    *("results", "binaries", "data", "dependencies", "callbacks"),
    *("contexts", "cds", "spares"),
}
LEFT_OF_A_CONTEXT = {"driver.log"}

NATIVE = {"context-factory": "hearth.native", "num-cpu-cores": 2}
PYSPARK = "spark.jobserver.python.PythonSessionContextFactory"
JAVA = {"context-factory": "spark.jobserver.context.JavaSparkContextFactory"}

JOBS = Path(__file__).parent / "jobs"

Identity = frozenset[tuple[int, int]]
"""Processes, each by its pid and its start time."""


@dataclass
class Stage:
    """The server of a test with its contexts."""

    server: Hearthd
    settings: dict[str, dict[str, object]] = field(default_factory=dict)
    """Of each context, by its name."""
    targets: list[Target] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    """Seconds from each start of the server to its first answer."""

    def add_native(self, name: str, share: int, **settings: object) -> None:
        """A context of C++ jobs."""
        if not self.targets:
            native.upload(self.server.client, "jobs", native.library("test_jobs_v1"))
        text = {k.replace("_", "-"): v for k, v in settings.items()}
        self._add(Target(name, "jobs", "marks", share), {**NATIVE, **text})

    def add_spark(self, name: str, jar: Path, share: int, **settings: object) -> None:
        """A context of Spark jobs."""
        self.server.client.upload("spark-marks", jar)
        text = {k.replace("_", "-"): v for k, v in settings.items()}
        self._add(Target(name, "spark-marks", "MarkJob", share), {**JAVA, **text})

    def add_python(self, name: str, share: int, **settings: object) -> None:
        """A context of Python jobs."""
        self._add_python(Target(name, "py", "mark_jobs.Mark", share), settings)

    def add_pyspark(self, name: str, share: int, **settings: object) -> None:
        """A context of Python jobs that use Spark."""
        target = Target(name, "py", "mark_jobs.SparkMark", share)
        self._add_python(target, {"context-factory": PYSPARK, **settings})

    def _add_python(self, target: Target, settings: Mapping[str, object]) -> None:
        python.upload(
            self.server.client,
            "py",
            python.archive({"mark_jobs.py": (JOBS / "mark_jobs.py").read_text()}),
        )
        text = {k.replace("_", "-"): v for k, v in settings.items()}
        text = {**python.settings(workers=2), "restart": "on-failure", **text}
        self._add(target, text)

    def _add(self, target: Target, settings: dict[str, object]) -> None:
        self.settings[target.name] = settings
        self.targets.append(target)
        self.create(target.name)

    def create(self, name: str) -> None:
        """Creates one of its contexts, for the first time or anew."""
        self.server.client.create_context(name, self.settings[name])

    # -- looks -----------------------------------------------------------------

    def identity(self) -> Identity:
        """The processes of the contexts."""
        pids = [process.pid for process in self.server.drivers()]
        return frozenset((pid, processes.start_time(pid)) for pid in pids)

    def process_of(self, name: str) -> int:
        """The pid of a context's process; 0 while there is none."""
        info = self.server.client.get(f"/contexts/{name}").json()
        # One that was a spare before has the context's folder, under another name.
        for p in self.server.drivers():
            if info["id"] in p.command or info["id"] in processes.folder(p.pid):
                return p.pid
        return 0

    def trouble(self, name: str) -> str:
        """What is shown to be wrong with a context; "": nothing."""
        error = self.server.client.get(f"/contexts/{name}").json().get("error")
        return str(error["message"]) if error else ""

    def settled(self, name: str) -> bool:
        """Whether a context takes jobs, and nothing is wrong with it."""
        answer = self.server.client.get(f"/contexts/{name}")
        info = answer.json()
        return (
            answer.status == 200 and info["state"] == "RUNNING" and "error" not in info
        )

    def wait_until_settled(
        self, names: Iterable[str] = (), seconds: float = 60
    ) -> None:
        """Returns once these contexts, or all of them, take jobs."""
        for name in names or list(self.settings):
            until(partial(self.settled, name), f"{name} is back", seconds)

    # -- its server --------------------------------------------------------------

    def start_again(self) -> None:
        """Starts the server, which was killed, and notes how long it took."""
        begun = time.monotonic()
        self.server.launch().wait_until_it_listens()
        until(lambda: self.server.client.get("/healthz").status == 200, "it answers")
        self.times.append(time.monotonic() - begun)

    def summary(self) -> str:
        """How long starts took."""
        if not self.times:
            return "no start"
        median, worst = statistics.median(self.times), max(self.times)
        return (
            f"{len(self.times)} starts, first answer after "
            f"{median:.3f} s (median), {worst:.3f} s (worst)"
        )

    # -- its end -----------------------------------------------------------------

    def expect_nothing_left(self) -> None:
        """Stops all contexts and the server; fails if more is left of them than
        the manual says.
        """
        server = self.server
        for name in server.client.contexts():
            answer = server.client.delete(f"/contexts/{name}")
            assert answer.status in (200, 202), answer
        until(lambda: not server.client.contexts(), "no context lives", 60)
        server.expect_no_drivers(20)
        assert server.process is not None
        assert processes.zombies(server.process.pid) == []
        server.stop()
        present = {entry.name for entry in server.data.iterdir()}
        assert present - DOCUMENTED == set()
        for folder in (server.data / "contexts").iterdir():
            left = {entry.name for entry in folder.iterdir()}
            assert left - LEFT_OF_A_CONTEXT == set()
        for name in ("callbacks", "results"):
            folder = server.data / name
            assert not folder.exists() or not list(folder.iterdir())
        self._expect_clean_database()

    def _expect_clean_database(self) -> None:
        file = self.server.data / "hearth.db"
        if not file.exists():
            return
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
            for what in (
                "jobs WHERE state < 4",
                "contexts WHERE state < 5",
                "job_queue",
            ):
                (count,) = database.execute(f"SELECT COUNT(*) FROM {what}").fetchone()
                assert count == 0, what
        database.close()

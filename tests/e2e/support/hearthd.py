"""The real server as a process of a test."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from support import processes
from support.client import Client
from support.processes import Process
from support.spark import Spark
from support.wait import START_PATIENCE, until

REPOSITORY = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("HEARTHD", REPOSITORY / "build/release/hearthd"))
JVM = Path(os.environ.get("HEARTH_JVM", REPOSITORY / "build/jvm"))


@dataclass
class Hearthd:
    """A server with a data folder of its own on a free port."""

    spark: Spark
    folder: Path
    """Of the test; `folder`/data is the server's data folder."""
    settings: Mapping[str, object] = field(default_factory=dict)
    config: str = ""
    """Text of a configuration file; "" for none."""
    descriptors: int = 0
    """Limit of open files; 0: as it is."""
    address_space: int = 0
    """Limit of its address space in bytes; 0: as it is."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beyond the test's own."""
    without: Collection[str] = ()
    """Variables that it does not have."""
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    started: ClassVar[list[Hearthd]] = []
    """All that a test may have to be told about when it fails."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = self.folder / "data"
        self.log_file = self.folder / "hearthd.log"
        self.client = Client(0)
        self._log_start = 0

    # -- life ------------------------------------------------------------------

    def command(self) -> list[str]:
        """The command line that starts it."""
        line = [str(BINARY), "--port", "0"]
        if self.config:
            file = self.folder / "hearth.conf"
            file.write_text(self.config)
            line += ["--config", str(file)]
        settings = {
            "hearth.data-dir": self.data,
            "hearth.spark.agent-dir": JVM,
            "hearth.python.agent-dir": REPOSITORY / "runtime/python/src",
            "spark.home": self.spark.home,
            "spark.master": "local[2]",
            "spark.context-settings.spark.ui.enabled": "false",
            "spark.jobserver.context-init-timeout": f"{START_PATIENCE}s",
            # Tests that are about them ask for them.
            "hearth.spark.class-archive": "off",
            "hearth.spark.warm-spares": 0,
            **self.settings,
        }
        for key, value in settings.items():
            line += ["--set", f"{key}={value}"]
        return line

    def start(self) -> Self:
        """Starts it and returns once it listens."""
        return self.launch().wait_until_it_listens()

    def launch(self) -> Self:
        """Starts it."""
        line = self.command()
        if self.descriptors:
            line = ["prlimit", f"--nofile={self.descriptors}", *line]
        if self.address_space:
            line = ["prlimit", f"--as={self.address_space}", *line]
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith("SPARK_")
        }
        environment["SPARK_LOCAL_IP"] = "127.0.0.1"
        environment |= self.environment
        for name in self.without:
            environment.pop(name, None)
        with self.log_file.open("ab") as log:
            self._log_start = log.tell()
            self.process = subprocess.Popen(
                line,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        if self not in Hearthd.started:
            Hearthd.started.append(self)
        return self

    def wait_until_it_listens(self) -> Self:
        """Returns once it does; fails if it ends instead."""

        def listening() -> int:
            assert self.process is not None
            with self.log_file.open("rb") as log:
                log.seek(self._log_start)
                said = log.read().decode(errors="replace")
            ports = re.findall(r"listening on http://127\.0\.0\.1:(\d+)\b", said)
            if ports:
                return int(ports[-1])
            code = self.process.poll()
            assert code is None, f"hearthd exited with {code}:\n{said[-4000:]}"
            return 0

        self.port = until(listening, "hearthd listens")
        self.client = Client(self.port)
        return self

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def terminate(self, sign: int = signal.SIGTERM) -> None:
        """Asks for its end, without waiting for it."""
        assert self.process is not None
        self.process.send_signal(sign)

    def wait(self, seconds: float = 40) -> int:
        """Its exit code."""
        assert self.process is not None
        return self.process.wait(seconds)

    def stop(self) -> None:
        """Stops it as an operator would, and checks that nothing is left."""
        self.terminate()
        code = self.wait()
        assert code == 0, f"exit code {code}"
        self.expect_no_drivers()

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def clean_up(self) -> None:
        """Ends whatever a failed test left."""
        if self.running:
            self.kill()
        for process in self.drivers():
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self in Hearthd.started:
            Hearthd.started.remove(self)

    # -- looks -----------------------------------------------------------------

    @property
    def log(self) -> str:
        """What it has printed so far."""
        if not self.log_file.exists():
            return ""
        return self.log_file.read_text(errors="replace")

    def wait_until_it_says(self, text: str) -> None:
        """Returns once its log has that text: a thread of its own writes it."""
        until(lambda: text in self.log, f"the server says: {text}")

    def drivers(self) -> list[Process]:
        """The processes of its contexts: they carry a path of its data folder."""
        own = self.process.pid if self.process else 0
        return [p for p in processes.mentioning(f"{self.data}/") if p.pid != own]

    def driver(self) -> Process:
        """The one Spark driver."""
        java = [p for p in self.drivers() if p.is_java]
        assert len(java) == 1, java
        return java[0]

    def expect_no_drivers(self, seconds: float = 5) -> None:
        """Fails unless all processes of contexts are gone soon."""
        until(
            lambda: not self.drivers(), f"no driver is left: {self.drivers()}", seconds
        )

    def report(self) -> str:
        """The end of its log and of the logs of its contexts, for a failed test."""
        parts = [f"--- {self.log_file}\n{self.log[-12000:]}"]
        for file in sorted(self.data.rglob("*.log"))[-3:]:
            parts.append(f"--- {file}\n{file.read_text(errors='replace')[-3000:]}")
        return "\n".join(parts)


def run_hearthd(
    arguments: Sequence[str], seconds: float = 10
) -> subprocess.CompletedProcess[str]:
    """Runs the server's program to its end: for --help and what it refuses."""
    return subprocess.run(
        [str(BINARY), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
    )


def copy_examples(spark: Spark, folder: Path) -> Path:
    """The examples jar for that Spark as `folder`/examples.jar."""
    return Path(shutil.copy(spark.examples, folder / "examples.jar"))

"""A driver with Spark, and the agent of its context."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hearth.agent.frames import Frame, Kind
from support.server import Server

REPOSITORY = Path(__file__).resolve().parents[4]
VENVS = Path(os.environ.get("HEARTH_VENV_DIR", REPOSITORY / ".venv"))


def homes() -> list[Path]:
    """The Spark distributions to test with."""
    named = os.environ.get("HEARTH_TEST_SPARKS")
    if named:
        return [Path(home) for home in named.split(":")]
    return sorted(VENVS.glob("spark-*/lib/python3*/site-packages/pyspark"))


class SparkDriver:
    """The process that stands for the JVM."""

    def __init__(self, home: Path, master: str, log: Path) -> None:
        self.home = home
        archives = [str(x) for x in (home / "python/lib").glob("*.zip")]
        self.environment = {
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
        }
        program = Path(__file__).with_name("driver.py")
        self.process = subprocess.Popen(
            [sys.executable, str(program), master],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("ab"),
            text=True,
            env={
                **os.environ,
                **self.environment,
                "PYTHONPATH": ":".join(archives),
                "PYSPARK_SUBMIT_ARGS": "--driver-memory 512m pyspark-shell",
            },
        )
        assert self._read() == {"ready": True}, log.read_text()

    def ask(self, **request: object) -> dict[str, Any]:
        """Asks it for something."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._read()

    def close(self) -> None:
        """Ends it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        answer: dict[str, Any] = json.loads(self.process.stdout.readline() or "{}")
        return answer


class SparkServer(Server):
    """A server whose driver answers what the agent asks the JVM."""

    def __init__(self, folder: Path, driver: SparkDriver, factory: str) -> None:
        self.driver = driver
        super().__init__(
            folder,
            {},
            environment=driver.environment,
            context_factory=factory,
            stdin=subprocess.PIPE,
        )

    def welcome(self) -> Frame:
        hello = self.accept()
        assert hello.header["workers"] == []
        self.link.handlers[Kind.GATEWAY] = self._open
        self.link.handlers[Kind.WORKER_GONE] = self._close
        self.link.send(Kind.WELCOME, {"protocol": 1, "heartbeatMs": 0})
        return self.link.expect(Kind.CONTEXT_READY)

    def _open(self, frame: Frame) -> None:
        worker = frame.number("worker")
        answer = self.driver.ask(open=worker)
        self.link.send(Kind.GATEWAY_READY, {"worker": worker, **answer})

    def _close(self, frame: Frame) -> None:
        self.driver.ask(close=frame.number("worker"), job=frame.text("job"))

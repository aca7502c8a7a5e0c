"""Spark distributions, and a standalone cluster of one on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from support.wait import until

REPOSITORY = Path(__file__).resolve().parents[3]
JVM = Path(os.environ.get("HEARTH_JVM", REPOSITORY / "build/jvm"))
VENVS = Path(os.environ.get("HEARTH_VENV_DIR", REPOSITORY / ".venv"))


@dataclass(frozen=True)
class Spark:
    """A distribution: the folder with jars/ and bin/."""

    home: Path

    @property
    def _core(self) -> re.Match[str]:
        for jar in (self.home / "jars").glob("spark-core_*.jar"):
            match = re.fullmatch(r"spark-core_(2\.\d+)-(.+)\.jar", jar.name)
            if match:
                return match
        raise AssertionError(f"no Spark in {self.home}")

    @property
    def version(self) -> str:
        """E.g. 3.5.7."""
        return self._core[2]

    @property
    def scala(self) -> str:
        """E.g. 2.12."""
        return self._core[1]

    @property
    def examples(self) -> Path:
        """The jar of example jobs for its Scala version."""
        return JVM / f"hearth-examples_{self.scala}.jar"

    def versioned(self, number: int) -> Path:
        """Version 1 or 2 of a jar with the same class names."""
        return JVM / "test" / f"hearth-versioned-v{number}_{self.scala}.jar"


def distributions() -> list[Spark]:
    """Those of HEARTH_TEST_SPARKS (homes, separated by `:`), else those in .venv."""
    homes = os.environ.get("HEARTH_TEST_SPARKS")
    if homes:
        return [Spark(Path(home)) for home in homes.split(":")]
    found = sorted(VENVS.glob("spark-*/lib/python3*/site-packages/pyspark"))
    return [Spark(home) for home in found if (home / "jars").is_dir()]


class StandaloneCluster:
    """A master and a worker with two cores, each a process of its own."""

    def __init__(self, spark: Spark, folder: Path) -> None:
        self._spark = spark
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.url = ""

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        package = "org.apache.spark.deploy"
        master = self._folder / "master.log"
        self._start(
            master,
            f"{package}.master.Master",
            *("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"),
        )
        starting = r"Starting Spark master at (spark://127\.0\.0\.1:\d+)"
        self.url = until(
            lambda: _find(master, starting), "the Spark master listens", 60
        )
        worker = self._folder / "worker.log"
        self._start(
            worker,
            f"{package}.worker.Worker",
            *("--host", "127.0.0.1", "--webui-port", "0", "--cores", "2"),
            *("--memory", "2g", "--work-dir", str(self._folder / "work"), self.url),
        )
        until(
            lambda: _find(worker, r"(Successfully registered with master)"),
            "the Spark worker is registered",
            60,
        )
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)

    def _start(self, log: Path, *arguments: str) -> None:
        environment = {
            **os.environ,
            "SPARK_HOME": str(self._spark.home),
            "SPARK_SCALA_VERSION": self._spark.scala,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
        }
        with log.open("wb") as out:
            self._processes.append(
                subprocess.Popen(
                    [str(self._spark.home / "bin/spark-class"), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env=environment,
                    start_new_session=True,
                )
            )


def _find(file: Path, pattern: str) -> str:
    match = re.search(pattern, file.read_text(errors="replace"))
    return match[1] if match else ""

"""Faults under load: the fixtures, and how much of each is asked for.

A run prints its seed; `--seed` repeats it, as far as threads can be repeated.
"""

from __future__ import annotations

import random
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from support.servers import (
    default_spark,
    pytest_runtest_makereport,
    pytest_sessionstart,
    start_hearthd,
)
from support.spark import JVM, Spark

__all__ = [
    "default_spark",
    "pytest_runtest_makereport",
    "pytest_sessionstart",
    "start_hearthd",
]

pytest.register_assert_rewrite("stage", "workload")

JOBS = Path(__file__).parent / "jobs"


def pytest_addoption(parser: pytest.Parser) -> None:
    """How often each fault comes: few by default, for continuous integration."""
    group = parser.getgroup("faults")
    group.addoption("--kills", type=int, default=10, help="kills of the server")
    group.addoption("--agent-kills", type=int, default=8, help="of contexts")
    group.addoption("--python-kills", type=int, default=12, help="in Python contexts")
    group.addoption("--database-kills", type=int, default=3, help="of the database")
    group.addoption(
        "--locks", type=int, default=0, help="rounds of long locks of the database"
    )
    group.addoption("--executor-kills", type=int, default=2, help="of executors")
    group.addoption("--bursts", type=int, default=8, help="of connections")
    group.addoption("--quiet-time", type=float, default=1, help="seconds after them")
    group.addoption("--seed", type=int, default=0, help="0: a new one")


def pytest_configure(config: pytest.Config) -> None:
    """Chooses the seed, where none is given."""
    if not config.getoption("--seed"):
        config.option.seed = time.time_ns() % 1_000_000_007


def pytest_report_header(config: pytest.Config) -> str:
    """Says how the run can be repeated."""
    return f"faults: --seed {config.getoption('--seed')}"


@pytest.fixture
def moments(request: pytest.FixtureRequest) -> random.Random:
    """The random numbers of a test: its faults, and what its clients send."""
    return random.Random(f"{request.config.getoption('--seed')} {request.node.name}")


@pytest.fixture(scope="session")
def mark_jar(default_spark: Spark, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A jar with the Spark job that leaves marks."""
    folder = tmp_path_factory.mktemp("jar")
    # The agent's brings the configuration library that the API speaks of.
    ours = [JVM / f"hearth-{x}_{default_spark.scala}.jar" for x in ("job-api", "agent")]
    path = ":".join([*map(str, ours), f"{default_spark.home}/jars/*"])
    subprocess.run(
        ["javac", "--release", "11", "-d", folder, "-cp", path, JOBS / "MarkJob.java"],
        check=True,
    )
    jar = folder / "marks.jar"
    with zipfile.ZipFile(jar, "w") as out:
        out.write(folder / "MarkJob.class", "MarkJob.class")
    return jar

"""A disk that is slow, and one that is full, under load."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from stage import Stage
from support.disk import fill, small_disk
from support.servers import StartHearthd
from support.spark import Spark
from support.wait import until
from workload import Workload

FLUSHES = "fdatasync,fsync"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system."""
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@contextlib.contextmanager
def slow_flushes(pid: int, folder: Path, milliseconds: int) -> Iterator[None]:
    """Makes each flush of a process take so much longer."""
    out = folder / "flushes"
    delay = f"inject={FLUSHES}:delay_enter={milliseconds * 1000}"
    tracer = subprocess.Popen(
        [
            *("strace", "-f", "-e", f"trace={FLUSHES}", "-e", delay),
            *("-o", str(out), "-p", str(pid)),
        ],
        stderr=subprocess.PIPE,
    )
    try:

        def slow() -> bool:
            seen = out.exists() and "DELAYED" in out.read_text()
            return seen or tracer.poll() is not None

        until(slow, "flushes are slow", 30)
        if tracer.poll() is not None:
            pytest.skip(f"no process may be traced here: {tracer.communicate()[1]!r}")
        yield
    finally:
        if tracer.poll() is None:
            tracer.send_signal(signal.SIGINT)
        tracer.wait(30)


def test_a_slow_disk_loses_nothing(
    start_hearthd: StartHearthd,
    default_spark: Spark,
    moments: random.Random,
    tmp_path: Path,
) -> None:
    """Also if the server is killed while it waits for that disk."""
    stage = Stage(start_hearthd(default_spark))
    stage.add_native("plain", 1, max_jobs_per_context=16)
    stage.add_native("narrow", 1, max_jobs_per_context=2, max_queue=50)
    before = stage.identity()
    work = Workload(stage.server, stage.targets, moments, tmp_path / "marks")
    with work:
        for _ in range(3):
            assert stage.server.process is not None
            with slow_flushes(stage.server.process.pid, tmp_path, 100):
                work.wait_for_answers(moments.randrange(20, 60))
                assert stage.server.client.get("/healthz").status == 200
                stage.server.kill()
            stage.start_again()
        stage.wait_until_settled()
    assert stage.identity() == before
    found = work.check()
    print(f"\n{dict(found)}; {dict(work.statuses)}")
    assert set(work.statuses) <= {200, 202, 503}, work.statuses
    stage.expect_nothing_left()


def refused_since(work: Workload, before: int) -> bool:
    """Whether more requests were answered 507 than so many."""
    return work.statuses[507] > before


def test_a_full_disk_loses_nothing(
    start_hearthd: StartHearthd,
    default_spark: Spark,
    disk: Path,
    moments: random.Random,
    tmp_path: Path,
) -> None:
    """Requests are refused meanwhile; ends are stored once there is space."""
    server = start_hearthd(
        default_spark,
        settings={
            "hearth.data-dir": disk / "data",
            "hearth.jobs.min-free-space": "1MiB",
        },
    )
    server.data = disk / "data"
    stage = Stage(server)
    stage.add_native("plain", 1, max_jobs_per_context=16)
    stage.add_native("narrow", 1, max_jobs_per_context=2, max_queue=50)
    before = stage.identity()
    work = Workload(stage.server, stage.targets, moments, tmp_path / "marks")
    with work:
        for _ in range(3):
            work.wait_for_answers(moments.randrange(20, 60))
            refused = work.statuses[507]
            filler = fill(disk)
            until(partial(refused_since, work, refused), "it is full", 60)
            assert server.client.get("/healthz").status == 200
            filler.unlink()
        work.wait_for_answers(20)
        stage.wait_until_settled()
    assert stage.identity() == before
    found = work.check()
    print(f"\n{dict(found)}; {dict(work.statuses)}")
    assert set(work.statuses) <= {200, 202, 503, 507}, work.statuses
    stage.expect_nothing_left()

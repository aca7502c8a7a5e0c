"""Another process that holds the lock of the SQLite database."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stage import Stage
from support.client import Answer
from support.native import NativeContext
from support.servers import StartHearthd
from support.spark import Spark
from support.wait import pause
from workload import Workload

SHORT = [1, 6, 12]
LONG = [*SHORT, 30]

LONGEST_WAIT = 5
"""Seconds for which a write waits for the lock before it is refused."""

SLACK = 3
"""Seconds that a loaded machine may need on top."""


@contextmanager
def lock_of(database: Path) -> Iterator[None]:
    """Holds the lock that whoever writes needs."""
    connection = sqlite3.connect(database, isolation_level=None, timeout=30)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def timed(ask: NativeContext, path: str = "") -> tuple[Answer, float]:
    """An answer, and after how many seconds it came."""
    begun = time.monotonic()
    answer = ask.client.get(path) if path else ask.start("version", queue=True)
    return answer, time.monotonic() - begun


def test_locks_lose_nothing(
    request: pytest.FixtureRequest,
    start_hearthd: StartHearthd,
    default_spark: Spark,
    moments: random.Random,
    tmp_path: Path,
) -> None:
    """Meanwhile requests are answered in time, by what they got or by 503; what
    was refused never runs, what was accepted ends with its result.
    """
    stage = Stage(start_hearthd(default_spark))
    stage.add_native("plain", 1, max_jobs_per_context=16)
    stage.add_native("narrow", 1, max_jobs_per_context=2, max_queue=50)
    stage.add_native("probe", 0, max_jobs_per_context=4, max_queue=50)
    before = stage.identity()
    server = stage.server
    probe = NativeContext(server.client, "probe", "jobs")
    rounds = request.config.getoption("--locks")
    locks = LONG * rounds if rounds else SHORT
    back = []
    work = Workload(server, stage.targets, moments, tmp_path / "marks", clients=8)
    with work:
        for seconds in locks:
            work.wait_for_answers(moments.randrange(20, 60))
            with lock_of(server.data / "hearth.db"):
                end = time.monotonic() + seconds
                while end - time.monotonic() > LONGEST_WAIT + SLACK:
                    answer, took = timed(probe)
                    assert answer.status == 503, answer
                    assert "retry-after" in answer.headers
                    assert took < LONGEST_WAIT + SLACK
                for path in ("/jobs", "/contexts", "/healthz"):
                    answer, took = timed(probe, path)
                    assert answer.status == 200, answer
                    assert took < SLACK
                pause(max(end - time.monotonic(), 0))
            answer, took = timed(probe)
            assert answer.status == 202, answer
            back.append(took)
        work.wait_for_answers(20)
    stage.wait_until_settled()
    assert stage.identity() == before
    found = work.check()
    print(f"\nlocks of {locks} s: {dict(found)}; {dict(work.statuses)}")
    print(f"back after {max(back):.3f} s at worst")
    assert set(work.statuses) <= {200, 202, 503}, work.statuses
    ran = work.ran()
    refused = [x for x in work.sent if x.status in (503, 507)]
    assert [x for x in refused if ran[x.mark]] == [], "refused, and ran"
    assert max(back) < 1
    stage.expect_nothing_left()

"""SIGSTOP: processes that stand still and go on, with their connections open."""

from __future__ import annotations

import os
import random
import signal
from functools import partial
from pathlib import Path

import pytest

from stage import Stage
from support.servers import StartHearthd
from support.spark import Spark
from support.wait import pause, until
from workload import Workload

HEARTBEAT = 0.3
TIMEOUT = 1.0


@pytest.fixture
def stage(start_hearthd: StartHearthd, default_spark: Spark) -> Stage:
    """A server that notices soon, and gives time to come back."""
    return Stage(
        start_hearthd(
            default_spark,
            settings={
                "hearth.agent.heartbeat": f"{HEARTBEAT * 1000:.0f}ms",
                "hearth.agent.heartbeat-timeout": f"{TIMEOUT * 1000:.0f}ms",
                "hearth.agent.redial-timeout": "120s",
                "hearth.contexts.reconcile": "300ms",
            },
        )
    )


def test_a_context_that_stands_still_is_shown_as_such_and_loses_nothing(
    stage: Stage, moments: random.Random, tmp_path: Path
) -> None:
    stage.add_native("plain", 1, max_jobs_per_context=16)
    stage.add_native("narrow", 1, max_jobs_per_context=2, max_queue=50)
    before = stage.identity()
    client = stage.server.client
    work = Workload(stage.server, stage.targets, moments, tmp_path / "marks")
    with work:
        for name in ("plain", "narrow"):
            work.wait_for_answers(moments.randrange(1, 60))
            pid = until(partial(stage.process_of, name), f"{name} has a process", 20)
            os.kill(pid, signal.SIGSTOP)
            try:
                shown = until(partial(stage.trouble, name), "it is noticed", 30)
                assert "SIGSTOP" in shown or "silent" in shown
                assert client.get(f"/contexts/{name}").json()["state"] == "RUNNING"
            finally:
                os.kill(pid, signal.SIGCONT)
            stage.wait_until_settled([name])
    assert stage.identity() == before
    found = work.check()
    print(f"\n{dict(found)}; {dict(work.statuses)}")
    assert set(work.statuses) <= {200, 202, 503}, work.statuses
    stage.expect_nothing_left()


def test_a_server_that_stands_still_loses_nothing(
    stage: Stage, mark_jar: Path, moments: random.Random, tmp_path: Path
) -> None:
    """Contexts think it dead and dial again, which they can once it goes on."""
    stage.add_native("plain", 5, max_jobs_per_context=16)
    stage.add_native("narrow", 5, max_jobs_per_context=2, max_queue=50)
    stage.add_spark("spark", mark_jar, 1, max_jobs_per_context=4)
    before = stage.identity()
    work = Workload(stage.server, stage.targets, moments, tmp_path / "marks")
    with work:
        for _ in range(3):
            work.wait_for_answers(moments.randrange(1, 60))
            stage.server.terminate(signal.SIGSTOP)
            pause(3 * HEARTBEAT + TIMEOUT + moments.uniform(0, 1))
            stage.server.terminate(signal.SIGCONT)
        work.wait_for_answers(20)
        stage.wait_until_settled()
    assert stage.identity() == before
    found = work.check()
    print(f"\n{dict(found)}; {dict(work.statuses)}")
    assert set(work.statuses) <= {200, 202, 503}, work.statuses
    stage.expect_nothing_left()

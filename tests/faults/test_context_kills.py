"""kill -9 of contexts' processes and of Spark's executors."""

from __future__ import annotations

import os
import random
import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stage import Stage
from support import processes
from support.client import Context
from support.servers import StartHearthd
from support.spark import Spark, StandaloneCluster
from support.wait import pause, until
from workload import Workload

UNBOUNDED = 1_000_000
"""Restarts: these tests kill more often than a sane policy allows."""


def lost_its_context(report: dict[str, Any]) -> bool:
    """Whether a job ended because its context's process did."""
    return (
        report["status"] == "ERROR"
        and "Unexpected termination of context" in report["result"]["message"]
    )


def test_kills_of_contexts(
    request: pytest.FixtureRequest,
    start_hearthd: StartHearthd,
    default_spark: Spark,
    mark_jar: Path,
    moments: random.Random,
    tmp_path: Path,
) -> None:
    """Their jobs end with the reason, contexts come back by their policy, and
    what waits for a slot runs in the next process.
    """
    stage = Stage(
        start_hearthd(
            default_spark,
            settings={
                "hearth.contexts.restart-backoff": "20ms",
                "hearth.contexts.restart-max-backoff": "100ms",
                "hearth.contexts.restart-limit": UNBOUNDED,
            },
        )
    )
    stage.add_native("never", 4, max_jobs_per_context=16)
    stage.add_native("again", 4, max_jobs_per_context=16, restart="on-failure")
    stage.add_native(
        "narrow", 4, max_jobs_per_context=2, max_queue=50, restart="on-failure"
    )
    stage.add_spark("spark", mark_jar, 1, max_jobs_per_context=4, restart="on-failure")
    names = list(stage.settings)
    work = Workload(stage.server, stage.targets, moments, tmp_path / "marks")
    kills = request.config.getoption("--agent-kills")
    killed = dict.fromkeys(names, 0)
    with work:
        for _ in range(kills):
            work.wait_for_answers(moments.randrange(60))
            (name,) = moments.choices(names, [3, 3, 3, 1])
            pause(moments.uniform(0, 0.03))
            kill_process(stage, name)
            killed[name] += 1
        stage.wait_until_settled()
    found = work.check(lost_its_context)
    assert set(work.statuses) <= {200, 202, 404, 409, 503}, work.statuses
    print(f"\n{killed} kills: {dict(found)}; {dict(work.statuses)}")
    stage.expect_nothing_left()


def kill_process(stage: Stage, name: str) -> None:
    """kill -9 of a context's process; returns once the context takes jobs in
    another one.
    """
    client = stage.server.client
    pid = until(lambda: stage.process_of(name), f"{name} has a process", 20)
    before = client.get(f"/contexts/{name}").json()
    os.kill(pid, signal.SIGKILL)

    def over() -> bool:
        return str(client.get(f"/contexts/{name}").json()["state"]) == "ERROR"

    if stage.settings[name].get("restart", "never") == "never":
        until(over, f"{name} is in ERROR", 20)
        info = client.get(f"/contexts/{name}").json()
        assert "SIGKILL" in info["error"]["message"], info
        running = client.get("/jobs", status="running", limit=1000).json()
        assert before["id"] not in {job["contextId"] for job in running}
        stage.create(name)
        return
    until(
        lambda: stage.settled(name) and stage.process_of(name) not in (0, pid),
        f"{name} has another process",
        60,
    )
    assert client.get(f"/contexts/{name}").json()["id"] == before["id"]


def executors(context: Context) -> list[int]:
    """The pids of the executors of a context."""
    application = str(context.info()["applicationId"])
    return [
        process.pid
        for process in processes.mentioning("CoarseGrainedExecutorBackend")
        if process.is_java and application in process.command
    ]


def gone(pid: int) -> bool:
    """Whether there is no such process any more."""
    return processes.start_time(pid) == 0


def test_kills_of_executors(
    request: pytest.FixtureRequest,
    start_hearthd: StartHearthd,
    default_spark: Spark,
    mark_jar: Path,
    moments: random.Random,
    tmp_path: Path,
) -> None:
    """Spark runs the tasks again elsewhere; no job is lost, no executor stays."""
    with StandaloneCluster(default_spark, tmp_path / "cluster") as cluster:
        stage = Stage(
            start_hearthd(default_spark, settings={"spark.master": cluster.url})
        )
        stage.add_spark("far", mark_jar, 1, max_jobs_per_context=4, max_queue=50)
        context = Context(stage.server.client, "far")
        before = stage.identity()
        work = Workload(stage.server, stage.targets, moments, tmp_path / "marks")
        with work:
            for _ in range(request.config.getoption("--executor-kills")):
                work.wait_for_answers(moments.randrange(5, 20), 120)
                (executor, *_) = until(
                    lambda: executors(context), "there is an executor", 60
                )
                os.kill(executor, signal.SIGKILL)
                until(partial(gone, executor), "it is gone", 20)
            work.wait_for_answers(10, 120)
        found = work.check()
        print(f"\n{dict(found)}; {dict(work.statuses)}")
        assert stage.identity() == before
        last = executors(context)
        stage.expect_nothing_left()
        until(
            lambda: not any(processes.start_time(pid) for pid in last),
            "no executor is left",
            20,
        )

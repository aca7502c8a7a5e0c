"""Cancelled jobs of Python contexts, and kill -9 of whatever these consist of."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stage import Stage
from support import processes
from support.servers import StartHearthd
from support.spark import Spark
from support.wait import pause, until
from workload import Workload

CLIENTS = 8

CHANCES = {"cancel": 4, "worker": 4, "context": 1, "server": 1}
"""How often each fault comes, compared with the others."""


def test_faults_of_python_contexts(
    request: pytest.FixtureRequest,
    start_hearthd: StartHearthd,
    default_spark: Spark,
    moments: random.Random,
    tmp_path: Path,
) -> None:
    """Each job that was accepted has a true end, none runs twice, and no process
    is left over.
    """
    stage = Stage(
        start_hearthd(
            default_spark,
            settings={
                "hearth.contexts.restart-backoff": "20ms",
                "hearth.contexts.restart-max-backoff": "100ms",
                "hearth.contexts.restart-limit": 1_000_000,
                "hearth.recovery-timeout": "60s",
            },
        )
    )
    stage.add_python("plain", 4, max_jobs_per_context=4, max_queue=50)
    stage.add_pyspark("spark", 1, max_jobs_per_context=4, max_queue=50)
    work = Workload(
        stage.server, stage.targets, moments, tmp_path / "marks", clients=CLIENTS
    )
    faults = _Faults(stage, work, moments)
    with work:
        for _ in range(request.config.getoption("--python-kills")):
            work.wait_for_answers(moments.randrange(30), 120)
            pause(moments.uniform(0, 0.03))
            faults.next()
        stage.wait_until_settled()
    found = work.check(faults.explains)
    allowed = {200, 202, 404, 409, 500, 503}
    assert set(work.statuses) <= allowed, work.statuses
    print(f"\n{dict(faults.done)}: {dict(found)}; {dict(work.statuses)}")
    stage.expect_nothing_left()


class _Faults:
    """Makes faults, and knows which ends of jobs they explain."""

    def __init__(self, stage: Stage, work: Workload, moments: random.Random) -> None:
        self._stage = stage
        self._work = work
        self._moments = moments
        self._cancelled: set[str] = set()
        self.done: Counter[str] = Counter()

    def next(self) -> None:
        """Makes one of them."""
        kinds = list(CHANCES)
        (kind,) = self._moments.choices(kinds, [CHANCES[x] for x in kinds])
        (name,) = self._moments.choices(["plain", "spark"], [3, 1])
        self.done[f"{kind} of {name}" if kind != "server" else kind] += 1
        if kind == "cancel":
            self._cancel(name)
        elif kind == "worker":
            workers = _workers_of(self._stage, name)
            if workers:
                _kill(self._moments.choice(workers))
        elif kind == "context":
            self._kill_context(name)
        else:
            self._stage.server.kill()
            self._stage.start_again()

    def explains(self, report: dict[str, Any]) -> bool:
        """Whether a job that has not finished was hit."""
        if report["status"] == "KILLED":
            return report["jobId"] in self._cancelled
        message = report["result"]["message"]
        return report["status"] == "ERROR" and (
            "signal 9 (SIGKILL)" in message
            or "Unexpected termination of context" in message
        )

    def _cancel(self, name: str) -> None:
        client = self._stage.server.client
        jobs = client.get("/jobs", status="running", context=name).json()
        if jobs:
            job = self._moments.choice(jobs)["jobId"]
            self._cancelled.add(job)
            answer = client.delete(f"/jobs/{job}")
            # It may have ended meanwhile.
            assert answer.status in (200, 202, 404, 409), answer

    def _kill_context(self, name: str) -> None:
        self._stage.wait_until_settled([name], 120)
        before = until(lambda: _root_of(self._stage, name), f"{name} has a process", 60)
        _kill(before)
        until(
            lambda: (
                _root_of(self._stage, name) not in (0, before)
                and self._stage.settled(name)
            ),
            f"{name} has another process",
            120,
        )


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _root_of(stage: Stage, name: str) -> int:
    """The first process of a context; 0 if there is none."""
    context = str(stage.server.client.get(f"/contexts/{name}").json()["id"])
    found = {p.pid for p in stage.server.drivers() if context in p.command}
    roots = [pid for pid in found if processes.parent(pid) not in found]
    return roots[0] if len(roots) == 1 else 0


def _workers_of(stage: Stage, name: str) -> list[int]:
    """The processes in which its jobs run.

    They are the children of a process that the agent has made, and all have the
    agent's command line.
    """
    context = str(stage.server.client.get(f"/contexts/{name}").json()["id"])
    agents = {
        p.pid
        for p in stage.server.drivers()
        if context in p.command and "hearth_agent.py" in p.command
    }
    parents = {pid: processes.parent(pid) for pid in agents}
    return sorted(pid for pid in agents if parents.get(parents[pid], 0) in agents)

"""Jobs that wait for a slot."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from conftest import StartHearthd
from support.client import Answer, Job
from support.hearthd import Hearthd
from support.native import NativeContext, create, library, upload
from support.spark import Spark
from support.wait import until


@pytest.fixture
def hearthd(start_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server with the library of the tests."""
    server = start_hearthd(default_spark)
    upload(server.client, "jobs", library("test_jobs_v1"))
    return server


@pytest.fixture
def context(hearthd: Hearthd) -> NativeContext:
    """A context with one slot."""
    return create(hearthd.client, "c", "jobs", **{"max-jobs-per-context": 1})


def waits_for(context: NativeContext, file: Path, **params: object) -> Job:
    """A job that ends once there is that file."""
    return context.submit("waits_for_file", {"file": str(file)}, **params)


def place(job: Job) -> int | None:
    """Its place in the queue."""
    found: int | None = job.report().get("queued")
    return found


def test_a_queued_job_runs_when_there_is_a_slot(
    context: NativeContext, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    first = waits_for(context, file)
    assert context.start("version").status == 503
    assert context.start("version", queue=False).status == 503
    answer = context.start("version", queue=True)
    assert answer.status == 202
    assert answer.json()["status"] == "STARTED"
    assert answer.json()["queued"] == 1
    job = Job(context.client, answer.json()["jobId"])
    assert place(job) == 1
    listed: list[dict[str, Any]] = context.client.get("/jobs").json()
    assert [r.get("queued") for r in listed if r["jobId"] == job.id] == [1]
    file.touch()
    assert first.result() == "found"
    assert job.result() == 1
    assert place(job) is None
    reasons = [
        e["reason"]
        for e in context.client.get(f"/jobs/{job.id}/history").json()["history"]
    ]
    assert "waits for a slot, priority 0" in reasons
    assert "has a slot, sent to its context" in reasons


def test_priority_goes_first(context: NativeContext, tmp_path: Path) -> None:
    file = tmp_path / "file"
    waits_for(context, file)
    low = context.submit("count_up", queue=True, priority=-1)
    normal = context.submit("count_up", queue=True)
    later = context.submit("count_up", queue=True)
    high = context.submit("count_up", queue=True, priority=10)
    assert [place(job) for job in (high, normal, later, low)] == [1, 2, 3, 4]
    file.touch()
    assert [job.result() for job in (high, normal, later, low)] == [1, 2, 3, 4]


def test_the_queue_is_bounded_and_a_setting(hearthd: Hearthd, tmp_path: Path) -> None:
    context = create(
        hearthd.client,
        "c",
        "jobs",
        queue=True,
        **{"max-jobs-per-context": 1, "max-queue": 2},
    )
    first = waits_for(context, tmp_path / "file")
    waiting = [context.submit("version") for _ in range(2)]
    refused = context.start("version")
    assert refused.status == 503
    assert refused.json()["status"] == "NO SLOTS AVAILABLE"
    assert "max-queue" in refused.json()["result"]
    assert context.start("version", queue=False).status == 503
    # One that is killed leaves the queue.
    assert waiting[0].kill().json() == {"status": "KILLED"}
    assert waiting[0].status == "KILLED"
    assert place(waiting[1]) == 1
    assert context.start("version").status == 202
    first.kill()
    assert waiting[1].result() == 1


def test_max_wait(context: NativeContext, tmp_path: Path) -> None:
    waits_for(context, tmp_path / "file")
    job = context.submit("version", queue=True, **{"max-wait": 1})
    report = job.wait()
    assert report["status"] == "ERROR"
    assert "max-wait" in report["result"]["message"]
    answer = context.start(
        "version", queue=True, sync=True, timeout=60, **{"max-wait": 1}
    )
    assert answer.status == 503
    assert answer.json()["status"] == "NO SLOTS AVAILABLE"


def test_a_sync_job_waits_up_to_its_timeout(
    context: NativeContext, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    waits_for(context, file)
    late = context.start("version", queue=True, sync=True, timeout=1)
    assert late.status == 500
    assert "timed out" in late.json()["result"]["message"]
    job = Job(context.client, late.json()["jobId"])
    assert late.headers["x-hearth-job-id"] == job.id
    assert place(job) == 1
    answers: list[Answer] = []
    thread = threading.Thread(
        target=lambda: answers.append(
            context.start("version", queue=True, sync=True, timeout=60)
        )
    )
    thread.start()
    until(
        lambda: 2 in [r.get("queued") for r in context.client.get("/jobs").json()],
        "both wait",
    )
    file.touch()
    thread.join()
    assert answers[0].json()["result"] == 1
    assert job.result() == 1


def test_the_queue_outlives_the_server(
    hearthd: Hearthd, context: NativeContext, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    first = waits_for(context, file)
    first.wait_running()
    low = context.submit("version", queue=True)
    high = context.submit("greet", {"input": {"name": "A"}}, queue=True, priority=1)
    hearthd.kill()
    hearthd.start()
    client = hearthd.client
    # They run what was there when they came.
    upload(client, "jobs", library("test_jobs_v2"))
    low, high = client.job(low.id), client.job(high.id)
    assert (place(high), place(low)) == (1, 2)
    file.touch()
    assert client.job(first.id).result() == "found"
    assert high.result() == "Hello, A"
    assert low.result() == 1
    assert client.get("/contexts/c").json()["state"] == "RUNNING"


def test_a_context_that_ends_or_restarts(hearthd: Hearthd, tmp_path: Path) -> None:
    settings = {"max-jobs-per-context": 1, "restart": "on-failure"}
    context = create(hearthd.client, "again", "jobs", **settings)
    lost = waits_for(context, tmp_path / "file")
    lost.wait_running()
    kept = context.submit("count_up", queue=True)
    (agent,) = hearthd.drivers()
    os.kill(agent.pid, signal.SIGKILL)
    assert lost.wait()["status"] == "ERROR"
    assert kept.result() == 1
    blocks = waits_for(context, tmp_path / "file")
    dropped = context.submit("count_up", queue=True)
    hearthd.client.delete("/contexts/again")
    for job in (blocks, dropped):
        report = job.wait()
        assert report["status"] == "ERROR"
        assert "Unexpected termination of context again" in report["result"]["message"]

"""Jobs that swallow every interrupt: they are KILLED, and their process is gone.

How long that takes is printed, and asserted nowhere: machines can be slow.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from stage import Stage
from support import native, processes
from support.client import Job
from support.servers import StartHearthd
from support.spark import Spark
from support.wait import until

KILL_TIMEOUT = 1.0


@pytest.mark.parametrize("kind", ["native", "spark"])
@pytest.mark.parametrize("restart", ["never", "on-failure"])
def test_an_endless_job_is_killed(
    start_hearthd: StartHearthd, default_spark: Spark, kind: str, restart: str
) -> None:
    server = start_hearthd(
        default_spark,
        settings={
            "hearth.contexts.kill-timeout": f"{KILL_TIMEOUT * 1000:.0f}ms",
            "hearth.contexts.restart-backoff": "20ms",
        },
    )
    client = server.client
    stage = Stage(server)
    if kind == "native":
        native.upload(client, "jobs", native.library("test_jobs_v1"))
        context = native.create(client, "c", "jobs", restart=restart)
        job = context.submit("endures")
    else:
        client.upload("examples", default_spark.examples)
        plain = client.create_context("c", {"restart": restart})
        job = plain.submit("UninterruptibleJob", {"duration": 600_000})
    job.wait_running()
    (before,) = stage.identity()
    begun = time.monotonic()
    assert job.kill().json() == {"status": "KILLED"}
    took = time.monotonic() - begun
    # Only what was observed is said: the process is gone by then.
    assert processes.start_time(before[0]) != before[1]
    print(f"\n{kind}: KILLED after {took:.3f} s, kill-timeout {KILL_TIMEOUT} s")
    check_ladder(job)
    if restart == "never":
        until(lambda: client.get("/contexts/c").json()["state"] == "ERROR", "it ends")
    else:
        stage.settings["c"] = {}
        stage.wait_until_settled()
        (after,) = stage.identity()
        assert after != before
    stage.expect_nothing_left()


def check_ladder(job: Job) -> None:
    """Each step is in its history, in order, with its time."""
    history: list[dict[str, Any]] = job.client.get(f"/jobs/{job.id}/history").json()[
        "history"
    ]
    steps = [(entry["state"], entry["reason"]) for entry in history]
    assert steps == [
        ("STARTED", ""),
        ("RUNNING", ""),
        ("RUNNING", "kill: asked its agent to cancel and interrupt it"),
        ("RUNNING", "kill: ended the process of context c"),
        ("KILLED", f"Job {job.id} killed"),
    ]
    times = [entry["time"] for entry in history]
    assert times == sorted(times)

"""Fifty jobs at once for eight slots, again and again: no slot is lost."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conftest import StartHearthd
from support.client import Answer, Client, Job
from support.hearthd import Hearthd
from support.native import create, library, upload
from support.spark import Spark
from support.wait import until

ROUNDS = int(os.environ.get("HEARTH_TEST_SLOT_ROUNDS", "3"))
SLOTS, JOBS = 8, 50

Start = Callable[[str], Answer]
"""Starts a job that waits, fails, or ends soon."""


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server with jobs of both kinds."""
    server = start_shared_hearthd(default_spark)
    upload(server.client, "jobs", library("test_jobs_v1"))
    server.client.upload("examples", default_spark.examples)
    return server


def test_native(hearthd: Hearthd) -> None:
    context = create(hearthd.client, "native", "jobs")
    jobs = {"waits": {}, "fails": {}, "naps": {"millis": 5}}
    check(
        hearthd.client,
        "native",
        lambda kind: context.start(kind, jobs[kind]),
    )


def test_spark(hearthd: Hearthd) -> None:
    context = hearthd.client.create_context("spark", {"max-jobs-per-context": SLOTS})
    jobs: dict[str, tuple[str, Any]] = {
        "waits": ("SleepJob", {"sleep": {"time": {"millis": 600000}}}),
        "fails": ("MyErrorJob", {}),
        "naps": ("SleepJob", {"sleep": {"time": {"millis": 5}}}),
    }
    check(
        hearthd.client,
        "spark",
        lambda kind: context.start(*jobs[kind]),
    )
    context.stop()


def check(client: Client, context: str, start: Start) -> None:
    """Rounds of exactly the free slots, then of all that can happen to a job."""
    chance = random.Random(7)
    with ThreadPoolExecutor(JOBS) as clients:
        for _ in range(ROUNDS):
            fill(clients, client, context, start)
            kinds = chance.choices(["waits", "fails", "naps"], k=JOBS)
            mixed = [a for a in clients.map(start, kinds) if a.status == 202]
            kill_all(clients, client, mixed)
            until(
                lambda: not client.get("/jobs", status="running").json(),
                "all jobs are over",
            )
        fill(clients, client, context, start)


def fill(
    clients: ThreadPoolExecutor, client: Client, context: str, start: Start
) -> None:
    """Exactly the slots are taken, whatever was before, and given back."""
    answers = list(clients.map(start, ["waits"] * JOBS))
    accepted = [a for a in answers if a.status == 202]
    refused = [a for a in answers if a.status != 202]
    assert len(accepted) == SLOTS
    for answer in refused:
        assert answer.status == 503
        assert answer.json() == {
            "status": "NO SLOTS AVAILABLE",
            "result": f"Too many running jobs ({SLOTS}) for job context '{context}'",
        }
    kill_all(clients, client, accepted)


def kill_all(
    clients: ThreadPoolExecutor, client: Client, accepted: list[Answer]
) -> None:
    """Kills them at once; some may be over already."""
    jobs = [Job(client, a.json()["jobId"]) for a in accepted]
    for answer in clients.map(Job.kill, jobs):
        assert answer.status in (200, 404), answer.text
    for job in jobs:
        job.wait()

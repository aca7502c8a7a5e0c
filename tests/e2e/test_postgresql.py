"""The state in PostgreSQL: through a restart of either side."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.client import Client
from support.hearthd import Hearthd
from support.native import create, library, upload
from support.postgresql import Postgresql
from support.spark import Spark
from support.wait import until

KILLS = int(os.environ.get("HEARTH_TEST_DATABASE_KILLS", "2"))
"""How often the database is killed under load."""


@pytest.fixture
def database() -> Iterator[Postgresql]:
    """A PostgreSQL server."""
    with Postgresql() as server:
        yield server


@pytest.fixture
def hearthd(
    database: Postgresql, start_hearthd: StartHearthd, default_spark: Spark
) -> Hearthd:
    """A server that keeps its state there; its url holds the password."""
    server = start_hearthd(default_spark, config=f'hearth.store.url = "{database.url}"')
    upload(server.client, "jobs", library("test_jobs_v1"))
    return server


def test_a_restart_finds_what_was_stored(hearthd: Hearthd) -> None:
    context = create(hearthd.client, "c", "jobs")
    job = context.submit("greet", {"input": {"name": "Ada"}})
    assert job.result() == "Hello, Ada"
    hearthd.stop()
    hearthd.start()
    client = hearthd.client
    assert client.job(job.id).report()["result"] == "Hello, Ada"
    assert client.get(f"/jobs/{job.id}/config").json() == {"input": {"name": "Ada"}}
    assert client.get("/contexts/c").json()["state"] == "FINISHED"
    assert "jobs" in client.get("/binaries").json()


def is_stored(client: Client, job: str) -> bool:
    """Whether the server knows of a job."""
    return client.get(f"/jobs/{job}").status == 200


def test_a_database_that_is_away_for_a_while(
    hearthd: Hearthd, database: Postgresql, tmp_path: Path
) -> None:
    client = hearthd.client
    context = create(client, "c", "jobs")
    early, late = tmp_path / "early", tmp_path / "late"
    ends_meanwhile = context.submit("waits_for_file", {"file": str(early)})
    ends_later = context.submit("waits_for_file", {"file": str(late)})
    ends_later.wait_running()

    database.stop()
    early.touch()
    for answer in (
        client.get(f"/jobs/{ends_later.id}"),
        client.get("/jobs"),
        context.start("greet", {"input": {"name": "Ada"}}),
    ):
        assert answer.status == 503
        assert answer.headers["retry-after"] == "1"
    health = client.get("/healthz")
    assert health.status == 500
    assert "store is lost" in health.text
    # No client waits for longer than it said, even for a job that is done.
    done = context.start("count_up", sync=True, timeout=1)
    slow = context.start("naps", {"millis": 300}, sync=True, timeout=1)
    for answer in (done, slow):
        assert answer.status == 500
        assert "timed out" in answer.json()["result"]["message"]
    assert client.contexts() == ["c"]
    until(lambda: "its end is not stored yet" in hearthd.log, "a job ended")

    database.start()
    until(lambda: client.get("/jobs").status == 200, "it is back", 30)
    until(lambda: client.get("/healthz").status == 200, "all is well")
    assert ends_meanwhile.result() == "found"
    # An end that could not be stored is tried again every second.
    for answer, result in ((done, 1), (slow, 300)):
        job = client.job(answer.json()["jobId"])
        until(partial(is_stored, client, job.id), "its end is stored")
        assert job.result() == result
    late.touch()
    assert ends_later.result() == "found"
    assert context.run("greet", {"input": {"name": "Bob"}}) == "Hello, Bob"
    reports = client.get("/jobs", limit=100).json()
    assert {report["status"] for report in reports} <= {"FINISHED", "KILLED"}


def test_the_password_is_nowhere(hearthd: Hearthd, database: Postgresql) -> None:
    create(hearthd.client, "c", "jobs")
    database.stop()
    until(lambda: hearthd.client.get("/jobs").status == 503, "it is away")
    error = hearthd.client.get("/jobs").text
    assert hearthd.process is not None
    process = Path(f"/proc/{hearthd.process.pid}")
    shown = (process / "cmdline").read_bytes().decode()
    password = database.url.split(":")[2].split("@")[0]
    for text in (hearthd.log, error, shown):
        assert password not in text
        assert "it's a" not in text
    database.start()
    until(lambda: hearthd.client.get("/jobs").status == 200, "it is back", 30)


def wait_for_more(jobs: list[str], more: int) -> None:
    """Returns once so many more jobs were accepted."""
    enough = len(jobs) + more
    until(lambda: len(jobs) >= enough, "jobs run", 60)


def test_a_database_that_is_killed_under_load(
    hearthd: Hearthd, database: Postgresql
) -> None:
    client = hearthd.client
    context = create(client, "c", "jobs")
    accepted: list[str] = []
    refused: list[int] = []
    done = threading.Event()

    def load() -> None:
        while not done.is_set():
            answer = context.start("count_up")
            if answer.status == 202:
                accepted.append(answer.json()["jobId"])
            else:
                refused.append(answer.status)

    with ThreadPoolExecutor(4) as clients:
        workers = [clients.submit(load) for _ in range(4)]
        try:
            for _ in range(KILLS):
                wait_for_more(accepted, 20)
                database.kill()
                database.start()
        finally:
            done.set()
        for worker in workers:
            worker.result()
    until(lambda: client.get("/jobs").status == 200, "it is back", 30)
    assert set(refused) <= {503}
    # Each that was promised ran, and none twice: that would skip no number.
    numbers = [client.job(job).result() for job in accepted]
    assert len(set(numbers)) == len(numbers)
    assert len(set(accepted)) == len(accepted)
    assert context.run("greet", {"input": {"name": "Ada"}}) == "Hello, Ada"

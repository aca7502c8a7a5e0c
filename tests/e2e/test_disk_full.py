"""A disk that is full: clear answers, and all goes on once there is space."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.disk import fill, small_disk
from support.hearthd import Hearthd
from support.native import create, library, upload
from support.spark import Spark
from support.wait import until
from support.zips import zip_of

ZIP = {"Content-Type": "application/java-archive"}
NATIVE = {"context-factory": "hearth.native", "num-cpu-cores": 2}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system."""
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture
def hearthd(disk: Path, start_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server whose data folder is on that disk."""
    server = start_hearthd(
        default_spark,
        settings={
            "hearth.data-dir": disk / "data",
            "hearth.jobs.min-free-space": "1MiB",
        },
    )
    server.data = disk / "data"
    upload(server.client, "jobs", library("test_jobs_v1"))
    return server


def test_uploads(hearthd: Hearthd, disk: Path) -> None:
    client = hearthd.client
    body = zip_of(os.urandom(2 << 20))
    filler = fill(disk, 1 << 20)
    for path in ("/binaries/big", "/data/big"):
        answer = client.request("POST", path, None, body, ZIP)
        assert answer.status == 507, answer.text
        assert answer.json()["status"] == "ERROR"
        assert "No space left" in answer.json()["result"]
    assert client.get("/binaries/big").status == 404
    assert client.get("/data").json() == []
    filler.unlink()
    assert client.request("POST", "/binaries/big", None, body, ZIP).status == 201
    assert client.request("POST", "/data/big", None, body, ZIP).status == 200


def test_results(hearthd: Hearthd, disk: Path) -> None:
    context = create(hearthd.client, "c", "jobs")
    filler = fill(disk, 3 << 20)
    report = context.submit("fills", {"bytes": 4 << 20}).wait()
    assert report["status"] == "ERROR"
    assert "min-free-space" in report["result"]["message"]
    filler.unlink()
    assert len(context.submit("fills", {"bytes": 4 << 20}).result()) == 4 << 20


def test_contexts(hearthd: Hearthd, disk: Path) -> None:
    client = hearthd.client
    context = create(client, "c", "jobs")
    filler = fill(disk)

    def no_space() -> bool:
        # The log of the database may have room for some.
        answer = context.start("greet", {"input": {"name": "A" * 50_000}})
        answer = context.start("version") if answer.status != 202 else answer
        return answer.status == 507

    until(no_space, "the database is full", 30)
    begun = time.monotonic()
    answer = client.request("POST", "/contexts/refused", NATIVE)
    assert answer.status == 507, answer.text
    assert "full" in answer.text
    assert time.monotonic() - begun < 5
    assert client.get("/contexts/refused").status == 404
    filler.unlink()
    # Nothing is left of it, and the name is free.
    assert create(client, "refused", "jobs").state == "RUNNING"


def test_the_database(hearthd: Hearthd, disk: Path) -> None:
    client = hearthd.client
    context = create(client, "c", "jobs")
    early = disk.parent / "early"
    running = context.submit("waits_for_file", {"file": str(early)})
    running.wait_running()
    filler = fill(disk)

    def refused() -> bool:
        # The log of the database may have room for some.
        answer = context.start("greet", {"input": {"name": "A" * 50_000}})
        if answer.status == 202:
            return False
        assert answer.status == 507, answer.text
        return True

    until(refused, "the database is full", 30)
    assert client.get("/healthz").status == 200
    assert client.get("/jobs").status == 200
    assert client.contexts() == ["c"]
    early.touch()
    until(lambda: "its end is not stored yet" in hearthd.log, "it cannot be stored")
    filler.unlink()
    assert running.result() == "found"
    assert context.run("greet", {"input": {"name": "Bob"}}) == "Hello, Bob"
    assert context.state == "RUNNING"

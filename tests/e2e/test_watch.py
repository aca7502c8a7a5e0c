"""Watching jobs and contexts: progress, and logs that can be followed."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conftest import StartHearthd
from support.client import Job
from support.command_line import CommandLine
from support.hearthd import Hearthd
from support.native import NativeContext, create, library, upload
from support.spark import Spark
from support.wait import until


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server with the jobs of these tests."""
    server = start_shared_hearthd(default_spark)
    upload(server.client, "jobs", library("test_jobs_v1"))
    return server


@pytest.fixture
def context(hearthd: Hearthd) -> Iterator[NativeContext]:
    """A context for one test."""
    yield create(hearthd.client, "watched", "jobs")
    hearthd.client.delete("/contexts/watched", force=True)


@contextmanager
def following(server: Hearthd, path: str) -> Iterator[http.client.HTTPResponse]:
    """A log that is followed."""
    connection = http.client.HTTPConnection("127.0.0.1", server.client.port, timeout=60)
    connection.request("GET", f"{path}?follow=true")
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def logs_of(server: Hearthd, job: Job, **params: object) -> str:
    """What a job has logged."""
    return server.client.get(f"/jobs/{job.id}/logs", **params).text


def test_progress_of_a_job(hearthd: Hearthd, context: NativeContext) -> None:
    job = context.submit("reports", {"line": "hello"})
    path = f"/jobs/{job.id}/progress"
    until(lambda: hearthd.client.get(path).json()["total"] == 10, "it says so")
    assert hearthd.client.get(path).json() == {
        "jobId": job.id,
        "status": "RUNNING",
        "done": 3,
        "total": 10,
        "text": "thirds",
    }
    job.kill()
    assert hearthd.client.get(path).json()["status"] == "KILLED"
    assert hearthd.client.get("/jobs/nobody/progress").status == 404


def test_progress_of_a_spark_job(start_hearthd: StartHearthd, spark: Spark) -> None:
    server = start_hearthd(spark)
    server.client.upload("examples", spark.examples)
    job = server.client.create_context("spark").submit(
        "LongPiJob", {"stress.test.longpijob.duration": 600}
    )
    path = f"/jobs/{job.id}/progress"
    until(lambda: server.client.get(path).json()["done"] > 0, "it says so")
    said = server.client.get(path).json()
    assert 0 < said["done"] <= said["total"]
    assert re.fullmatch(r"stage \d+: count at SmallJobs.scala:\d+", said["text"])
    job.kill()
    assert server.client.get(path).json()["total"] == 0


def test_logs_of_jobs_and_of_their_context(
    hearthd: Hearthd, context: NativeContext
) -> None:
    one = context.submit("reports", {"line": "first"})
    two = context.submit("reports", {"line": "second"})
    until(lambda: "first" in logs_of(hearthd, one), "it logs")
    until(lambda: "second" in logs_of(hearthd, two), "it logs")
    assert "second" not in logs_of(hearthd, one)
    whole = hearthd.client.get("/contexts/watched/logs")
    assert whole.headers["content-type"].startswith("text/plain")
    assert "first" in whole.text
    assert "second" in whole.text
    assert (
        len(hearthd.client.get("/contexts/watched/logs", lines=1).text.split("\n")) == 2
    )
    assert hearthd.client.get("/contexts/nobody/logs").status == 404
    assert hearthd.client.get("/contexts/watched/logs", lines="x").status == 400


def test_a_followed_log_ends_with_its_job(
    hearthd: Hearthd, context: NativeContext
) -> None:
    job = context.submit("reports", {"line": "first"})
    with following(hearthd, f"/jobs/{job.id}/logs") as log:
        assert b"first" in log.readline()
        job.kill()
        log.read()


def test_a_followed_log_goes_on_and_ends_with_its_context(
    hearthd: Hearthd, context: NativeContext
) -> None:
    with following(hearthd, "/contexts/watched/logs") as log:
        context.submit("reports", {"line": "added later"})
        while b"added later" not in log.readline():
            pass
        hearthd.client.delete("/contexts/watched", force=True)
        log.read()


def test_a_server_that_stops_ends_followed_logs(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark)
    upload(server.client, "jobs", library("test_jobs_v1"))
    create(server.client, "watched", "jobs").submit("reports", {"line": "hello"})
    with following(server, "/contexts/watched/logs") as log:
        assert b"hello" in log.readline()
        server.terminate()
        log.read()
        assert server.wait() == 0


def test_the_command_line_shows_logs_and_progress(
    hearthd: Hearthd, context: NativeContext
) -> None:
    hearth = CommandLine(f"http://127.0.0.1:{hearthd.client.port}")
    job = context.submit("reports", {"line": "hello"})
    until(lambda: "hello" in hearth("job", "logs", job.id).out, "it logs")
    assert "hello" in hearth("context", "logs", "watched").out

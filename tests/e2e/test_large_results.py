"""Results that are larger than memory should hold: streamed, bounded, whole."""

from __future__ import annotations

import http.client
import json
import os
import signal
from collections.abc import Iterator

import pytest

from conftest import StartHearthd
from support.hearthd import Hearthd
from support.native import NativeContext, create, library, upload
from support.reader import Reader
from support.spark import Spark
from support.wait import until

MIB = 1 << 20
WHOLE = 40
"""MiB of a result that fits no buffer on the way."""
TEXT_AND_COMMA = MIB + 3


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server with the jobs of these tests."""
    server = start_shared_hearthd(
        default_spark, settings={"hearth.jobs.max-result-size": "64MiB"}
    )
    upload(server.client, "jobs", library("test_jobs_v1"))
    return server


@pytest.fixture
def context(hearthd: Hearthd) -> Iterator[NativeContext]:
    """A context for one test, so that a job's traces go with it."""
    yield create(hearthd.client, "floods", "jobs")
    hearthd.client.delete("/contexts/floods", force=True)


def reader(server: Hearthd, mib: int, *, fails: bool = False) -> Reader:
    """A sync client of `floods`."""
    config = {"mib": mib, "fails": fails}
    return Reader(server.client, "jobs", "floods", "floods", config)


def files(server: Hearthd) -> list[str]:
    """The names of the files of results."""
    return [file.name for file in (server.data / "results").iterdir()]


def last_job(server: Hearthd) -> dict[str, object]:
    """The report of the newest job that is not `flooded`."""
    jobs = server.client.get("/jobs", limit=1000).json()
    return next(job for job in jobs if job["classPath"] == "floods")


def test_a_large_result_arrives_whole_sync_and_later(
    hearthd: Hearthd, context: NativeContext
) -> None:
    result = context.run("floods", {"mib": WHOLE})
    assert [len(text) for text in result] == [MIB] * WHOLE
    (job,) = files(hearthd)
    answer = hearthd.client.get(f"/jobs/{job}")
    assert int(answer.headers["content-length"]) > WHOLE * TEXT_AND_COMMA
    report = answer.json()
    assert report["status"] == "FINISHED"
    assert report["result"] == result
    assert len(hearthd.client.get("/jobs").body) < MIB


def test_a_large_result_of_an_async_job(
    hearthd: Hearthd, context: NativeContext
) -> None:
    job = context.submit("floods", {"mib": WHOLE})
    waited = hearthd.client.get(f"/jobs/{job.id}", wait=60).json()
    assert len(waited["result"]) == WHOLE
    assert job.id in files(hearthd)


def test_a_client_that_does_not_read_holds_its_job_up_and_no_other(
    hearthd: Hearthd, context: NativeContext
) -> None:
    client = reader(hearthd, WHOLE)
    client.begin()
    # Between job and client lie buffers of a few MiB; far from all of it.
    assert all(context.run("flooded") < WHOLE / 2 for _ in range(100))
    assert last_job(hearthd)["status"] == "RUNNING"
    body = json.loads(client.response.read())
    assert len(body["result"]) == WHOLE
    assert context.run("flooded") == WHOLE


def test_a_client_that_leaves_ends_its_job(
    hearthd: Hearthd, context: NativeContext
) -> None:
    before = files(hearthd)
    client = reader(hearthd, WHOLE)
    client.begin()
    client.leave()
    until(lambda: last_job(hearthd)["status"] == "ERROR", "the job ends")
    result = last_job(hearthd)["result"]
    assert isinstance(result, dict)
    assert "client left" in result["message"]
    assert context.run("flooded") < WHOLE
    assert files(hearthd) == before


def test_a_job_that_fails_in_mid_stream_breaks_off_its_answer(
    hearthd: Hearthd, context: NativeContext
) -> None:
    before = files(hearthd)
    client = reader(hearthd, WHOLE, fails=True)
    client.begin()
    with pytest.raises(http.client.IncompleteRead):
        client.response.read()
    assert "after all that" in str(last_job(hearthd)["result"])
    assert files(hearthd) == before


def test_a_killed_job_that_waits_for_its_reader_ends(
    hearthd: Hearthd, context: NativeContext
) -> None:
    client = reader(hearthd, WHOLE)
    client.begin()
    job = str(last_job(hearthd)["jobId"])
    assert hearthd.client.delete(f"/jobs/{job}").json() == {"status": "KILLED"}
    with pytest.raises(http.client.IncompleteRead):
        client.response.read()


def test_a_result_over_the_limit_is_an_error_with_both_numbers(
    hearthd: Hearthd, context: NativeContext
) -> None:
    before = files(hearthd)
    report = context.submit("floods", {"mib": 80}).wait()
    assert report["status"] == "ERROR"
    assert str(64 * MIB) in report["result"]["message"]
    assert files(hearthd) == before


def test_a_full_disk_is_the_jobs_error(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(
        default_spark, settings={"hearth.jobs.min-free-space": "1000TiB"}
    )
    upload(server.client, "jobs", library("test_jobs_v1"))
    context = create(server.client, "floods", "jobs")
    report = context.submit("floods", {"mib": WHOLE}).wait()
    assert report["status"] == "ERROR"
    assert "hearth.jobs.min-free-space" in report["result"]["message"]
    assert files(server) == []
    assert context.run("greet", {"input": {"name": "Ada"}}) == "Hello, Ada"


def test_a_killed_server_keeps_whole_results_and_no_others(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark)
    upload(server.client, "jobs", library("test_jobs_v1"))
    context = create(server.client, "floods", "jobs")
    job = context.submit("floods", {"mib": 3})
    whole = job.result()
    client = reader(server, WHOLE)
    client.begin()
    until(lambda: len(files(server)) == 2, "the second one is begun")
    (agent,) = server.drivers()
    server.kill()
    # It would send the second result once more.
    os.kill(agent.pid, signal.SIGKILL)
    server.start()
    assert files(server) == [job.id]
    assert server.client.job(job.id).result() == whole

"""Results that a Spark job makes while they are sent."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.client import Client, Context
from support.hearthd import Hearthd
from support.reader import Reader
from support.spark import Spark
from support.wait import until

MIB = 1 << 20
MANY = 200
"""MiB of a result that fits no buffer on the way."""
SMALL_HEAP = {"launcher.spark.driver.memory": "512m"}


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, spark: Spark) -> Hearthd:
    """A server with the jobs of these tests."""
    server = start_shared_hearthd(
        spark, settings={"hearth.jobs.max-result-size": "300MiB"}
    )
    server.client.upload("examples", spark.examples)
    return server


@pytest.fixture(scope="module")
def client(hearthd: Hearthd) -> Client:
    return hearthd.client


@pytest.fixture(scope="module")
def context(client: Client) -> Context:
    """A driver whose heap holds none of the large results."""
    return client.create_context("lazy", SMALL_HEAP)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No driver keeps what the server has stored, or has given up."""
    yield
    until(
        lambda: (
            not [
                file
                for server in Hearthd.started
                for file in server.data.glob("contexts/*/result-*")
            ]
        ),
        "the drivers let go of results",
    )


def sync_reader(client: Client, job: str, config: object) -> Reader:
    return Reader(client, "examples", f"spark.jobserver.{job}", "lazy", config)


def newest(client: Client, job: str) -> dict[str, object]:
    """The report of the newest job of that class."""
    jobs = client.get("/jobs", limit=1000).json()
    return next(x for x in jobs if x["classPath"] == f"spark.jobserver.{job}")


@pytest.mark.parametrize(
    "kind",
    [
        "iterator",
        "partitions",
        "stream",
        "java iterator",
        "java stream",
        "input stream",
        "bytes",
    ],
)
def test_every_kind(context: Context, kind: str) -> None:
    assert context.run("LazyJob", {"kind": kind}) == [1, 2, 3]
    assert context.submit("LazyJob", {"kind": kind}).result() == [1, 2, 3]


def test_a_client_sees_the_first_bytes_before_the_last_are_made(
    client: Client, context: Context, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    reader = sync_reader(client, "HaltingStreamJob", {"until": str(later)})
    reader.begin()
    seen = b""
    while b'"now"' not in seen:
        seen += reader.response.read1()
    later.touch()
    answer = json.loads(seen + reader.response.read())
    assert answer["result"] == ["now", "later"]
    report = client.get(f"/jobs/{answer['jobId']}").json()
    assert report["result"] == ["now", "later"]
    assert context.run("FloodedJob") == 0


def test_a_result_larger_than_the_heap_of_its_driver(
    client: Client, context: Context
) -> None:
    reader = sync_reader(client, "FloodJob", {"mib": MANY})
    reader.begin()
    size = 0
    while block := reader.response.read(MIB):
        size += len(block)
    assert size > MANY * (MIB + 2)
    assert newest(client, "FloodJob")["status"] == "FINISHED"


def test_a_client_that_does_not_read_stops_the_job_and_one_that_leaves_ends_it(
    client: Client, context: Context
) -> None:
    reader = sync_reader(client, "FloodJob", {"mib": MANY})
    reader.begin()
    # Buffers of a few MiB lie on the way; far from all of it.
    assert all(context.run("FloodedJob") < MANY / 4 for _ in range(100))
    reader.leave()
    until(lambda: newest(client, "FloodJob")["status"] == "ERROR", "the job ends")
    assert "client left" in str(newest(client, "FloodJob")["result"])
    assert context.run("FloodedJob") < MANY / 4


def test_a_kill_ends_a_job_that_waits_for_its_reader(
    client: Client, context: Context
) -> None:
    reader = sync_reader(client, "FloodJob", {"mib": MANY})
    reader.begin()
    job = str(newest(client, "FloodJob")["jobId"])
    assert client.delete(f"/jobs/{job}").json() == {"status": "KILLED"}
    with pytest.raises(http.client.IncompleteRead):
        reader.response.read()


def test_over_the_limit_is_an_error_with_both_numbers(
    context: Context,
) -> None:
    report = context.submit("FloodJob", {"mib": 400}).wait()
    assert report["status"] == "ERROR"
    message = report["result"]["message"]
    assert "over the limit of 314572800 bytes" in message
    assert "The result has at least 31" in message


def test_a_killed_server_loses_nothing_of_a_result_and_doubles_nothing(
    start_hearthd: StartHearthd, default_spark: Spark, tmp_path: Path
) -> None:
    server = start_hearthd(default_spark)
    server.client.upload("examples", default_spark.examples)
    context = server.client.create_context("lazy", SMALL_HEAP)
    later = tmp_path / "later"
    halting = context.submit("HaltingStreamJob", {"until": str(later)})
    halting.wait_running()
    reader = sync_reader(server.client, "FloodJob", {"mib": MANY})
    reader.begin()
    flooding = str(newest(server.client, "FloodJob")["jobId"])
    server.kill()
    server.start()
    assert len(server.client.job(flooding).result()) == MANY
    assert server.client.job(halting.id).status == "RUNNING"
    later.touch()
    assert server.client.job(halting.id).result() == ["now", "later"]

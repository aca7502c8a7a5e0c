"""The REST contract, row by row, against the real server.

What needs no Spark runs once; what needs it on every Spark, the rows that a
cluster could make a difference to on a standalone cluster as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from conftest import SPARKS, StartHearthd
from support import native
from support.client import Client
from support.contract import Row, check
from support.contract_contexts import CONTEXT_ROWS
from support.contract_rows import (
    BINARIES,
    DATA,
    GENERAL,
    JAR,
    NO_CONTEXT,
    SPARK_ROWS,
    ZIP,
)
from support.spark import Spark, StandaloneCluster


@dataclass(frozen=True)
class World:
    """A server, and the names of what it holds."""

    client: Client
    names: dict[str, str]


def names(rows: list[Row]) -> list[str]:
    return [row.name for row in rows]


# -- without Spark -------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(start_shared_hearthd: StartHearthd, default_spark: Spark) -> World:
    """A server with one native context, one binary and one data file."""
    client = start_shared_hearthd(
        default_spark, settings={"hearth.http.allowed-origins": "http://a.example"}
    ).client
    client.request("POST", "/binaries/app", None, ZIP, JAR)
    native.create(client, "nat", "app")
    kept = client.post("/data/kept", b"x").json()["result"]["filename"]
    return World(client, {"kept": quote(kept, safe="")})


@pytest.mark.parametrize("row", GENERAL, ids=names(GENERAL))
def test_general(plain: World, row: Row) -> None:
    check(plain.client, row, plain.names)


@pytest.mark.parametrize("row", BINARIES, ids=names(BINARIES))
def test_binaries(plain: World, row: Row) -> None:
    check(plain.client, row, plain.names)


@pytest.mark.parametrize("row", NO_CONTEXT, ids=names(NO_CONTEXT))
def test_contexts_and_jobs(plain: World, row: Row) -> None:
    check(plain.client, row, plain.names)


@pytest.mark.parametrize("row", DATA, ids=names(DATA))
def test_data(plain: World, row: Row) -> None:
    check(plain.client, row, plain.names)


# -- with Spark ----------------------------------------------------------------


def spark_world(server: Client, spark: Spark, out: Path) -> World:
    """Context `rc`, and jobs in every state; jobs may write to `out`."""
    server.upload("examples", spark.examples)
    server.upload("v1", spark.versioned(1))
    rc = server.create_context("rc", {"num-cpu-cores": 1, "memory-per-node": "512m"})
    finished = rc.submit("WordCountExample", {"input": {"string": "a b a"}})
    failed = rc.submit("MyErrorJob")
    killed = rc.submit("SleepJob", "sleep.time.millis = 600000")
    for job in (finished, failed):
        job.wait()
    killed.wait_running()
    assert killed.kill().json() == {"status": "KILLED"}
    jobs = {"finished": finished.id, "failed": failed.id, "killed": killed.id}
    return World(server, {**jobs, "jar": str(spark.examples), "out": str(out)})


@pytest.fixture(scope="module", params=SPARKS, ids=lambda s: f"spark-{s.version}")
def local(
    request: pytest.FixtureRequest,
    start_shared_hearthd: StartHearthd,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """Spark in the driver's own process, with a job that runs in `one`."""
    server = start_shared_hearthd(request.param)
    out = tmp_path_factory.mktemp("local") / "sums"
    world = spark_world(server.client, request.param, out)
    one = world.client.create_context("one", {"max-jobs-per-context": 1})
    running = one.submit("SleepJob", "sleep.time.millis = 600000")
    running.wait_running()
    world.names["running"] = running.id
    return world


@pytest.fixture(scope="module", params=SPARKS, ids=lambda s: f"spark-{s.version}")
def cluster(
    request: pytest.FixtureRequest,
    start_shared_hearthd: StartHearthd,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """Executors in processes of their own."""
    folder = tmp_path_factory.mktemp("cluster")
    with StandaloneCluster(request.param, folder) as made:
        server = start_shared_hearthd(
            request.param, settings={"spark.master": made.url}
        )
        yield spark_world(server.client, request.param, folder / "sums")
        server.client.delete("/contexts/rc")


@pytest.mark.parametrize("row", SPARK_ROWS, ids=names(SPARK_ROWS))
def test_with_spark(local: World, row: Row) -> None:
    check(local.client, row, local.names)


ON_CLUSTER = [row for row in SPARK_ROWS if row.cluster]


@pytest.mark.parametrize("row", ON_CLUSTER, ids=names(ON_CLUSTER))
def test_on_a_cluster(cluster: World, row: Row) -> None:
    check(cluster.client, row, cluster.names)


# Last, for it ends with a reset.


@pytest.mark.parametrize("row", CONTEXT_ROWS, ids=names(CONTEXT_ROWS))
def test_contexts_of_spark(local: World, row: Row) -> None:
    check(local.client, row, local.names)


CONTEXTS_ON_CLUSTER = [row for row in CONTEXT_ROWS if row.cluster]


@pytest.mark.parametrize("row", CONTEXTS_ON_CLUSTER, ids=names(CONTEXTS_ON_CLUSTER))
def test_contexts_on_a_cluster(cluster: World, row: Row) -> None:
    check(cluster.client, row, cluster.names)

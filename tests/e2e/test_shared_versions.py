"""What jobs share in a context is of the version that made it, whoever reads it."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from conftest import SPARKS, StartHearthd
from support.client import Context, RequestFailed
from support.hearthd import Hearthd
from support.processes import children, mentioning
from support.spark import Spark, StandaloneCluster

ALTERNATIONS = int(os.environ.get("HEARTH_TEST_ALTERNATIONS", "6"))
KILLS = int(os.environ.get("HEARTH_TEST_KILLS", "3"))
SESSION = {"context-factory": "spark.jobserver.context.SessionContextFactory"}
KRYO = "org.apache.spark.serializer.KryoSerializer"


@dataclass(frozen=True)
class Shared:
    """A kind of thing that a job leaves for others."""

    what: str
    read_as: str
    """An RDD or a view."""
    value: str
    """What every reader finds; `{}` is the version that made it."""


FOUR_SIGHTINGS = ", ".join(["Sighting({0},rdd)"] * 4)

KINDS = [
    Shared("objects", "rdd", "Sighting({0},rdd)"),
    Shared("numbers", "rdd", "{0}"),
    Shared("pairs", "rdd", f"(rdd,CompactBuffer({FOUR_SIGHTINGS}))"),
    Shared("broadcast", "rdd", "{0}"),
    Shared("frame", "view", "{0}"),
    Shared("typed", "view", "{0}"),
    Shared("udf", "view", "{0}"),
]

MAKERS = {1: "one", 2: "two"}

READERS = ["examples", "examples,one", "examples,two", "two,examples"]
"""A jar that has none of the maker's classes, and jobs of several jars, of which one
has classes of the same names in the same or in the other version."""

PLACES = ["local", "standalone"]
SERIALIZERS = ["java", "kryo"]


@pytest.fixture(
    scope="module",
    params=itertools.product(SPARKS, PLACES, SERIALIZERS),
    ids=lambda p: f"spark-{p[0].version}-{p[1]}-{p[2]}",
)
def sharing(
    request: pytest.FixtureRequest,
    start_shared_hearthd: StartHearthd,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Context]:
    """A context of each kind, with the jars that its jobs are in."""
    spark, place, serializer = request.param
    settings = dict(SESSION)
    if serializer == "kryo":
        settings["spark.serializer"] = KRYO
    if place == "local":
        yield from _context(start_shared_hearthd, spark, settings, "local[2]")
    else:
        folder = tmp_path_factory.mktemp("cluster")
        with StandaloneCluster(spark, folder) as cluster:
            yield from _context(start_shared_hearthd, spark, settings, cluster.url)


def _context(
    start: StartHearthd, spark: Spark, settings: Mapping[str, object], master: str
) -> Iterator[Context]:
    server = start(spark, settings={"spark.master": master})
    yield _create(server, spark, settings)
    server.stop()


def _create(server: Hearthd, spark: Spark, settings: Mapping[str, object]) -> Context:
    server.client.upload("examples", spark.examples)
    for number, binary in MAKERS.items():
        server.client.upload(binary, spark.versioned(number))
    return server.client.create_context("sharing", settings)


def versions(result: dict[str, list[int]]) -> set[int]:
    """All versions of the jar's classes that a job saw anywhere."""
    assert result
    return {number for seen in result.values() for number in seen}


def share(context: Context, kind: Shared, cached: str, maker: int) -> None:
    """Has a job of that version share such a thing."""
    config = {"what": kind.what, "cached": cached}
    assert context.run("ShareJob", config, cp=MAKERS[maker]) == maker


def read(context: Context, kind: Shared, cp: str) -> Any:  # noqa: ANN401
    """What a job of these binaries finds."""
    return context.run("ReadSharedJob", {"what": kind.read_as}, cp=cp)


@pytest.mark.parametrize("cached", ["NONE", "MEMORY_ONLY", "DISK_ONLY"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.what)
def test_every_reader_finds_the_version_that_made_it(
    sharing: Context, kind: Shared, cached: str
) -> None:
    found = {}
    expected = {}
    for maker in MAKERS:
        share(sharing, kind, cached, maker)
        for cp in READERS:
            found[maker, cp] = read(sharing, kind, cp)
            expected[maker, cp] = [kind.value.format(maker)]
    assert found == expected


def test_each_job_runs_its_own_version_on_every_thread(sharing: Context) -> None:
    for turn in range(ALTERNATIONS):
        number = 1 + turn % 2
        for job in ("VersionThreadsJob", "VersionSessionJob"):
            result = sharing.run(job, cp=MAKERS[number])
            assert versions(result) == {number}, f"turn {turn}: {job}: {result}"


def test_a_kill_hits_its_job_alone(sharing: Context) -> None:
    for turn in range(KILLS):
        number = 1 + turn % 2
        doomed = sharing.submit("VersionBusyJob", cp=MAKERS[3 - number])
        doomed.wait_running()
        other = sharing.submit("VersionThreadsJob", cp=MAKERS[number])
        doomed.kill()
        assert versions(other.result()) == {number}, f"turn {turn}"
        assert doomed.wait()["status"] == "KILLED"


def test_a_stream_runs_the_version_that_started_it(sharing: Context) -> None:
    for number in (1, 2, 1):
        result = sharing.run("VersionStreamingJob", cp=MAKERS[number])
        assert versions(result) == {number}, result


def test_objects_of_another_version_are_refused(sharing: Context) -> None:
    objects = KINDS[0]
    share(sharing, objects, "MEMORY_ONLY", 1)
    assert sharing.run("ReadObjectsJob", cp="one") == [1]
    with pytest.raises(RequestFailed, match="ClassCastException"):
        sharing.run("ReadObjectsJob", cp="two")


# -- executors that come and go ------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "cached"),
    [
        ({}, "MEMORY_ONLY_2"),
        (
            {
                "spark.authenticate": True,
                "spark.authenticate.secret": "of-the-test",
                "spark.network.crypto.enabled": True,
                "spark.io.encryption.enabled": True,
            },
            "MEMORY_ONLY",
        ),
        (
            {
                "spark.dynamicAllocation.enabled": True,
                "spark.dynamicAllocation.shuffleTracking.enabled": True,
                "spark.dynamicAllocation.minExecutors": 0,
                "spark.dynamicAllocation.executorIdleTimeout": "1s",
                "spark.dynamicAllocation.cachedExecutorIdleTimeout": "1s",
            },
            "MEMORY_ONLY",
        ),
    ],
    ids=["copied-blocks", "encrypted", "dynamic"],
)
def test_executors_of_every_kind_find_the_versions(
    start_hearthd: StartHearthd,
    spark: Spark,
    settings: dict[str, object],
    cached: str,
) -> None:
    all_settings = {**SESSION, "spark.executor.memory": "512m", **settings}
    server = start_hearthd(spark, settings={"spark.master": "local-cluster[2,1,512]"})
    context = _create(server, spark, all_settings)
    for maker, kind in itertools.product(MAKERS, (KINDS[0], KINDS[2], KINDS[4])):
        share(context, kind, cached, maker)
        for cp in READERS:
            assert read(context, kind, cp) == [kind.value.format(maker)]


def test_a_new_executor_finds_versions_that_are_out_of_use(
    start_hearthd: StartHearthd, spark: Spark
) -> None:
    server = start_hearthd(spark, settings={"spark.master": "local-cluster[1,1,512]"})
    context = _create(server, spark, {**SESSION, "spark.executor.memory": "512m"})
    objects = KINDS[0]
    share(context, objects, "MEMORY_ONLY", 1)
    # The server has the jar no longer, and the context has had many others since.
    assert context.client.delete("/binaries/one").status == 200
    for n in range(20):
        cp = ",".join(["two", *["examples"] * (n + 1)])
        assert versions(context.run("VersionSessionJob", cp=cp)) == {2}
    for executor in executors(server):
        os.kill(executor, signal.SIGKILL)
    assert read(context, objects, "examples") == ["Sighting(1,rdd)"]


def executors(server: Hearthd) -> list[int]:
    """The executors of a context whose cluster is in its driver's process."""
    below = {child for driver in server.drivers() for child in children(driver.pid)}
    found = mentioning("CoarseGrainedExecutorBackend")
    return [it.pid for it in found if it.pid in below]

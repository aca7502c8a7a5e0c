"""What jobs share in a context is of the version that made it, whoever reads it.

HEARTH_TEST_ALTERNATIONS and HEARTH_TEST_KILLS say how often versions take turns, and
how many jobs are killed meanwhile.
"""

from __future__ import annotations

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

ALTERNATIONS = int(os.environ.get("HEARTH_TEST_ALTERNATIONS", "4"))
KILLS = int(os.environ.get("HEARTH_TEST_KILLS", "2"))
SESSION = {"context-factory": "spark.jobserver.context.SessionContextFactory"}

# -- the matrix ----------------------------------------------------------------


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
    Shared("pairs", "rdd", f"(rdd,List({FOUR_SIGHTINGS}))"),
    Shared("broadcast", "rdd", "{0}"),
    Shared("frame", "view", "{0}"),
    Shared("typed", "view", "{0}"),
    Shared("udf", "view", "{0}"),
]

MAKERS = {1: "one", 2: "two"}

READERS = {1: ["examples", "two,examples"], 2: ["examples,one", "two,examples"]}
"""Of what each version makes. A jar that has none of its classes, and jobs of several
jars, of which one has classes of the same names in the other or in the same version.
"""

LEVELS = ["NONE", "MEMORY_ONLY", "DISK_ONLY"]

SERIALIZERS = {
    "java": "org.apache.spark.serializer.JavaSerializer",
    "kryo": "org.apache.spark.serializer.KryoSerializer",
}

PLACES: dict[str, dict[str, object]] = {
    "local": {},
    # Executors of their own, and all that they say to each other is encrypted.
    "cluster": {
        "spark.executor.memory": "512m",
        "spark.authenticate": True,
        "spark.authenticate.secret": "of-the-test",
        "spark.network.crypto.enabled": True,
        "spark.io.encryption.enabled": True,
    },
    # Executors come and go.
    "standalone": {
        "spark.executor.memory": "512m",
        "spark.dynamicAllocation.enabled": True,
        "spark.dynamicAllocation.shuffleTracking.enabled": True,
        "spark.dynamicAllocation.minExecutors": 0,
        "spark.dynamicAllocation.executorIdleTimeout": "5s",
        "spark.dynamicAllocation.cachedExecutorIdleTimeout": "5s",
    },
}


@dataclass(frozen=True)
class Case:
    """A context of the matrix. On the next Spark each place has the other serializer,
    and each kind is cached in another way.
    """

    number: int
    spark: Spark
    place: str

    @property
    def serializer(self) -> str:
        """How Spark writes data."""
        return list(SERIALIZERS)[self.number % len(SERIALIZERS)]

    def level(self, kind: Shared, maker: int) -> str:
        """How that version keeps such a thing."""
        return LEVELS[(self.number + KINDS.index(kind) + maker) % len(LEVELS)]

    def __str__(self) -> str:
        return f"spark-{self.spark.version}-{self.place}-{self.serializer}"


CASES = [
    Case(row + column, spark, place)
    for row, spark in enumerate(SPARKS)
    for column, place in enumerate(PLACES)
]


@dataclass(frozen=True)
class Sharing:
    """A live context, with the jars that its jobs are in."""

    case: Case
    context: Context

    def share(self, kind: Shared, maker: int, level: str = "") -> None:
        """Has a job of that version share such a thing."""
        config = {
            "what": kind.what,
            "cached": level or self.case.level(kind, maker),
        }
        assert self.context.run("ShareJob", config, cp=MAKERS[maker]) == maker

    def read(self, kind: Shared, cp: str) -> Any:  # noqa: ANN401
        """What a job of these binaries finds."""
        return self.context.run("ReadSharedJob", {"what": kind.read_as}, cp=cp)


@pytest.fixture(scope="module", params=CASES, ids=str)
def sharing(
    request: pytest.FixtureRequest,
    start_shared_hearthd: StartHearthd,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Sharing]:
    """Each context of the matrix in turn."""
    case: Case = request.param

    def context(master: str) -> Iterator[Sharing]:
        server = start_shared_hearthd(case.spark, settings={"spark.master": master})
        serializer = {"spark.serializer": SERIALIZERS[case.serializer]}
        yield Sharing(case, _create(server, {**PLACES[case.place], **serializer}))
        server.stop()

    if case.place == "standalone":
        folder = tmp_path_factory.mktemp("cluster")
        with StandaloneCluster(case.spark, folder) as cluster:
            yield from context(cluster.url)
    else:
        yield from context(MASTERS[case.place])


MASTERS = {"local": "local[2]", "cluster": "local-cluster[2,1,512]"}


def _create(server: Hearthd, settings: Mapping[str, object]) -> Context:
    server.client.upload("examples", server.spark.examples)
    for number, binary in MAKERS.items():
        server.client.upload(binary, server.spark.versioned(number))
    return server.client.create_context("sharing", {**SESSION, **settings})


def versions(result: dict[str, list[int]]) -> set[int]:
    """All versions of the jar's classes that a job saw anywhere."""
    assert result
    return {number for seen in result.values() for number in seen}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.what)
def test_every_reader_finds_the_version_that_made_it(
    sharing: Sharing, kind: Shared
) -> None:
    found = {}
    expected = {}
    for maker in MAKERS:
        sharing.share(kind, maker)
        for cp in READERS[maker]:
            found[maker, cp] = sharing.read(kind, cp)
            expected[maker, cp] = [kind.value.format(maker)]
    assert found == expected


def test_each_job_runs_its_own_version_on_every_thread(sharing: Sharing) -> None:
    for turn in range(ALTERNATIONS):
        number = 1 + turn % 2
        result = sharing.context.run("VersionThreadsJob", cp=MAKERS[number])
        assert versions(result) == {number}, f"turn {turn}: {result}"


def test_a_kill_hits_its_job_alone(sharing: Sharing) -> None:
    for turn in range(KILLS):
        number = 1 + turn % 2
        doomed = sharing.context.submit("VersionBusyJob", cp=MAKERS[3 - number])
        doomed.wait_running()
        other = sharing.context.submit("VersionThreadsJob", cp=MAKERS[number])
        doomed.kill()
        assert versions(other.result()) == {number}, f"turn {turn}"
        assert doomed.wait()["status"] == "KILLED"


def test_a_stream_runs_the_version_that_started_it(sharing: Sharing) -> None:
    for number in (1, 2, 1):
        result = sharing.context.run("VersionStreamingJob", cp=MAKERS[number])
        assert versions(result) == {number}, result


def test_objects_of_another_version_are_refused(sharing: Sharing) -> None:
    sharing.share(KINDS[0], 1)
    assert sharing.context.run("ReadObjectsJob", cp="one") == [1]
    with pytest.raises(RequestFailed, match="ClassCastException"):
        sharing.context.run("ReadObjectsJob", cp="two")


def test_one_query_may_have_a_class_of_both_versions(sharing: Sharing) -> None:
    sharing.share(KINDS[4], 1, "NONE")
    found = sharing.context.run("ReadTypedJob", {"together": False}, cp="two")
    assert found == ["1 read by 2"]
    with pytest.raises(RequestFailed, match="2 versions of this class meet here"):
        sharing.context.run("ReadTypedJob", {"together": True}, cp="two")


def test_a_name_on_a_thread_of_nobody_is_explained(sharing: Sharing) -> None:
    with pytest.raises(RequestFailed, match="Sighting is in the job's own jar, but"):
        sharing.context.run("VersionLostJob", cp="one")


# -- executors that end --------------------------------------------------------


def test_what_is_shared_outlives_executors(
    start_hearthd: StartHearthd, spark: Spark
) -> None:
    server = start_hearthd(spark, settings={"spark.master": "local-cluster[2,1,512]"})
    context = _create(server, {"spark.executor.memory": "512m"})

    def shared(cp: str) -> list[str]:
        found: list[str] = context.run("ReadSharedJob", {"what": "rdd"}, cp=cp)
        return found

    config = {"what": "moments", "cached": "MEMORY_ONLY_2"}
    assert context.run("ShareJob", config, cp="one") == 1
    computed = shared("examples")
    os.kill(executors(server)[0], signal.SIGKILL)
    assert shared("examples") == computed, "the other executor has copies"

    # The server has the jar no longer, and the context has had many others since.
    assert context.client.delete("/binaries/one").status == 200
    for n in range(20):
        assert shared(",".join(["two", *["examples"] * (n + 1)])) == computed
    for executor in executors(server):
        os.kill(executor, signal.SIGKILL)
    again = shared("examples")
    assert again != computed
    assert all(it.startswith("Sighting(1,") for it in again)


def executors(server: Hearthd) -> list[int]:
    """The executors of a context whose cluster is in its driver's process."""
    below = {child for driver in server.drivers() for child in children(driver.pid)}
    found = mentioning("CoarseGrainedExecutorBackend")
    return [it.pid for it in found if it.pid in below]

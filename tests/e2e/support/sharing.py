"""The matrix of what jobs share in a context, and of the contexts that they do so in.

What is shared, who reads it, of which version, how it is cached, how Spark writes data,
and where tasks run. A context for each place and each Spark has one serializer of two;
on the next Spark the place has the other one, and each kind is cached in another way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from support.client import Context
from support.hearthd import Hearthd
from support.processes import children, mentioning
from support.spark import Spark

SESSION = {"context-factory": "spark.jobserver.context.SessionContextFactory"}


@dataclass(frozen=True)
class Shared:
    """A kind of thing that a job leaves for others."""

    what: str
    read_as: str
    """An RDD, a view, a function or a named frame."""
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
    Shared("source", "view", "{0}"),
    Shared("function", "function", "{0}"),
    Shared("named", "frame", "{0}"),
]
KIND = {kind.what: kind for kind in KINDS}

MAKERS = {1: "one", 2: "two,examples"}
"""The binaries of each version's makers; a version may have several jars."""

READERS = {1: ["examples", "two,examples"], 2: ["examples,one", "two,examples"]}
"""Of what each version makes. A jar that has none of its classes; another version with
classes of the same names, alone with them or behind them; the same version.
"""

LEVELS = ["NONE", "MEMORY_ONLY", "DISK_ONLY"]

SERIALIZERS = {
    "java": "org.apache.spark.serializer.JavaSerializer",
    "kryo": "org.apache.spark.serializer.KryoSerializer",
}

EVERYWHERE: dict[str, object] = {
    # Executors tell soon what their tasks have added to accumulators.
    "spark.executor.heartbeatInterval": "1s",
    # A hundred times as many are for other data.
    "spark.sql.shuffle.partitions": 2,
}

OWN_EXECUTORS: dict[str, object] = {**EVERYWHERE, "spark.executor.memory": "512m"}

PLACES: dict[str, dict[str, object]] = {
    "local": EVERYWHERE,
    # Executors of their own, and all that they say to each other is encrypted.
    "cluster": {
        **OWN_EXECUTORS,
        "spark.authenticate": True,
        "spark.authenticate.secret": "of-the-test",
        "spark.network.crypto.enabled": True,
        "spark.io.encryption.enabled": True,
    },
    # Executors come and go, also those that have blocks or files of a shuffle.
    "standalone": {
        **OWN_EXECUTORS,
        "spark.dynamicAllocation.enabled": True,
        "spark.dynamicAllocation.shuffleTracking.enabled": True,
        "spark.dynamicAllocation.shuffleTracking.timeout": "5s",
        "spark.dynamicAllocation.minExecutors": 0,
        "spark.dynamicAllocation.executorIdleTimeout": "5s",
        "spark.dynamicAllocation.cachedExecutorIdleTimeout": "5s",
    },
}

MASTERS = {"local": "local[2]", "cluster": "local-cluster[2,1,512]"}
"""Of the places whose master is in the driver's process."""


@dataclass(frozen=True)
class Case:
    """A context of the matrix."""

    number: int
    spark: Spark
    place: str

    @property
    def serializer(self) -> str:
        """How Spark writes data."""
        return list(SERIALIZERS)[self.number % len(SERIALIZERS)]

    @property
    def settings(self) -> dict[str, object]:
        """What makes the context."""
        return {
            **PLACES[self.place],
            "spark.serializer": SERIALIZERS[self.serializer],
        }

    def level(self, kind: Shared, maker: int) -> str:
        """How that version keeps such a thing."""
        return LEVELS[(self.number + KINDS.index(kind) + maker) % len(LEVELS)]

    def __str__(self) -> str:
        return f"spark-{self.spark.version}-{self.place}-{self.serializer}"


def cases(sparks: list[Spark]) -> list[Case]:
    """All contexts of the matrix."""
    return [
        Case(row + column, spark, place)
        for row, spark in enumerate(sparks)
        for column, place in enumerate(PLACES)
    ]


@dataclass(frozen=True)
class Sharing:
    """A live context, with the jars that its jobs are in."""

    case: Case
    server: Hearthd
    context: Context

    def share(self, what: str, maker: int, level: str = "") -> None:
        """Has a job of that version share such a thing."""
        config = {
            "what": what,
            "cached": level or self.case.level(KIND[what], maker),
        }
        assert self.context.run("ShareJob", config, cp=MAKERS[maker]) == maker

    def read(self, what: str, cp: str) -> Any:  # noqa: ANN401
        """What a job of these binaries finds."""
        config = {"what": KIND[what].read_as}
        return self.context.run("ReadSharedJob", config, cp=cp)

    def versions_seen(self, job: str, number: int) -> set[int]:
        """All that a job of that version sees anywhere."""
        return versions(self.context.run(job, cp=MAKERS[number]))


def versions(result: dict[str, list[int]]) -> set[int]:
    """All versions of the jar's classes that a job saw anywhere."""
    assert result
    return {number for seen in result.values() for number in seen}


def create(server: Hearthd, settings: Mapping[str, object]) -> Context:
    """A session context for versions, and the binaries of its jobs."""
    server.client.upload("examples", server.spark.examples)
    for number, binary in ((1, "one"), (2, "two")):
        server.client.upload(binary, server.spark.versioned(number))
    return server.client.create_context("sharing", {**SESSION, **settings})


def executors(server: Hearthd) -> list[int]:
    """The executors of a context whose cluster is in its driver's process."""
    below = {child for driver in server.drivers() for child in children(driver.pid)}
    found = mentioning("CoarseGrainedExecutorBackend")
    return [it.pid for it in found if it.pid in below]

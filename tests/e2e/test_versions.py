"""A new version of a jar needs no new context."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import StartHearthd
from support.client import Context
from support.spark import Spark, StandaloneCluster

ALTERNATIONS = int(os.environ.get("HEARTH_TEST_ALTERNATIONS", "6"))


def versions(result: dict[str, list[int]]) -> set[int]:
    """All versions of the jar's classes that a job saw anywhere."""
    assert result
    return {number for seen in result.values() for number in seen}


@pytest.mark.parametrize("job", ["VersionJob", "VersionSqlJob"])
def test_next_job_runs_the_new_version(
    versioned: Context, spark: Spark, job: str
) -> None:
    client = versioned.client
    binary = f"app-{job}".lower()
    client.upload(binary, spark.versioned(1))
    assert versions(versioned.run(job, cp=binary)) == {1}

    old = versioned.submit(job, {"sleep": {"time": {"millis": 5000}}}, cp=binary)
    old.wait_running()
    client.upload(binary, spark.versioned(2))
    result: Any = versioned.run(job, cp=binary, timeout=60)
    assert versions(result) == {2}

    assert old.status == "RUNNING", "it was to run all the while"
    assert versions(old.result()) == {1}
    assert versions(versioned.run(job, cp=binary)) == {2}


def test_two_binaries_with_the_same_classes(versioned: Context, spark: Spark) -> None:
    versioned.client.upload("one", spark.versioned(1))
    versioned.client.upload("two", spark.versioned(2))
    for _ in range(3):
        assert versions(versioned.run("VersionJob", cp="one")) == {1}
        assert versions(versioned.run("VersionJob", cp="two")) == {2}


@pytest.fixture(scope="module")
def versioned(start_shared_hearthd: StartHearthd, spark: Spark) -> Context:
    """A live context in which binaries change."""
    return start_shared_hearthd(spark).client.create_context("versioned")


def test_versions_alternate_in_a_session_on_a_cluster(
    session: Context, spark: Spark
) -> None:
    """Typed map, UDF, registered function: each answer is its own version's."""
    for turn in range(ALTERNATIONS):
        number = 1 + turn % 2
        session.client.upload("app", spark.versioned(number))
        result: Any = session.run("VersionSessionJob", cp="app")
        assert versions(result) == {number}, f"turn {turn}: {result}"
        assert {"map", "udf", "registered", "closure"} <= set(result)


def test_frames_outlive_the_version_that_made_them(
    session: Context, spark: Spark
) -> None:
    session.client.upload("frames", spark.versioned(1))
    assert session.run("ShareFramesJob", cp="frames") == 1
    session.client.upload("frames", spark.versioned(2))
    found: Any = session.run("ReadFramesJob", cp="frames")
    assert found == {"view": [1], "frame": [1], "own": [2]}


@pytest.fixture(scope="module")
def session(
    start_shared_hearthd: StartHearthd,
    spark: Spark,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Context]:
    """A live session context whose executors are processes of their own."""
    folder = tmp_path_factory.mktemp("cluster")
    with StandaloneCluster(spark, folder) as cluster:
        server = start_shared_hearthd(spark, settings={"spark.master": cluster.url})
        context = server.client.create_context(
            "session",
            {"context-factory": "spark.jobserver.context.SessionContextFactory"},
        )
        yield context
        context.stop()

"""A new version of a jar needs no new context."""

from typing import Any

import pytest

from conftest import StartHearthd
from support.client import Context
from support.spark import Spark


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

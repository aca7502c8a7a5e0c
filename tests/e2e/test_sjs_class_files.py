"""Jobs and factories that were compiled for Spark Job Server run as class files."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conftest import StartHearthd
from support import sjs
from support.client import Client, Context
from support.spark import Spark

FACTORIES = "spark.jobserver.context"


@pytest.fixture(scope="module")
def build(spark: Spark, tmp_path_factory: pytest.TempPathFactory) -> sjs.Build:
    return sjs.build(spark, tmp_path_factory.mktemp("sjs"))


@pytest.fixture(scope="module")
def client(
    start_shared_hearthd: StartHearthd, spark: Spark, build: sjs.Build
) -> Client:
    client = start_shared_hearthd(spark).client
    client.upload("moved", build.jar)
    return client


KINDS = {
    "new Scala API": ["NewObject", "NewClass", "DataFile", "AskHadoop", "AskSpark"],
    "old Scala API": ["OldObject", "Rdds", "Objects"],
    "old Java API": ["OldJava"],
    "Java": ["InPlainJava"],
    "session": ["InSession", "StreamingQueries"],
    "session, Java": ["InSessionJava"],
    "streaming": ["InStream"],
    "streaming, Java": ["InStreamJava"],
    "own kind of context": ["InOwn"],
    "own kind of context, Java": ["InOwnJava"],
    "factories": [
        "MorePlain",
        "Changing",
        "OwnSessions",
        "OwnJavaSessions",
        "WholeFactory",
    ],
}
"""All class files that a test here runs, by kind."""


@contextmanager
def made(
    client: Client, build: sjs.Build, factory: str, **settings: object
) -> Iterator[Context]:
    """A context of a factory, which may be one of the jar."""
    context = client.create_context(
        factory.rpartition(".")[2].lower(),
        {
            "context-factory": factory,
            "dependent-jar-uris": build.jar.as_uri(),
            **settings,
        },
    )
    yield context
    context.stop()


def run(context: Context, job: str, config: object = None) -> Any:  # noqa: ANN401
    return start(context, job, config)["result"]


def start(context: Context, job: str, config: object = None) -> Any:  # noqa: ANN401
    answer = context.client.start(
        "",
        config,
        cp="moved",
        mainClass=f"moved.{job}",
        context=context.name,
        sync=True,
        timeout=80,
    )
    return answer.json()


def test_nothing_is_missing(
    build: sjs.Build, spark: Spark, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wanted = sjs.members(build.api)
    assert len(wanted) > 300
    missing = wanted - sjs.members(sjs.ours(spark, tmp_path_factory.mktemp("ours")))
    assert not missing, "\n".join(map(str, sorted(missing)))


def test_every_kind_runs(build: sjs.Build) -> None:
    """Each job and each factory of the jar is run by a test of this file."""
    tests = Path(__file__).read_text()
    listed = sorted(x for names in KINDS.values() for x in names)
    assert listed == sjs.jobs_and_factories()
    with zipfile.ZipFile(build.jar) as jar:
        for name in listed:
            assert f"moved/{name}.class" in jar.namelist()
            assert re.search(rf"(run\(\w+, \"|\"moved\.){name}\"", tests), name


@pytest.fixture(scope="module")
def plain(client: Client, build: sjs.Build) -> Iterator[Context]:
    """A context whose factory extends the usual one."""
    with made(client, build, "moved.MorePlain", **{"of.context": "so"}) as context:
        yield context


def test_new_api(plain: Context) -> None:
    counts = run(plain, "NewObject", {"input": {"string": "a b a"}})
    assert counts == {"a": 2, "b": 1}
    refused = start(plain, "NewObject")
    assert refused["status"] == "VALIDATION FAILED"
    assert "SingleProblem(No input.string param)" in refused["result"]["message"]
    result = run(plain, "NewClass", {"n": 3})
    assert (result["setting"], result["data"]) == ("so", 3)
    assert len(result["job"]) == 36
    refused = start(plain, "NewClass")
    assert "SingleProblem(two)" in refused["result"]["message"]
    assert run(plain, "AskHadoop") == "more"


def test_data_file(plain: Context) -> None:
    stored = plain.client.post("/data/moved", b"12345").json()["result"]["filename"]
    assert run(plain, "DataFile", {"file": stored}) == 5


def test_old_api(plain: Context) -> None:
    assert run(plain, "OldObject", {"a": 4, "b": 1}) == 11
    refused = start(plain, "OldObject", {"a": 4})
    assert "SparkJobInvalid(No b)" in refused["result"]["message"]


def test_named_objects(plain: Context) -> None:
    for _ in range(2):
        assert run(plain, "Rdds") == [55, [55], 65, True, True]
        assert run(plain, "Objects") == [6, 4, "b", []]


def test_factory_refuses(plain: Context) -> None:
    """What it adds to the check of the factory that it extends."""
    refused = start(plain, "OldJava", {"n": 1})
    assert refused["result"] == "Invalid job type for this context"
    refused = start(plain, "InSession", {"sql": "select 1"})
    assert refused["result"] == "Invalid job type for this context"


def test_java(client: Client, build: sjs.Build) -> None:
    with made(client, build, f"{FACTORIES}.JavaSparkContextFactory") as context:
        assert run(context, "InPlainJava", {"n": 5}) == 7
        failed = start(context, "InPlainJava")
        name = "spark.jobserver.japi.JavaValidationException"
        assert failed["result"]["errorClass"] == name
        assert failed["result"]["message"] == "No n"


def test_old_java_api(client: Client, build: sjs.Build) -> None:
    with made(client, build, f"{FACTORIES}.DefaultSparkContextFactory") as context:
        assert run(context, "OldJava", {"n": 1}) == 3
        refused = start(context, "OldJava")
        assert refused["status"] == "VALIDATION FAILED"


def test_session(client: Client, build: sjs.Build) -> None:
    with made(client, build, "moved.OwnSessions") as context:
        assert run(context, "InSession", {"sql": "select id from three"}) == [0, 1, 2]
        refused = start(context, "InSession")
        assert "SingleProblem(No sql)" in refused["result"]["message"]


def test_java_session(client: Client, build: sjs.Build) -> None:
    with made(client, build, "moved.OwnJavaSessions") as context:
        assert run(context, "InSessionJava", {"sql": "select id from range(7)"}) == 7


def test_streaming(client: Client, build: sjs.Build) -> None:
    with made(client, build, f"{FACTORIES}.StreamingContextFactory") as context:
        assert run(context, "InStream", {"n": 3}) == [6, "INITIALIZED"]
        refused = start(context, "InStream")
        assert "SparkJobInvalid(No n)" in refused["result"]["message"]


def test_java_streaming(client: Client, build: sjs.Build) -> None:
    with made(client, build, f"{FACTORIES}.JavaStreamingContextFactory") as context:
        assert run(context, "InStreamJava") == "INITIALIZED"


def test_factory_that_does_all_itself(client: Client, build: sjs.Build) -> None:
    settings = {"hadoop.moved.key": "set", "spark.moved.setting": "kept"}
    with made(client, build, "moved.WholeFactory", **settings) as context:
        assert run(context, "InOwn") == {
            "name": "wholefactory",
            "hadoop": "set",
            "conf": "kept",
            "passed": "by the factory",
            "sum": 10,
            "updated": "by the factory",
        }
        assert run(context, "InOwnJava") == "java in wholefactory"
        refused = start(context, "AskHadoop")
        assert refused["result"] == "Invalid job type for this context"
        missing = start(context, "NoSuchJob")
        assert missing["result"] == "classPath moved.NoSuchJob not found"
        no_job = start(context, "OwnContext")
        assert no_job["status"] == "JOB LOADING FAILED"
        assert no_job["result"]["errorClass"] == "java.lang.ClassCastException"


def test_what_a_factory_changes_reaches_spark(client: Client, build: sjs.Build) -> None:
    settings = {f"spark.moved.{x}": "sent" for x in ("kept", "changed", "gone")}
    with made(client, build, "moved.Changing", **settings) as context:
        assert run(context, "AskSpark") == {
            "spark.moved.kept": "sent",
            "spark.moved.changed": "changed",
            "spark.moved.added": "added",
            "moved.late": "late",
        }


def test_streaming_queries_end_before_their_context(
    client: Client, build: sjs.Build, tmp_path: Path
) -> None:
    file = tmp_path / "end"
    with made(client, build, f"{FACTORIES}.SessionContextFactory") as context:
        assert run(context, "StreamingQueries", {"file": str(file)}) is True
        assert not file.exists()
    assert file.read_text() == "stopped"


def test_jobs_of_an_early_api(
    client: Client, spark: Spark, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Those that were compiled against version 0.1 of Hearth's API."""
    old = sjs.build(spark, tmp_path_factory.mktemp("early"), sjs.EARLY)
    source = sjs.EARLY / "jobs" / "InSession.scala"
    new = sjs.build_against_ours(spark, tmp_path_factory.mktemp("again"), source)
    client.upload("old", old.jar)
    client.upload("new", new)
    query = {"sync": True, "timeout": 80}

    def result(context: Context, binary: str, job: str) -> Any:  # noqa: ANN401
        names = {"cp": binary, "mainClass": f"early.{job}", "context": context.name}
        return client.post("/jobs", "n = 4", **query, **names).json()["result"]

    factory = f"{FACTORIES}.SessionContextFactory"
    context = client.create_context("early", {"context-factory": factory})
    failed = result(context, "old", "InSession")
    assert failed["errorClass"] == "java.lang.ClassCastException"
    assert "SparkSessionContextLikeWrapper" in failed["message"]
    assert result(context, "new", "InSession") == 4
    context.stop()
    factory = f"{FACTORIES}.StreamingContextFactory"
    context = client.create_context("early", {"context-factory": factory})
    assert result(context, "old", "InStream") == 6
    context.stop()

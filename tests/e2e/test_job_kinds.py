"""Jobs of every kind that the JVM's API knows, each run as a user runs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from conftest import StartHearthd
from support.client import Client, Context, RequestFailed
from support.hearthd import Hearthd
from support.spark import Spark
from support.wait import until

FACTORIES = "spark.jobserver.context"


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, spark: Spark) -> Hearthd:
    server = start_shared_hearthd(spark)
    server.client.upload("examples", spark.examples)
    return server


@pytest.fixture(scope="module")
def client(hearthd: Hearthd) -> Client:
    return hearthd.client


@pytest.fixture(scope="module")
def plain(client: Client) -> Context:
    """A context of the default factory."""
    return client.create_context("plain")


@pytest.fixture(scope="module")
def java(client: Client) -> Context:
    """A context for Java's jobs."""
    return factory(client, "java", "JavaSparkContextFactory")


@pytest.fixture(scope="module")
def hive(client: Client) -> Context:
    """A session with Hive."""
    return factory(
        client, "hive", "SessionContextFactory", {"spark.session.hive.enabled": True}
    )


def factory(
    client: Client, name: str, which: str, settings: dict[str, object] | None = None
) -> Context:
    """A context of one of the factories that come with the server."""
    return client.create_context(
        name, {"context-factory": f"{FACTORIES}.{which}", **(settings or {})}
    )


@pytest.mark.parametrize(
    ("job", "config", "result"),
    [
        ("WordCountExample", {"input": {"string": "a b a"}}, {"a": 2, "b": 1}),
        ("WordCountExampleNewApi", {"input": {"string": "a b a"}}, {"a": 2, "b": 1}),
        ("TrivialRddJob", {}, 55),
        ("OldJavaJob", {"number": 21}, 42),
        ("CacheRddByNameJob", {}, 55),
        ("NamedRddSumJob", {}, 55),
        ("NamedRddUpdateJob", {}, 110),
        ("NamedBroadcastJob", {}, 385),
        ("NamedRddDestroyJob", {}, ["squares"]),
    ],
)
def test_in_a_plain_context(
    plain: Context,
    job: str,
    config: object,
    result: Any,  # noqa: ANN401
) -> None:
    assert plain.run(job, config) == result


def test_java(java: Context) -> None:
    assert java.run("JavaHelloWorldJob") == "Hi!"
    assert java.run("JavaWordCountJob", {"input": {"string": "a b a"}}) == {
        "a": 2,
        "b": 1,
    }


def test_java_session(client: Client) -> None:
    context = factory(client, "javasql", "JavaSessionContextFactory")
    assert context.run("JavaSqlJob", {"sql": "select explode(array(1, 2))"}) == 2
    context.stop()


@pytest.mark.parametrize("job", ["SessionSqlJob", "StreamingSumJob", "GreetJob"])
def test_wrong_context(plain: Context, job: str) -> None:
    answer = plain.start(job, sync=True, timeout=60)
    assert answer.status == 400
    assert answer.json()["result"] == "Invalid job type for this context"


def test_class_not_found(plain: Context) -> None:
    answer = plain.start("NoSuchJob", sync=True)
    assert answer.status == 404
    assert answer.json()["result"] == "classPath spark.jobserver.NoSuchJob not found"


def test_hive(hive: Context, hearthd: Hearthd) -> None:
    """Its tables lie in the context's folder, and jobs share them."""

    def sql(text: str) -> Any:  # noqa: ANN401
        return hive.run("SessionSqlJob", {"sql": text})

    sql("create table names (name string, age int) using parquet")
    sql("insert into names values ('Ada', 36), ('Grace', 85)")
    assert sql("select name from names where age > 40") == [["Grace"]]
    [described] = [
        row[1] for row in sql("describe extended names") if row[0] == "Location"
    ]
    contexts = hearthd.data / "contexts"
    assert str(contexts) in described
    assert list(contexts.glob("*/metastore_db"))
    assert not Path("metastore_db").exists()


def test_streaming(client: Client, tmp_path: Path) -> None:
    """It processes batches, and a stop lets the one that runs come to its end."""
    streaming = factory(
        client,
        "streaming",
        "StreamingContextFactory",
        {"streaming.batch_interval": 700},
    )
    sums = _Sums(tmp_path / "sums")
    refused = streaming.start("StreamingSumJob", sync=True)
    assert refused.json()["status"] == "VALIDATION FAILED"
    job = streaming.submit("StreamingSumJob", {"out": str(sums.file)})
    sums.wait_within_a_batch()
    assert job.status == "RUNNING"
    streaming.stop()
    sums.expect_whole_batches()


def test_java_streaming(client: Client, tmp_path: Path) -> None:
    streaming = factory(
        client,
        "javastreaming",
        "JavaStreamingContextFactory",
        {"streaming.batch_interval": 700},
    )
    sums = _Sums(tmp_path / "sums")
    assert streaming.run("JavaStreamingSumJob", {"out": str(sums.file)}) == "started"
    sums.wait_within_a_batch()
    streaming.stop()
    sums.expect_whole_batches()


class _Sums:
    """What a streaming job writes about its batches."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def wait_within_a_batch(self) -> None:
        """Returns while a batch runs, and one before it is done."""
        until(
            lambda: (
                "end" in self._text() and self._text().splitlines()[-1][:5] == "begin"
            ),
            "the second batch runs",
            30,
        )

    def expect_whole_batches(self) -> None:
        """Each batch that was begun came to its end."""
        begun = re.findall(r"begin (\d+)\n", self._text())
        ended = re.findall(r"end (\d+) 55\n", self._text())
        assert begun == ended

    def _text(self) -> str:
        return self.file.read_text() if self.file.exists() else ""


def test_context_of_ones_own_factory(client: Client, spark: Spark) -> None:
    own = client.create_context(
        "own",
        {
            "context-factory": "spark.jobserver.GreetingContextFactory",
            "dependent-jar-uris": spark.examples.as_uri(),
            "greeting": "hello",
        },
    )
    assert own.run("GreetJob") == ["hello 1", "hello 2"]
    answer = own.start("TrivialRddJob", sync=True)
    assert answer.json()["result"] == "Invalid job type for this context"
    own.stop()


def test_factory_that_is_not_there(client: Client) -> None:
    with pytest.raises(RequestFailed, match=r"no\.such\.Factory"):
        client.create_context("none", {"context-factory": "no.such.Factory"})


def test_every_kind_of_result(plain: Context) -> None:
    result = plain.run("EveryResultJob")
    assert result == {
        "text": 'grüße " \n 𝄞',
        "numbers": [1, 2, 3.5, 4.25, "5", "6"],
        "big": ["123456789012345678901234567890", "0.10"],
        "no numbers": [None, None, None],
        "yes": True,
        "nothing": [None, [], "()"],
        "options": [[1]],
        "either": [2],
        "tuples": [1, ["a", "b"]],
        "case class": [["Ada", [36], [1.0, 2.0]]],
        "arrays": [[1, 2], []],
        "set": [1],
        "java": {"1": ["x", None]},
        "keys": {"1": "text", "Some(2)": "option", "s": "symbol"},
        "config": {"a": [1, "x"]},
        "lazy": [1, 2],
        "range": [1, 2, 3],
        "other": "de_DE",
    }


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_bytes_are_the_result_itself(plain: Context, size: int) -> None:
    assert plain.run("BytesJob", {"size": size}) == {"bytes": "." * size}


def test_proxy_user(plain: Context) -> None:
    assert plain.run("UserJob", **{"spark.proxy.user": "ada"}) == "ada"
    assert plain.run("UserJob") != "ada"


def test_job_that_ignores_interruption(plain: Context) -> None:
    """It is killed once it is done; its neighbours do not notice."""
    job = plain.submit("UninterruptibleJob", {"duration": 1500})
    job.wait_running()
    assert job.kill().status == 200
    assert job.wait()["status"] == "KILLED"
    assert plain.run("TrivialRddJob") == 55

"""A bad job is that job's error: its context and its neighbours live on."""

import pytest

from conftest import StartHearthd
from support.client import Context, RequestFailed
from support.spark import Spark


@pytest.fixture(scope="module")
def context(start_shared_hearthd: StartHearthd, spark: Spark) -> Context:
    """A context that all these jobs share."""
    server = start_shared_hearthd(spark)
    server.client.upload("examples", spark.examples)
    return server.client.create_context("sturdy")


@pytest.mark.parametrize(
    ("job", "error_class", "message"),
    [
        ("MyErrorJob", "java.lang.IllegalArgumentException", "Foobar"),
        ("StackOverflowJob", "java.lang.StackOverflowError", ""),
        ("OutOfMemoryJob", "java.lang.OutOfMemoryError", ""),
        ("NoClassDefJob", "java.lang.NoClassDefFoundError", "no/such/Library"),
        ("FailingTaskJob", "org.apache.spark.SparkException", "is too large"),
    ],
)
def test_its_error_alone(
    context: Context, job: str, error_class: str, message: str
) -> None:
    before = context.info()
    neighbour = context.submit("SleepJob", {"sleep": {"time": {"millis": 1000}}})

    answer = context.start(job, sync=True, timeout=60)

    assert answer.status == 200
    report = answer.json()
    assert report["status"] == "ERROR"
    assert report["result"]["errorClass"] == error_class
    assert message in report["result"]["message"]
    assert report["result"]["stack"].startswith(error_class)
    assert "spark.jobserver" in report["result"]["stack"]
    stored = context.client.job(report["jobId"]).report()
    assert stored["status"] == "ERROR"
    assert stored["result"] == report["result"]
    assert neighbour.result() == 1000
    assert context.run("VeryShortDoubleJob") == [2, 4, 6]
    assert context.info() == before


def test_async_error(context: Context) -> None:
    report = context.submit("MyErrorJob").wait()
    assert report["status"] == "ERROR"
    assert report["result"]["message"] == "Foobar"
    assert report["duration"].endswith(" secs")


def test_error_raises_for_the_user(context: Context) -> None:
    with pytest.raises(RequestFailed, match="Foobar"):
        context.run("MyErrorJob")


def test_results(context: Context) -> None:
    """Case classes, options, tuples, maps: none is lost."""
    assert context.run("CaseClassJob") == {
        "people": [["Ada", [3], [1.5, -2.0]], ["Grace", [5], [1.5, -2.0]]],
        "nobody": ["", [], [0.0, 0.0]],
        "nothing": None,
        "nested": [[1], ["a"]],
    }
    assert context.run("StreamJob") == {"streamed": [1, 2, 3]}


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, 5_000_000, 40_000_000])
def test_large_results_arrive_whole(context: Context, size: int) -> None:
    assert context.run("BigResultJob", {"size": size}, timeout=60) == "x" * size


def test_named_objects_are_shared_by_jobs(context: Context) -> None:
    assert context.run("CacheRddByNameJob") == 55
    assert context.run("NamedRddSumJob") == 55
    assert context.run("NamedBroadcastJob") == 385
    assert "numbers" not in context.run("NamedRddDestroyJob")


def test_a_job_sees_only_its_own_configuration(context: Context) -> None:
    assert context.run("ConfigCheckerJob", {"mine": 1}) == ["mine"]

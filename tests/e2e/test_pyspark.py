"""Jobs in Python with Spark, as Spark Job Server's users run them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.client import Client, Job
from support.hearthd import Hearthd
from support.python import EGG, INTERPRETER, PythonContext, archive, jobs_in, upload
from support.spark import Spark
from support.wait import until

PACKAGE = "spark.jobserver.python."
WORDS = {"input": {"strings": ["a", "b", "a", "b"]}}
COUNTS = {"a": 2, "b": 2}
PEOPLE = {"input": {"data": [["bob", 20, 1200], ["jon", 21, 1400], ["mary", 20, 1300]]}}
AVERAGES = [[20, 1250.0], [21, 1400.0]]


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, spark: Spark) -> Hearthd:
    """A server on each Spark in turn."""
    server = start_shared_hearthd(spark)
    upload(server.client, "example_jobs", jobs_in("pyspark"))
    upload(server.client, "example_egg", jobs_in("pyspark"), EGG)
    return server


@pytest.fixture(scope="module")
def client(hearthd: Hearthd) -> Client:
    """A client of that server."""
    return hearthd.client


def create(
    client: Client, name: str, factory: str, more: Mapping[str, object] | None = None
) -> PythonContext:
    """Creates a context of that factory."""
    settings = {"context-factory": PACKAGE + factory, "python.executable": INTERPRETER}
    client.create_context(name, {**settings, **(more or {})})
    return PythonContext(client, name, "example_jobs")


@pytest.fixture(scope="module")
def session(client: Client) -> PythonContext:
    """A context with a SparkSession, for tests that leave it as it was."""
    return create(client, "session", "PythonSessionContextFactory")


@pytest.mark.parametrize(
    ("factory", "main_class"),
    [
        ("PythonContextFactory", "example_jobs.word_count.WordCountSparkJob"),
        ("PythonSparkContextFactory", "example_jobs.word_count.WordCountSparkJob"),
    ],
)
def test_contexts_of_older_names(client: Client, factory: str, main_class: str) -> None:
    context = create(client, "older", factory)
    assert context.run(main_class, WORDS) == COUNTS
    answer = context.start(main_class, {}, sync=True)
    assert (answer.status, answer.json()["status"]) == (400, "VALIDATION FAILED")
    client.delete("/contexts/older")


@pytest.mark.parametrize("binary", ["example_jobs", "example_egg"])
def test_session(session: PythonContext, binary: str) -> None:
    word_count = "example_jobs.word_count.WordCountSparkSessionJob"
    assert session.run(word_count, WORDS, cp=binary) == COUNTS
    average = "example_jobs.sql_average.SQLAverageJob"
    assert session.run(average, PEOPLE, cp=binary) == AVERAGES


def test_sql_context(client: Client) -> None:
    context = create(client, "sql", "PythonSQLContextFactory")
    assert context.run("example_jobs.sql_average.SQLAverageJob", PEOPLE) == AVERAGES
    client.delete("/contexts/sql")


def test_results_and_errors(session: PythonContext, hearthd: Hearthd) -> None:
    assert session.run("spark_shop.Frame") == [
        {"id": x, "twice": 2 * x} for x in range(3)
    ]
    assert session.run("spark_shop.Pid")[1] == hearthd.spark.version
    report = session.start("spark_shop.Fails", sync=True).json()
    assert report["status"] == "ERROR"
    assert report["result"]["message"].startswith("org.apache.spark.SparkException")
    assert "ZeroDivisionError" in report["result"]["stack"]
    assert "spark_shop.py" in report["result"]["stack"]


def test_kill_and_crash(session: PythonContext) -> None:
    job = session.submit("spark_shop.Sleeps")
    job.wait_running()
    assert job.kill().json() == {"status": "KILLED"}
    assert job.wait()["status"] == "KILLED"
    report = session.start("spark_shop.Crashes", sync=True).json()
    assert "ended with code 3" in report["result"]["message"]
    # No slot of Spark's two is taken any more.
    word_count = "example_jobs.word_count.WordCountSparkSessionJob"
    assert session.run(word_count, WORDS) == COUNTS
    assert session.state == "RUNNING"


def test_versions(client: Client, session: PythonContext) -> None:
    def version(number: int) -> bytes:
        return archive(
            {
                "app/__init__.py": "",
                "app/late.py": f"VERSION = {number}\n",
                "app/jobs.py": "def look(x):\n"
                "    from app import late\n"
                "    return late.VERSION\n"
                "class Version:\n"
                "    def run_job(self, spark, runtime, data):\n"
                "        from pyspark.sql.functions import udf\n"
                "        found = spark.range(2).select(udf(look, 'int')('id'))\n"
                "        rdd = spark.sparkContext.parallelize([1, 2], 2)\n"
                "        values = rdd.map(look).collect()\n"
                "        return values + [row[0] for row in found.collect()]\n",
            }
        )

    for number in (1, 2):
        upload(client, f"app{number}", version(number))
    for i in range(6):
        number = i % 2 + 1
        found = session.run("app.jobs.Version", cp=f"app{number}")
        assert found == [number] * 4


def test_requirements(client: Client, tmp_path: Path) -> None:
    info = "colours-1.0.dist-info"
    wheel = tmp_path / "colours-1.0-py3-none-any.whl"
    wheel.write_bytes(
        archive(
            {
                "colours.py": "VERSION = '1.0'\n",
                f"{info}/METADATA": "Metadata-Version: 2.1\nName: colours\n"
                "Version: 1.0\n",
                f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
                "Tag: py3-none-any\n",
                f"{info}/RECORD": "",
            }
        )
    )
    jobs = (
        "class Version:\n"
        "    def run_job(self, spark, runtime, data):\n"
        "        import colours\n"
        "        rdd = spark.sparkContext.parallelize([1], 1)\n"
        "        return rdd.map(lambda _: __import__('colours').VERSION).collect()\n"
    )
    upload(client, "needy", archive({"needy.py": jobs}))
    settings = {"python.requirements": wheel}
    context = create(client, "needy", "PythonSessionContextFactory", settings)
    assert context.run("needy.Version", cp="needy") == ["1.0"]
    client.delete("/contexts/needy")


def test_a_server_that_comes_back(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark)
    upload(server.client, "example_jobs", jobs_in("pyspark"))
    context = create(server.client, "session", "PythonSessionContextFactory")
    pid = context.run("spark_shop.Pid")[0]
    job = context.submit("spark_shop.Sleeps")
    job.wait_running()
    server.kill()
    server.start()
    again = PythonContext(server.client, "session", "example_jobs")
    until(lambda: again.state == "RUNNING", "the context is taken over")
    back = Job(server.client, job.id)
    assert back.status == "RUNNING"
    assert back.kill().json() == {"status": "KILLED"}
    assert again.run("spark_shop.Pid")[0] != pid, "the other worker runs the job"


@pytest.mark.usefixtures("stopped")
def test_stop(client: Client) -> None:
    context = create(client, "stopped", "PythonSessionContextFactory")
    job = context.submit("spark_shop.Sleeps")
    job.wait_running()
    client.delete("/contexts/stopped")
    assert job.wait()["status"] == "ERROR"


def test_a_missing_interpreter(client: Client) -> None:
    answer = client.request(
        "POST",
        "/contexts/wrong",
        {
            "context-factory": PACKAGE + "PythonSessionContextFactory",
            "python.executable": "/no/python",
        },
        json.dumps({}),
    )
    assert answer.status == 500
    assert "/no/python" in answer.json()["result"]["message"]

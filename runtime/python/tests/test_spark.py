"""Jobs with Spark; the driver's JVM is played by a program of the tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hearth.agent.frames import Kind
from support.server import wait_until, zip_of
from support.spark import SparkDriver, SparkServer, homes

PACKAGE = "spark.jobserver.python."
SESSION = PACKAGE + "PythonSessionContextFactory"

JOBS = """
import os, time
from sparkjobserver.api import SparkJob, build_problems

class WordCount(SparkJob):
    def validate(self, context, runtime, config):
        if config.get('input.strings', None):
            return config.get('input.strings')
        return build_problems(['config input.strings not found'])
    def run_job(self, context, runtime, data):
        return context.parallelize(data).countByValue()

class SessionWordCount(WordCount):
    def run_job(self, context, runtime, data):
        return super().run_job(context.sparkContext, runtime, data)

class SqlWordCount(WordCount):
    def run_job(self, context, runtime, data):
        frame = context.createDataFrame([(word,) for word in data], ["word"])
        frame.createOrReplaceTempView("words")
        rows = context.sql("SELECT word, count(*) AS n FROM words GROUP BY word")
        return {row.word: row.n for row in rows.collect()}

class Kind:
    def run_job(self, context, runtime, data):
        return type(context).__name__

class Own(SparkJob):
    def build_context(self, gateway, jvmContext, sparkConf):
        return ["own", jvmContext.appName()]
    def validate(self, context, runtime, config):
        return config
    def run_job(self, context, runtime, data):
        return context

class Frame:
    def run_job(self, spark, runtime, data):
        frame = spark.createDataFrame([(1, "a"), (2, None)], ["n", "s"])
        return {"frame": frame, "row": frame.first(), "rows": frame.collect()}

class TooLong:
    def run_job(self, spark, runtime, data):
        return spark.range(100_001)

class Pandas:
    def run_job(self, spark, runtime, data):
        import pandas
        from pyspark.sql.functions import pandas_udf
        @pandas_udf("long")
        def twice(x: pandas.Series) -> pandas.Series:
            return 2 * x
        spark.conf.set("spark.sql.execution.arrow.pyspark.enabled", "true")
        frame = spark.range(4).select(twice("id").alias("x")).toPandas()
        return int(frame["x"].sum())

class Fails:
    def run_job(self, spark, runtime, data):
        def wrong(x):
            raise ValueError("bad row")
        return spark.sparkContext.parallelize([1]).map(wrong).collect()

class WrongSql:
    def run_job(self, spark, runtime, data):
        return spark.sql("select nothing from nowhere")

class Sleeps:
    def run_job(self, spark, runtime, data):
        runtime.progress(0, 1)
        def sleep(x):
            time.sleep(60)
        while True:
            try:
                spark.sparkContext.parallelize([1, 2], 2).foreach(sleep)
            except Exception:
                print("again")

class Properties:
    def run_job(self, spark, runtime, data):
        sc = spark.sparkContext
        before = [sc.getLocalProperty(x) for x in ("spark.jobGroup.id", "mine")]
        sc.setLocalProperty("mine", "1")
        return before

class Batches:
    def run_job(self, spark, runtime, data):
        seen = []
        def batch(frame, number):
            seen.append(frame.count())
        query = (spark.readStream.format("rate-micro-batch")
                 .option("rowsPerBatch", 5).load()
                 .writeStream.foreachBatch(batch).start())
        while not seen:
            time.sleep(0.05)
        query.stop()
        return seen[0]
"""


def version(number: int) -> dict[str, str]:
    """The modules of a version, one of which executors import late."""
    return {
        "app/__init__.py": "",
        "app/late.py": f"VERSION = {number}\n",
        "app/job.py": """
from pyspark.sql.functions import udf

class Thing:
    def __init__(self, x):
        self.x = x

def look(x):
    from app import late
    return late.VERSION

class Versions:
    def run_job(self, spark, runtime, data):
        rdd = spark.sparkContext.parallelize([1, 2], 2)
        things = rdd.map(Thing).map(lambda t: (look(t.x), t))
        found = {v for v, _ in things.collect()}
        found |= {look(t.x) for _, t in things.collect()}
        rows = spark.range(2).select(udf(look, "int")("id")).collect()
        return sorted(found | {row[0] for row in rows})
""",
    }


def binary(folder: Path, name: str, files: dict[str, str]) -> tuple[str, Path]:
    """The digest and the path of a wheel."""
    path = zip_of(folder / f"{name}.whl", files)
    return hashlib.sha256(path.read_bytes()).hexdigest(), path


@pytest.fixture(scope="module", params=homes(), ids=lambda home: home.parents[3].name)
def driver(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SparkDriver]:
    """Each Spark in turn, with a SparkContext."""
    log = tmp_path_factory.mktemp("driver") / "log"
    started = SparkDriver(request.param, "local[2]", log)
    yield started
    started.close()


Start = Callable[..., SparkServer]


@pytest.fixture
def context(driver: SparkDriver, tmp_path: Path) -> Iterator[Start]:
    """Starts the agent of a context of that driver."""
    servers: list[SparkServer] = []

    def start(factory: str = SESSION) -> SparkServer:
        folder = tmp_path / f"context{len(servers)}"
        folder.mkdir()
        server = SparkServer(folder, driver, factory)
        servers.append(server)
        server.welcome()
        return server

    yield start
    for server in servers:
        server.__exit__(ValueError, None, None)


@pytest.fixture
def jobs(tmp_path: Path) -> tuple[str, Path]:
    """A wheel with the jobs."""
    return binary(tmp_path, "jobs", {"jobs.py": JOBS})


Binary = tuple[str, Path]
WORDS = {"input": {"strings": ["a", "b", "a"]}}


@pytest.mark.parametrize(
    ("factory", "job", "kind"),
    [
        ("PythonSessionContextFactory", "jobs.SessionWordCount", "SparkSession"),
        ("PythonContextFactory", "jobs.WordCount", "SparkContext"),
        ("PythonSparkContextFactory", "jobs.WordCount", "SparkContext"),
        ("PythonSQLContextFactory", "jobs.SqlWordCount", "SQLContext"),
        ("PythonHiveContextFactory", "jobs.SqlWordCount", "SQLContext"),
    ],
)
def test_kinds(context: Start, jobs: Binary, factory: str, job: str, kind: str) -> None:
    server = context(PACKAGE + factory)
    server.link.run("j-1", "jobs.Kind", {}, [jobs])
    assert server.link.end("j-1").value == kind
    server.link.run("j-2", job, WORDS, [jobs])
    assert server.link.end("j-2").value == {"a": 2, "b": 1}
    server.link.run("j-3", job, {}, [jobs])
    assert server.link.end("j-3").outcome == "validation-failed"


def test_jobs(context: Start, jobs: Binary) -> None:
    server = context()

    def run(job: str) -> object:
        server.link.run(job, f"jobs.{job}", {}, [jobs])
        return server.link.end(job).value

    rows = [{"n": 1, "s": "a"}, {"n": 2, "s": None}]
    assert run("Frame") == {"frame": rows, "row": rows[0], "rows": rows}
    assert run("Own") == ["own", "driver"]
    assert run("Batches") == 5
    assert run("Properties") == ["Properties", None]
    server.link.run("again", "jobs.Properties", {}, [jobs])
    assert server.link.end("again").value == ["again", None]
    server.link.run("long", "jobs.TooLong", {}, [jobs])
    assert "more than 100000 rows" in server.link.end("long").message


def test_pandas(context: Start, jobs: Binary) -> None:
    pytest.importorskip("pyarrow")
    server = context()
    server.link.run("j-1", "jobs.Pandas", {}, [jobs])
    assert server.link.end("j-1").value == 12


def test_errors(context: Start, jobs: Binary) -> None:
    server = context()
    server.link.run("j-1", "jobs.Fails", {}, [jobs])
    ended = server.link.end("j-1")
    assert ended.error_class == "py4j.protocol.Py4JJavaError"
    assert ended.message.startswith("org.apache.spark.SparkException: Job aborted")
    assert "jobs.py" in ended.stack
    assert "ValueError: bad row" in ended.stack
    server.link.run("j-2", "jobs.WrongSql", {}, [jobs])
    ended = server.link.end("j-2")
    assert ended.error_class.endswith("AnalysisException")
    assert "nowhere" in ended.message


def test_versions_in_executors(context: Start, tmp_path: Path) -> None:
    server = context()
    versions = [binary(tmp_path, f"app{x}", version(x)) for x in (1, 2)]
    for i in range(6):
        server.link.run(f"j-{i}", "app.job.Versions", {}, [versions[i % 2]])
        assert server.link.end(f"j-{i}").value == [i % 2 + 1]


def test_kill(context: Start, driver: SparkDriver, jobs: Binary) -> None:
    server = context()
    server.link.run("j-1", "jobs.Sleeps", {}, [jobs])
    server.link.expect(Kind.JOB_STARTED)
    server.link.expect(Kind.JOB_PROGRESS)
    wait_until(lambda: driver.ask(active=True)["active"] == 1, "Spark's job")
    server.link.send(Kind.KILL_JOB, {"job": "j-1"})
    assert server.link.end("j-1").outcome == "killed"
    server.link.run("j-2", "jobs.SessionWordCount", WORDS, [jobs])
    assert server.link.end("j-2").value == {"a": 2, "b": 1}
    wait_until(lambda: driver.ask(active=True)["active"] == 0, "Spark has no job left")


def test_ends_with_the_jvm(context: Start) -> None:
    server = context()
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert server.exit_code() == 1
    assert "the driver's JVM is gone" in server.log

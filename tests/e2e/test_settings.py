"""Settings keep their types on their way to Spark and to jobs, and none is lost."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from conftest import StartHearthd
from support.client import Client
from support.java import jar_of
from support.native import create, library, upload
from support.spark import Spark
from support.wait import until

JAVA = "spark.jobserver.context.JavaSparkContextFactory"
PIPELINE = '[{"$match": {"a": [1, 2]}}]'
TEXTS = {
    "spark.mongodb.pipeline": PIPELINE,
    "spark.es.query": "{not json",
    "spark.address": "[::1]",
    "spark.percent": "50%25 %s, a b",
}
LIST = ["a,b", " c d ", "[e]", "50%", "{f}", "${g}"]
DIGITS = 123456789012345678901234567890
OWN_EXECUTORS = "local-cluster[1,1,1024]"
CLASS = "spark.jobserver.Version"


@pytest.fixture(scope="module")
def jar(spark: Spark, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job that looks at settings."""
    return jar_of("SettingsJob", spark, tmp_path_factory.mktemp("jar"))


@pytest.fixture(scope="module")
def jobs(start_shared_hearthd: StartHearthd, spark: Spark, jar: Path) -> Client:
    """A server with that job."""
    server = start_shared_hearthd(spark)
    server.client.upload("settings", jar)
    return server.client


@pytest.fixture(params=["local[2]", OWN_EXECUTORS])
def master(request: pytest.FixtureRequest) -> str:
    """Where tasks run: in the driver, or in a process of their own."""
    chosen: str = request.param
    return chosen


def look(server: Client, body: dict[str, Any], **params: object) -> Any:  # noqa: ANN401
    """Runs the job and returns what it has found."""
    query = {"cp": "settings", "mainClass": "SettingsJob", "sync": True, "timeout": 60}
    answer = server.post("/jobs", json.dumps(body), **query, **params)
    assert answer.status == 200, answer.text
    return answer.json()["result"]


def hocon(settings: dict[str, Any]) -> str:
    """A body of a context with these settings in its block."""
    lines = "\n".join(f"{key} = {json.dumps(x)}" for key, x in settings.items())
    return f"spark.context-settings {{\n{lines}\n}}"


def test_texts_and_lists_reach_spark_and_jobs(jobs: Client) -> None:
    settings = {
        "context-factory": JAVA,
        **TEXTS,
        "list": LIST,
        "spark.names": ["x", "y z"],
        "spark.odd": LIST,
        "number": 1.10,
        "digits": DIGITS,
        "spark.digits": DIGITS,
    }
    wanted = {
        "settings": [*TEXTS, "list", "number", "digits"],
        "conf": [*TEXTS, "spark.names", "spark.odd", "spark.digits"],
    }
    want = {
        **TEXTS,
        **{f"conf:{key}": text for key, text in TEXTS.items()},
        "list": LIST,
        "number": "1.1",
        "digits": str(DIGITS),
        "conf:spark.digits": str(DIGITS),
        "conf:spark.names": "x,y z",
        "conf:spark.odd": json.dumps(LIST, separators=(",", ":")),
    }
    for name, body in {
        "hocon": hocon(settings),
        "json": json.dumps({"spark": {"context-settings": settings}}),
    }.items():
        answer = jobs.post(f"/contexts/{name}", body)
        assert answer.status == 200, answer.text
        assert look(jobs, wanted, context=name) == want
        jobs.delete(f"/contexts/{name}")
    query = {"context-factory": JAVA, **TEXTS}
    assert jobs.post("/contexts/query", **query).status == 200
    wanted = {"settings": list(TEXTS), "conf": list(TEXTS)}
    found = look(jobs, wanted, context="query")
    assert found == {**TEXTS, **{f"conf:{key}": text for key, text in TEXTS.items()}}
    jobs.delete("/contexts/query")


def test_the_block_of_a_job_makes_its_own_context(jobs: Client, master: str) -> None:
    block = {
        "spark.master": master,
        "context-factory": JAVA,
        "num-cpu-cores": 1,
        "memory-per-node": "600m",
        "spark.own": "[body]",
        "passthrough": {"spark.passed": "p"},
        "hadoop": {"fs.some.key": "h"},
    }
    keys = ["spark.cores.max", "spark.executor.memory", "spark.own", "spark.passed"]
    body = {
        "spark": {"context-settings": block},
        "conf": [*keys, "spark.hadoop.fs.some.key", "spark.asked"],
    }
    params = {"spark.own": "query", "spark.asked": "yes"}
    assert look(jobs, body, **params) == {
        "conf:spark.cores.max": "1",
        "conf:spark.executor.memory": "600m",
        "conf:spark.own": "[body]",
        "conf:spark.passed": "p",
        "conf:spark.hadoop.fs.some.key": "h",
        "conf:spark.asked": "yes",
    }


def test_a_job_brings_its_jars_in_its_body(
    jobs: Client, spark: Spark, jar: Path, master: str
) -> None:
    """Dependencies and a class path, which numbers of any size do not disturb."""
    settings = {"context-factory": JAVA, "spark.master": master}
    assert jobs.post("/contexts/jars", hocon(settings)).status == 200
    other = spark.versioned(1).as_uri()
    there = {f"driver:{CLASS}": True, f"task:{CLASS}": True}
    named = {"appName": "settings", "classPath": "SettingsJob", "cp": ""}
    of_body = {"cp": "", "mainClass": ""}
    for query, extra in (
        ({}, {}),
        ({}, {"dependent-jar-uris": [other]}),
        ({}, {"dependent-jar-uris": f"settings, {other}"}),
        (named, {"dependent-jar-uris": [other]}),
        (of_body, {"cp": ["settings", other], "mainClass": "SettingsJob"}),
        (of_body, {"cp": [jar.as_uri(), other], "mainClass": "SettingsJob"}),
    ):
        body = {"classes": [CLASS], "huge": "HUGE", **extra}
        text = json.dumps(body).replace('"HUGE"', "1e400")
        params = {"cp": "settings", "mainClass": "SettingsJob", **query}
        params = {key: value for key, value in params.items() if value}
        answer = jobs.post("/jobs", text, context="jars", sync=True, **params)
        assert answer.status == 200, answer.text
        found = answer.json()["result"]
        assert found == (there if extra else dict.fromkeys(there, False)), extra
    jobs.delete("/contexts/jars")


def test_numbers_as_typesafe_config_reads_them(jobs: Client) -> None:
    """What HOCON takes for a number and JSON does not, and a list in many steps."""
    assert jobs.post("/contexts/numbers", **{"context-factory": JAVA}).status == 200
    body = "a = 01, b = 1., c = -.5, d = 2e1, numbers = [a, b, c, d]\n"
    body += "long += x\n" * 5000
    query = {"cp": "settings", "mainClass": "SettingsJob", "sync": True}
    answer = jobs.post("/jobs", body, context="numbers", **query)
    assert answer.json()["result"] == {
        "a": "1 1.0 01",
        "b": "1 1.0 1.",
        "c": "0 -0.5 -.5",
        "d": "20 20.0 2e1",
    }
    jobs.delete("/contexts/numbers")


POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.x</groupId><artifactId>tool</artifactId><version>1.0</version>
  <dependencies><dependency>
    <groupId>org.y</groupId><artifactId>gone</artifactId><version>1.0</version>
  </dependency></dependencies>
</project>
"""


def repository(folder: Path, jar: Path) -> str:
    """A Maven repository with one artifact, which needs one that is not there."""
    place = folder / "org" / "x" / "tool" / "1.0"
    place.mkdir(parents=True)
    shutil.copy(jar, place / "tool-1.0.jar")
    (place / "tool-1.0.pom").write_text(POM)
    return folder.as_uri()


def archive(folder: Path) -> Path:
    """A zip with the file `in.txt`."""
    path = folder / "some.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("in.txt", "in the archive")
    return path


def submitted(way: str, spark: Spark, folder: Path) -> dict[str, Any]:
    """The settings with which spark-submit brings a jar in one of the ways."""
    jar = spark.versioned(1)
    if way == "spark.jars":
        return {way: [str(jar)]}
    if way == "spark.jars.packages":
        return {
            way: "org.x:tool:1.0",
            "spark.jars.excludes": ["org.y:gone"],
            "spark.jars.repositories": repository(folder / "m2", jar),
            "spark.jars.ivy": str(folder / "ivy"),
        }
    return {}


@pytest.mark.parametrize("way", ["spark.jars", "spark.jars.packages", "none"])
def test_what_only_spark_submit_reads(
    jobs: Client, spark: Spark, tmp_path: Path, master: str, way: str
) -> None:
    """The driver and the tasks find jars, packages, files and archives."""
    (tmp_path / "some.txt").write_text("the file")
    settings = {
        "context-factory": JAVA,
        "spark.master": master,
        "spark.files": [str(tmp_path / "some.txt")],
        "spark.archives": f"{archive(tmp_path)}#unpacked",
        **submitted(way, spark, tmp_path),
    }
    answer = jobs.post("/contexts/submitted", hocon(settings))
    assert answer.status == 200, answer.text
    is_there = way != "none"
    for file, text in (("some.txt", "the file"), ("unpacked/in.txt", "in the archive")):
        body = {"classes": [CLASS], "file": file}
        assert look(jobs, body, context="submitted") == {
            f"driver:{CLASS}": is_there,
            f"task:{CLASS}": is_there,
            "file": text,
        }
    jobs.delete("/contexts/submitted")


def test_what_only_spark_submit_reads_through_a_warm_spare(
    start_hearthd: StartHearthd, spark: Spark, jar: Path, tmp_path: Path
) -> None:
    """A spare is taken only if it was started with the same."""
    (tmp_path / "some.txt").write_text("the file")
    server = start_hearthd(
        spark,
        settings={
            "hearth.spark.warm-spares": 1,
            "spark.context-settings.spark.jars": spark.versioned(1),
            "spark.context-settings.spark.files": tmp_path / "some.txt",
            "spark.context-settings.context-factory": JAVA,
        },
    )
    client = server.client
    client.upload("settings", jar)

    def is_warm() -> bool:
        actors = client.get("/admin/actors").json()
        return any(a["state"].startswith("1 of 1") for a in actors)

    for name, jars, is_there in (("same", None, True), ("other", "", False)):
        until(is_warm, "a spare is warm", 90)
        settings = {} if jars is None else {"spark.jars": jars}
        assert client.post(f"/contexts/{name}", **settings).status == 200
        body = {"classes": [CLASS], "file": "some.txt"}
        assert look(client, body, context=name) == {
            f"driver:{CLASS}": is_there,
            f"task:{CLASS}": is_there,
            "file": "the file",
        }
        taken = f"context {name}: takes a warm spare" in server.log
        assert taken == (name == "same")
        client.delete(f"/contexts/{name}")


def test_spark_submit_logs_in_with_a_keytab(jobs: Client) -> None:
    for prefix in ("spark.kerberos", "spark.yarn"):
        answer = jobs.post(
            "/contexts/keytab",
            **{f"{prefix}.keytab": "/no/such.keytab", f"{prefix}.principal": "me@X"},
        )
        assert answer.status == 500
        assert "Keytab file: /no/such.keytab does not exist" in answer.text


def test_what_spark_submit_could_not_read_is_refused(jobs: Client) -> None:
    for settings, why in (
        ({"spark.submit.pyFiles": "a.zip"}, "named in its cp"),
        ({"spark.jars": ["a,b.jar"]}, "a list of texts without commas"),
        ({"spark.jars.repositories": "https://u:hush@h/x"}, "without user"),
    ):
        answer = jobs.post("/contexts/refused", hocon(settings))
        assert answer.status in (400, 500)
        assert why in answer.text
        assert "hush" not in answer.text


# -- with native contexts ------------------------------------------------------


@pytest.fixture(scope="module")
def client(server: Client) -> Client:
    """The server with a library of native jobs."""
    upload(server, "jobs", library("test_jobs_v1"))
    return server


def test_a_job_gets_all_its_binaries(client: Client, tmp_path: Path) -> None:
    """Names and URIs with commas, blanks and percent signs, and dependencies."""
    odd = tmp_path / "50% a,b.so"
    shutil.copy(library("test_jobs_v1"), odd)
    context = create(client, "binaries", "jobs")
    upload(client, "a,b", library("test_jobs_v1"))
    path = f"/jobs?sync=true&context={context.name}"
    for name in ("a,b", f"file://{quote(str(odd))}", f"file:{odd}"):
        body = json.dumps({"cp": [name], "mainClass": "version"})
        answer = client.post(path, body)
        assert (answer.status, answer.json().get("result")) == (200, 1), answer.text
    answer = client.post(f"{path}&appName={quote('a,b')}&classPath=version")
    assert answer.json()["result"] == 1
    for wanted, name in ((["missing,1"], "missing,1"), ("missing,1", "missing")):
        body = json.dumps(
            {"cp": ["a,b"], "mainClass": "version", "dependent-jar-uris": wanted}
        )
        answer = client.post(path, body)
        assert answer.status == 404
        assert answer.json()["result"] == f"classPath {name} not found"


def test_what_would_be_lost_is_refused_by_name(client: Client) -> None:
    context = create(client, "named", "jobs")
    query = f"/jobs?cp=jobs&mainClass=version&sync=true&context={context.name}"
    block = {
        "spark": {"context-settings": {"num-cpu-cores": 7, "memory-per-node": "1g"}}
    }
    for path, body in (
        (query, json.dumps(block)),
        (f"{query}&num-cpu-cores=7&memory-per-node=1g", ""),
    ):
        answer = client.post(path, body)
        assert answer.status == 400
        assert answer.json()["result"].startswith(
            "context named was made with other settings: memory-per-node, num-cpu-"
        )
    assert client.post(f"{query}&num-cpu-cores=2&_=1").json()["result"] == 1
    answer = client.post(
        "/contexts/lost", "spark.context-settings { num-cpu-cores = 1 }, spark.x = 1"
    )
    assert answer.status == 400
    assert "spark.x; they belong into the block" in answer.json()["result"]


def test_a_native_job_sees_texts_and_lists(client: Client) -> None:
    body = hocon({"context-factory": "hearth.native", "text": "[::1]", "list": LIST})
    assert client.post("/contexts/types", body).status == 200
    path = "/jobs?cp=jobs&mainClass=about&sync=true&context=types"
    seen = {
        key: client.post(path, json.dumps({"setting": key})).json()["result"]["setting"]
        for key in ("text", "list")
    }
    assert seen["text"] == "[::1]"
    assert json.loads(seen["list"]) == LIST
    client.delete("/contexts/types")

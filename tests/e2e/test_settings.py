"""Settings keep their types on their way to Spark and to jobs, and none is lost."""

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from support.client import Client
from support.java import jar_of
from support.native import create, library, upload
from support.spark import Spark

JAVA = "spark.jobserver.context.JavaSparkContextFactory"
PIPELINE = '[{"$match": {"a": [1, 2]}}]'
TEXTS = {
    "spark.mongodb.pipeline": PIPELINE,
    "spark.es.query": "{not json",
    "spark.address": "[::1]",
    "spark.percent": "50%25 %s, a b",
}
LIST = ["a,b", " c d ", "[e]", "50%", "{f}", "${g}"]


@pytest.fixture(scope="module")
def jobs(
    server: Client, default_spark: Spark, tmp_path_factory: pytest.TempPathFactory
) -> Client:
    """A server with the job that looks at settings."""
    jar = jar_of("SettingsJob", default_spark, tmp_path_factory.mktemp("jar"))
    server.upload("settings", jar)
    return server


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
    }
    wanted = {
        "settings": [*TEXTS, "list", "number"],
        "conf": [*TEXTS, "spark.names", "spark.odd"],
    }
    want = {
        **TEXTS,
        **{f"conf:{key}": text for key, text in TEXTS.items()},
        "list": LIST,
        "number": "1.1",
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


def test_the_block_of_a_job_makes_its_own_context(jobs: Client) -> None:
    block = {
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


CLASS = "spark.jobserver.Version"
POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.x</groupId><artifactId>tool</artifactId><version>1.0</version>
</project>
"""


def repository(folder: Path, jar: Path) -> str:
    """A Maven repository with one artifact; its URL."""
    place = folder / "org" / "x" / "tool" / "1.0"
    place.mkdir(parents=True)
    shutil.copy(jar, place / "tool-1.0.jar")
    (place / "tool-1.0.pom").write_text(POM)
    return folder.as_uri()


@pytest.mark.parametrize("way", ["spark.jars", "spark.jars.packages", "none"])
def test_what_only_spark_submit_reads(
    jobs: Client, default_spark: Spark, tmp_path: Path, way: str
) -> None:
    """The driver and the tasks find jars, packages and files."""
    (tmp_path / "some.txt").write_text("the file")
    jar = default_spark.versioned(1)
    settings = {
        "context-factory": JAVA,
        "spark.files": [str(tmp_path / "some.txt")],
    }
    if way == "spark.jars":
        settings[way] = [str(jar)]
    elif way == "spark.jars.packages":
        settings[way] = "org.x:tool:1.0"
        settings["spark.jars.repositories"] = repository(tmp_path / "m2", jar)
        settings["spark.jars.ivy"] = str(tmp_path / "ivy")
    answer = jobs.post("/contexts/submitted", hocon(settings))
    assert answer.status == 200, answer.text
    body = {"classes": [CLASS], "file": "some.txt"}
    found = look(jobs, body, context="submitted")
    jobs.delete("/contexts/submitted")
    is_there = way != "none"
    assert found == {
        f"driver:{CLASS}": is_there,
        f"task:{CLASS}": is_there,
        "file": "the file",
    }


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

"""Projects as users have them: built against what is installed, then run."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from conftest import StartHearthd
from support import maven
from support.client import Client
from support.spark import JVM, REPOSITORY, Spark

EXAMPLES = REPOSITORY / "examples"
INSTALL = REPOSITORY / "runtime/jvm/install-job-api"
POM = REPOSITORY / "runtime/jvm/pom.xml"
TEXT = {"text": "a somewhat longer text"}
INSTALLED = maven.HOME / ".m2/repository/io/hearth"


@pytest.fixture(scope="module")
def server(start_shared_hearthd: StartHearthd, spark: Spark) -> Client:
    return start_shared_hearthd(spark).client


@pytest.fixture(scope="module")
def job_api(spark: Spark) -> Path:
    """The folder of the job API's version in the local repository."""
    maven.run([INSTALL, "--only", spark.scala], REPOSITORY)
    version = re.search(r"<revision>(.*)</revision>", POM.read_text())
    assert version
    return INSTALLED / f"hearth-job-api_{spark.scala}" / version[1]


def test_the_job_api_has_all_that_a_repository_needs(
    job_api: Path, spark: Spark
) -> None:
    stem = f"hearth-job-api_{spark.scala}-{job_api.name}"
    with zipfile.ZipFile(job_api / f"{stem}-sources.jar") as sources:
        assert "spark/jobserver/api/SparkJobBase.scala" in sources.namelist()
    with zipfile.ZipFile(job_api / f"{stem}-javadoc.jar") as pages:
        assert "spark/jobserver/api/SparkJob.html" in pages.namelist()
    pom = (job_api / f"{stem}.pom").read_text()
    assert f"<artifactId>hearth-job-api_{spark.scala}</artifactId>" in pom
    for needed in ("<description>", "Apache-2.0", "<artifactId>config</artifactId>"):
        assert needed in pom
    for foreign in ("${", "<parent>", "spark-sql"):
        assert foreign not in pom


def test_the_same_sources_make_the_same_bytes(
    job_api: Path, spark: Spark, tmp_path: Path
) -> None:
    maven.run([INSTALL, "--only", spark.scala, tmp_path], REPOSITORY)
    again = tmp_path / "io/hearth" / job_api.parent.name / job_api.name
    files = [x.name for x in again.iterdir() if x.suffix in (".jar", ".pom")]
    assert len(files) == 4
    for name in files:
        assert digest(again / name) == digest(job_api / name), name


def test_maven_project(
    server: Client, spark: Spark, job_api: Path, tmp_path: Path
) -> None:
    project = tmp_path / "jvm-maven"
    shutil.copytree(EXAMPLES / "jvm-maven", project, ignore=built)
    profile = ["-Pspark-4"] if spark.scala == "2.13" else []
    printed = maven.run(
        [
            "mvn",
            "--batch-mode",
            f"-Dhearth.version={job_api.name}",
            *profile,
            "package",
        ],
        project,
    )
    assert "Tests run: 2, Failures: 0, Errors: 0" in printed
    server.upload("my-jobs", project / "target/my-jobs-1.0.0.jar")
    scala = server.create_context("scala")
    assert run(server, "LongestWord", "scala", TEXT) == "somewhat"
    scala.stop()
    factory = "spark.jobserver.context.JavaSparkContextFactory"
    java = server.create_context("java", {"context-factory": factory})
    assert run(server, "WordsInJava", "java", TEXT) == 4
    java.stop()


def test_sources_of_the_sbt_project(
    server: Client, spark: Spark, tmp_path: Path
) -> None:
    """Compiled by the compiler that Spark brings: sbt would fetch a build tool."""
    sources = list((EXAMPLES / "jvm-sbt/src/main/scala").rglob("*.scala"))
    classes = tmp_path / "classes"
    classes.mkdir()
    path = f"{spark.home}/jars/*:{JVM}/hearth-agent_{spark.scala}.jar"
    compiler = ["java", "-cp", path, "scala.tools.nsc.Main", "-usejavacp"]
    subprocess.run([*compiler, "-d", classes, *sources], check=True, timeout=300)
    jar = tmp_path / "my-jobs.jar"
    with zipfile.ZipFile(jar, "w") as out:
        for file in classes.rglob("*.class"):
            out.write(file, file.relative_to(classes))
    server.upload("sbt-jobs", jar)
    factory = "spark.jobserver.context.SessionContextFactory"
    session = server.create_context("session", {"context-factory": factory})
    config = {"text": "a b a c a b", "count": 2}
    found = run(server, "TopWords", "session", config, cp="sbt-jobs")
    assert found == {"a": 3, "b": 2}
    session.stop()


def built(_folder: str, names: list[str]) -> list[str]:
    """What a build of the project in its place left there."""
    return [x for x in names if x == "target"]


def run(
    client: Client, job: str, context: str, config: object, cp: str = "my-jobs"
) -> object:
    """The result of a job of package `example`."""
    answer = client.start(
        "",
        config,
        cp=cp,
        mainClass=f"example.{job}",
        context=context,
        sync=True,
        timeout=80,
    )
    assert answer.status == 200, answer.text
    return answer.json()["result"]


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()

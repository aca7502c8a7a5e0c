"""Which variables of the server's environment the processes of contexts get."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import StartHearthd
from support import native
from support.hearthd import Hearthd
from support.spark import Spark
from support.wait import until

SECRETS = {
    "PGPASSWORD": "hush",
    "PGHOST": "db",
    "HEARTH_PASSWORD": "hush",
    "AWS_SECRET_ACCESS_KEY": "hush",
    "GOOGLE_APPLICATION_CREDENTIALS": "hush",
    "AZURE_CLIENT_SECRET": "hush",
    "SOME_TOKEN": "hush",
}
USUAL = {
    "LC_TEST": "a",
    "SPARK_TEST": "b",
    "HADOOP_TEST": "c",
    "YARN_TEST": "d",
    "KRB5CCNAME": "e",
    "no_proxy": "localhost,f",
    "HTTPS_PROXY": "",
    "TZ": "UTC",
}
ASKED = {"AWS_REGION": "north", "APP_ONE": "1", "APP_TWO": "2"}
GIVEN = {"COLOUR": "green"}


def environment_of(pid: int) -> dict[str, str]:
    """What a process was started with."""
    text = Path(f"/proc/{pid}/environ").read_bytes().decode()
    return dict(x.split("=", 1) for x in text.split("\0") if "=" in x)


def check(found: dict[str, str]) -> None:
    """Fails unless it holds what it should, and no secret."""
    assert not SECRETS.keys() & found.keys()
    assert "hush" not in found.values()
    expected = USUAL | ASKED | GIVEN
    assert {k: found.get(k) for k in expected} == expected
    assert found["PATH"]


@pytest.fixture
def server(
    start_hearthd: StartHearthd, default_spark: Spark, tmp_path: Path
) -> Hearthd:
    """A server with secrets in its environment."""
    maven = tmp_path / "mvn"
    maven.write_text('#!/bin/sh\nenv > "$(dirname "$0")/seen"\nexit 1\n')
    maven.chmod(0o700)
    return start_hearthd(
        default_spark,
        environment=SECRETS | USUAL | ASKED | {"MAVEN_OPTS": "-Xmx1g"},
        settings={
            "hearth.contexts.environment": "AWS_REGION, APP_*, COLOUR=green",
            "hearth.dependencies.maven": maven,
            "hearth.spark.warm-spares": 1,
        },
    )


def test_processes_get_what_is_listed_and_no_secret(
    server: Hearthd, tmp_path: Path
) -> None:
    native.upload(server.client, "jobs", native.library("test_jobs_v1"))
    context = native.create(server.client, "native", "jobs")
    check(context.run("environment"))

    def spares() -> list[int]:
        return [p.pid for p in server.drivers() if "--spare" in p.command]

    (spare,) = until(spares, "there is a spare", 60)
    check(environment_of(spare))
    server.client.create_context("cold", {"spark.driver.memory": "600m"})
    cold = [p.pid for p in server.drivers() if p.is_java and "--spare" not in p.command]
    assert len(cold) == 1
    check(environment_of(cold[0]))

    answer = server.client.request(
        "POST", "/contexts/maven", {"dependent-jar-uris": "maven:a:b:1"}, ""
    )
    assert answer.status != 200
    seen = (tmp_path / "seen").read_text().splitlines()
    found = dict(x.split("=", 1) for x in seen if "=" in x)
    check(found)
    assert found["MAVEN_OPTS"] == "-Xmx1g"

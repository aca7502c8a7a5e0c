"""A context that cannot start says why, and leaves nothing behind."""

import shutil
from pathlib import Path

import pytest

from conftest import StartHearthd
from support import native
from support.client import Client
from support.hearthd import Hearthd
from support.spark import Spark


def expect_gone(server: Hearthd, name: str) -> None:
    """No process, no live context, and a state that says what happened."""
    server.expect_no_drivers()
    assert server.client.contexts() == []
    info = server.client.get(f"/contexts/{name}").json()
    assert info["state"] == "ERROR"
    assert info["endTime"] != "Empty"


def test_bad_master(hearthd: Hearthd) -> None:
    answer = hearthd.client.post("/contexts/bad", **{"spark.master": "nonsense"})
    assert answer.status == 500
    report = answer.json()
    assert report["status"] == "CONTEXT INIT ERROR"
    # Spark's own words, from the end of the driver's log.
    assert "Could not parse Master URL: 'nonsense'" in answer.text
    assert report["result"]["message"]
    expect_gone(hearthd, "bad")


def test_unreachable_master(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    server = start_hearthd(
        default_spark, settings={"spark.jobserver.context-init-timeout": "8s"}
    )
    answer = server.client.post(
        "/contexts/lost", **{"spark.master": "spark://127.0.0.1:9"}
    )
    assert answer.status == 500
    report = answer.json()
    assert report["status"] == "CONTEXT INIT ERROR"
    assert "127.0.0.1:9" in answer.text, "the log of the driver names the master"
    expect_gone(server, "lost")


def test_no_spark_there(
    start_hearthd: StartHearthd, default_spark: Spark, tmp_path: Path
) -> None:
    server = start_hearthd(default_spark, settings={"spark.home": tmp_path})
    answer = server.client.post("/contexts/bad")
    assert answer.status == 500
    report = answer.json()
    assert report["status"] == "CONTEXT INIT ERROR"
    assert str(tmp_path) in answer.text
    expect_gone(server, "bad")
    assert server.client.get("/healthz").status == 200


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("num-cpu-cores", "many"),
        ("num-cpu-cores", "-1"),
        ("memory-per-node", "lots"),
        ("mem-per-node", "1x"),
        ("launcher.spark.driver.memory", "huge"),
        ("max-jobs-per-context", "some"),
    ],
)
def test_wrong_value(hearthd: Hearthd, setting: str, value: str) -> None:
    answer = hearthd.client.post("/contexts/wrong", **{setting: value})
    assert answer.status in (400, 500)
    assert value in answer.text
    assert "CONTEXT INIT ERROR" in answer.text or answer.status == 400
    hearthd.expect_no_drivers()
    assert hearthd.client.contexts() == []


def test_wrong_spark_value_is_told_with_sparks_words(hearthd: Hearthd) -> None:
    answer = hearthd.client.post("/contexts/wrong", **{"spark.task.cpus": "none"})
    assert answer.status == 500
    assert "spark.task.cpus" in answer.text
    expect_gone(hearthd, "wrong")


def test_unknown_factory(hearthd: Hearthd) -> None:
    answer = hearthd.client.post(
        "/contexts/wrong", **{"context-factory": "no.such.Factory"}
    )
    assert answer.status == 500
    report = answer.json()
    assert report["status"] == "CONTEXT INIT ERROR"
    assert "no.such.Factory" in report["result"]["message"]
    assert report["result"]["errorClass"] == "java.lang.ClassNotFoundException"
    expect_gone(hearthd, "wrong")


def test_jar_uri_of_an_unknown_scheme(server: Client) -> None:
    answer = server.post("/contexts/wrong", **{"dependent-jar-uris": "gopher:///x.jar"})
    assert answer.status == 400
    report = answer.json()
    assert report["status"] == "CONTEXT INIT ERROR: Malformed URL"
    assert report["result"]["message"] == "unknown protocol: gopher"
    assert report["result"]["errorClass"] == "java.net.MalformedURLException"


def test_name_is_free_again(hearthd: Hearthd) -> None:
    client = hearthd.client
    assert client.post("/contexts/twice", **{"spark.master": "nonsense"}).status == 500
    context = client.create_context("twice")
    assert context.state == "RUNNING"
    context.stop()


def test_folders_that_vanished_are_made_again(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark)
    native.upload(server.client, "jobs", native.library("test_jobs_v1"))
    for _ in range(2):
        context = native.create(server.client, "again", "jobs")
        assert context.run("version") == 1
        assert server.client.delete("/contexts/again").status == 200
        for name in ("contexts", "spares", "cds"):
            shutil.rmtree(server.data / name, ignore_errors=True)

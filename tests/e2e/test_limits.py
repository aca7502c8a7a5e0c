"""Limits of what a server takes: clear answers, and room again afterwards."""

from __future__ import annotations

from conftest import StartHearthd
from support.client import JAR, Answer, Client
from support.native import create, library, upload
from support.spark import Spark
from support.wait import until


def test_contexts(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    server = start_hearthd(default_spark, settings={"hearth.contexts.max": 2})
    client = server.client
    upload(client, "jobs", library("test_jobs_v1"))
    create(client, "a", "jobs")
    create(client, "b", "jobs")
    native = {"context-factory": "hearth.native"}
    refused = client.request("POST", "/contexts/c", native)
    assert refused.status == 503
    assert refused.headers["retry-after"] == "1"
    assert "hearth.contexts.max" in refused.json()["result"]
    assert client.contexts() == ["a", "b"]
    client.delete("/contexts/a")
    assert create(client, "c", "jobs").run("version") == 1


def test_binaries_and_data_files(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(
        default_spark,
        settings={"hearth.binaries.max": 1, "hearth.data.max-files": 1},
    )
    client = server.client

    def put(name: str) -> Answer:
        headers = {"Content-Type": JAR}
        return client.request("POST", f"/binaries/{name}", None, b"PK\3\4", headers)

    assert put("a").status == 201
    refused = put("b")
    assert refused.status == 507
    assert "hearth.binaries.max" in refused.json()["result"]
    assert put("a").status == 201, "a new version is no new name"
    client.delete("/binaries/a")
    assert put("b").status == 201

    path = client.post("/data/a", b"x").json()["result"]["filename"]
    refused = client.post("/data/b", b"x")
    assert refused.status == 507
    assert "hearth.data.max-files" in refused.json()["result"]
    client.delete("/data/" + path.replace("/", "%2F"))
    assert client.post("/data/b", b"x").status == 200


def test_a_job_that_logs_for_ever_does_not_fill_the_disk(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    limit = 256 * 1024
    server = start_hearthd(
        default_spark, settings={"hearth.contexts.max-log-size": limit}
    )
    upload(server.client, "jobs", library("test_jobs_v1"))
    context = create(server.client, "c", "jobs", **{"max-jobs-per-context": 20})

    def logs() -> str:
        return server.client.get("/contexts/c/logs").text

    def log(line: str) -> None:
        context.submit("reports", {"line": line})
        until(lambda: line in logs(), "it is logged")

    for n in range(10):
        log(f"line {n} " + "x" * 100_000)
    file = next((server.data / "contexts").glob("*/driver.log"))
    assert file.stat().st_size > 1_000_000

    def taken() -> int:
        return file.stat().st_blocks * 512

    until(lambda: taken() <= limit, "the log is trimmed")
    log("the last one")
    text = logs()
    assert "line 9 " in text
    assert "line 0 " not in text
    assert "\0" not in text


def test_idle_clients_leave_room_for_others(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """An address has its share of connections, and idle ones are closed."""
    server = start_hearthd(
        default_spark,
        settings={
            "hearth.http.max-client-connections": 1,
            "hearth.http.idle-timeout": "1s",
        },
    )
    with Client(server.port, keep_alive=True) as idle:
        assert idle.get("/contexts").status == 200

        def served() -> bool:
            try:
                return Client(server.port, timeout=5).get("/contexts").status == 200
            except OSError:
                return False

        assert not served()
        until(served, "the idle connection is closed")

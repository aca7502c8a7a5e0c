"""Limits of what a server takes: clear answers, and room again afterwards."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress

from conftest import StartHearthd
from support import processes
from support.client import JAR, Answer, Client
from support.native import create, library, upload
from support.spark import Spark
from support.wait import until
from support.zips import zip_of


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
        return client.request("POST", f"/binaries/{name}", None, zip_of(), headers)

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


MIB = 1 << 20


def announce(port: int, length: int, path: str = "/binaries/x") -> socket.socket:
    """A connection on which an upload was announced, and nothing sent of it."""
    connection = socket.create_connection(("127.0.0.1", port), 30)
    connection.sendall(
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JAR}\r\n"
        f"Content-Length: {length}\r\n\r\n".encode()
    )
    return connection


def test_unfinished_bodies_take_no_more_memory_than_the_budget(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """Those that stall give way to one that comes."""
    server = start_hearthd(
        default_spark, settings={"hearth.http.upload-budget": 64 * MIB}
    )
    assert server.process is not None
    before = processes.peak_memory(server.process.pid)
    with ExitStack() as stack:
        for _ in range(10):
            connection = stack.enter_context(announce(server.port, 50 * MIB))
            with suppress(OSError):
                connection.sendall(b"x" * 40 * MIB)
        took = processes.peak_memory(server.process.pid) - before
        assert took < (64 + 50) * MIB, took
        jar = zip_of(b"x" * 30 * MIB)

        def stored() -> bool:
            answer = server.client.post("/jars/good", jar)
            assert answer.status in (200, 503)
            return answer.status == 200

        until(stored, "a whole upload gets its room", 20)


def test_announced_lengths_take_no_memory(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(
        default_spark,
        settings={
            "hearth.http.max-upload-size": 1024 * MIB,
            "hearth.http.upload-budget": 64 * 1024 * MIB,
        },
        address_space=3 * 1024 * MIB,
    )
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(announce(server.port, 1024 * MIB)).sendall(b"PK")
            assert server.client.get("/healthz").status == 200


def test_answers_that_nobody_reads_take_no_more_memory_than_their_budget(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(
        default_spark, settings={"hearth.http.answer-budget": 32 * MIB}
    )
    assert server.process is not None
    client = server.client
    upload(client, "jobs", library("test_jobs_v1"))
    context = create(client, "c", "jobs")
    context.submit("version", {"text": "x" * 6 * MIB}).wait()
    job = client.get("/jobs").json()[0]["jobId"]
    assert len(client.get(f"/jobs/{job}/config").body) > 6 * MIB
    processes.forget_peak(server.process.pid)
    before = processes.peak_memory(server.process.pid)
    with ExitStack() as stack:
        for _ in range(50):
            connection = stack.enter_context(socket.socket())
            # Small, so that the kernel does not hide that nobody reads.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(30)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(
                f"GET /jobs/{job}/config HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
            )
            assert client.get("/healthz").status == 200
        took = processes.peak_memory(server.process.pid) - before
        # The answers that wait, and two that are read from the database: one
        # is there, of the other SQLite, its driver and the store have a copy.
        assert took < (32 + 4 * 6 + 10) * MIB, took
    until(
        lambda: client.get(f"/jobs/{job}/config").status == 200,
        "there is room again",
    )

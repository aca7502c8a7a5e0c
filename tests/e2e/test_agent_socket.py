"""The way between the server and its contexts: a Unix socket, or TCP."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import StartHearthd
from support import native
from support.hearthd import Hearthd
from support.native import NativeContext
from support.spark import Spark
from support.wait import until

CONNECTED = "03"
"""A state in /proc/net/unix; the one that listens has another."""


def by_socket(server: Hearthd) -> set[str]:
    """The agents' connections to the server's Unix socket, by their inodes."""
    path = str(server.data / "agent" / "agent.sock")
    rows = [row.split() for row in Path("/proc/net/unix").read_text().splitlines()]
    return {row[6] for row in rows if row[5] == CONNECTED and row[7:] == [path]}


def create(server: Hearthd, name: str) -> NativeContext:
    """A context of C++ jobs."""
    native.upload(server.client, "jobs", native.library("test_jobs_v1"))
    return native.create(server.client, name, "jobs")


def test_agents_come_back_by_the_socket(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark)
    context = create(server, "kept")
    assert len(by_socket(server)) == 1
    assert context.run("count_up") == 1
    server.kill()
    assert (server.data / "agent" / "agent.sock").is_socket()
    server.start()
    until(lambda: len(by_socket(server)) == 1, "its agent is back")
    context = NativeContext(server.client, "kept", "jobs")
    assert context.run("count_up") == 2
    server.stop()
    assert not (server.data / "agent" / "agent.sock").exists()


def test_without_the_socket_they_come_by_tcp(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark)
    first = create(server, "first")
    assert len(by_socket(server)) == 1
    (server.data / "agent" / "agent.sock").unlink()
    second = create(server, "second")
    spark = server.client.create_context("spark")
    assert len(by_socket(server)) == 1
    assert first.run("version") == second.run("version") == 1
    assert server.client.get(f"/contexts/{spark.name}").json()["state"] == "RUNNING"


def test_a_folder_whose_path_is_too_long_for_a_socket(
    start_hearthd: StartHearthd, default_spark: Spark, tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 110)
    server = start_hearthd(default_spark, settings={"hearth.data-dir": long})
    context = create(server, "far")
    assert context.run("version") == 1
    server.wait_until_it_says("agents come by TCP alone")
    (start_file,) = long.glob("contexts/*/agent.json")
    assert json.loads(start_file.read_text())["endpointSocket"] == ""
    assert server.client.delete("/contexts/far").status == 200


def test_a_job_that_is_killed_costs_no_connection(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """Its thread is interrupted, and may be writing to the socket."""
    server = start_hearthd(default_spark)
    server.client.upload("examples", default_spark.examples)
    context = server.client.create_context("spark")
    before = by_socket(server)
    assert len(before) == 1
    for _ in range(5):
        job = context.submit("SleepJob", {"sleep": {"time": {"millis": 60000}}})
        job.wait_running()
        assert job.kill().json() == {"status": "KILLED"}
        assert job.wait()["status"] == "KILLED"
    assert server.client.run("VeryShortDoubleJob", context="spark") == [2, 4, 6]
    assert by_socket(server) == before

"""Strangers at the agent port, and agents that send more than they may."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import StartHearthd
from support import native, processes
from support.hearthd import Hearthd
from support.native import NativeContext
from support.spark import Spark
from support.wait import until

MIB = 1 << 20


def endpoint(server: Hearthd) -> tuple[str, int]:
    """Where the agent port listens."""
    host, _, port = (server.data / "agent-endpoint").read_text().strip().rpartition(":")
    return host, int(port)


@contextmanager
def strangers(where: tuple[str, int], count: int) -> Iterator[list[socket.socket]]:
    """Idle connections. The server may close them; this side keeps them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard >= count + 200, "the test itself needs that many descriptors"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 200), hard))
    idle: list[socket.socket] = []
    try:
        for _ in range(count):
            idle.append(socket.create_connection(where, 30))
        yield idle
    finally:
        for x in idle:
            x.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def open_files(server: Hearthd) -> int:
    """How many descriptors the server has."""
    assert server.process is not None
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def jobs_in(server: Hearthd, name: str) -> NativeContext:
    """A context of C++ jobs."""
    native.upload(server.client, "jobs", native.library("test_jobs_v1"))
    return native.create(server.client, name, "jobs")


@pytest.mark.parametrize("way", ["socket", "tcp"])
def test_strangers_during_a_restart_delay_no_agent(
    start_hearthd: StartHearthd, default_spark: Spark, way: str
) -> None:
    server = start_hearthd(default_spark)
    if way == "tcp":
        (server.data / "agent" / "agent.sock").unlink()
    context = jobs_in(server, "kept")
    assert context.run("count_up") == 1
    (agent,) = server.drivers()
    server.kill()
    # The strangers come first, whatever the machine is busy with.
    os.kill(agent.pid, signal.SIGSTOP)
    server.start()
    with strangers(endpoint(server), 4300):
        os.kill(agent.pid, signal.SIGCONT)
        context = NativeContext(server.client, "kept", "jobs")
        assert context.run("count_up") == 2, "the same process"
        assert context.state == "RUNNING"
        said = [x for x in server.log.splitlines() if "agent port: " in x]
        assert len(said) < 50
    until(lambda: "more lines about strangers were left out" in server.log, "counted")
    server.stop()


def test_strangers_cannot_use_up_the_descriptors(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark, descriptors=128)
    context = jobs_in(server, "first")
    assert context.run("version") == 1
    before = open_files(server)
    for burst in range(3):
        with strangers(endpoint(server), 400):
            assert context.run("version") == 1
            if burst == 0:
                second = native.create(server.client, "second", "jobs")
                assert second.run("version") == 1
                server.client.delete("/contexts/second")
    until(lambda: open_files(server) <= before, "descriptors are where they were", 30)
    assert context.run("version") == 1


@pytest.fixture(scope="module")
def flooded(
    start_shared_hearthd: StartHearthd,
    default_spark: Spark,
    tmp_path_factory: pytest.TempPathFactory,
) -> Hearthd:
    """A server whose contexts of C++ jobs are played by flooding_agent.py."""
    script = Path(__file__).parent / "support" / "flooding_agent.py"
    program = tmp_path_factory.mktemp("agent") / "agent"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
    program.chmod(0o700)
    server = start_shared_hearthd(
        default_spark, settings={"hearth.native.agent": program}
    )
    native.upload(server.client, "jobs", native.library("test_jobs_v1"))
    return server


@pytest.mark.parametrize("what", ["progress", "log", "files", "starts"])
def test_an_agent_that_sends_too_fast_is_not_read(flooded: Hearthd, what: str) -> None:
    file = flooded.client.post("/data/large", b"x" * MIB).json()["result"]["filename"]
    context = native.create(
        flooded.client, f"flood-{what}", "jobs", flood=what, file=file
    )
    assert flooded.process is not None
    pid = flooded.process.pid
    processes.forget_peak(pid)
    before = processes.peak_memory(pid)
    job = context.submit("version")
    assert job.wait(60)["status"] in ("FINISHED", "ERROR")
    assert processes.peak_memory(pid) - before < 40 * MIB
    assert flooded.client.get("/healthz").status == 200
    flooded.client.delete(f"/contexts/flood-{what}")


def test_a_result_beyond_its_credit_closes_the_link(flooded: Hearthd) -> None:
    context = native.create(flooded.client, "greedy", "jobs", flood="parts")
    assert flooded.process is not None
    pid = flooded.process.pid
    processes.forget_peak(pid)
    before = processes.peak_memory(pid)
    context.submit("version")
    until(lambda: "bytes ahead of its credit" in flooded.log, "the link is closed")
    assert processes.peak_memory(pid) - before < 50 * MIB
    flooded.client.delete("/contexts/greedy", force="true")

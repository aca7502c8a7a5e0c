"""A stop ends in its time, whatever hangs, and says what it gave up."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import native
from support.faults import FaultyHearthd
from support.spark import Spark
from support.wait import until

GAVE_UP = 3
"""The exit code of a server that gave something up."""
TIMEOUT = 3.0
SLACK = 1.0
"""For the end of the process, on a busy machine."""

Start = Callable[..., FaultyHearthd]


@pytest.fixture
def start(default_spark: Spark, tmp_path: Path) -> Iterator[Start]:
    """Starts a server that a test does not have to stop."""
    made: list[FaultyHearthd] = []

    def one(**faults: str) -> FaultyHearthd:
        server = FaultyHearthd(
            default_spark,
            tmp_path / str(len(made)),
            {"hearth.shutdown-timeout": f"{TIMEOUT:.0f}s"},
            faults=faults,
        )
        made.append(server)
        server.start()
        return server

    yield one
    for server in made:
        server.clean_up()


def timed_stop(server: FaultyHearthd) -> tuple[int, float]:
    """Its exit code, and how long it took."""
    begun = time.monotonic()
    server.terminate()
    return server.wait(30), time.monotonic() - begun


def small_context(server: FaultyHearthd) -> native.NativeContext:
    native.upload(server.client, "jobs", native.library("test_jobs_v1"))
    return native.create(server.client, "c", "jobs")


def test_after_requests_it_is_immediate(start: Start) -> None:
    server = start()
    for path in ("/healthz", "/jobs", "/contexts", "/binaries", "/admin/actors"):
        assert server.client.get(path).status == 200
    code, seconds = timed_stop(server)
    assert code == 0
    assert seconds < SLACK
    assert "gave up" not in server.log


def test_an_answer_that_nobody_reads(start: Start) -> None:
    server = start()
    job = small_context(server).submit("fills", {"bytes": 50_000_000})
    until(lambda: job.report()["status"] == "FINISHED", "the job is done", 30)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(
            f"GET /jobs/{job.id} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        )
        assert client.recv(10)
        code, seconds = timed_stop(server)
    assert code == 0
    assert seconds < TIMEOUT + SLACK
    assert "gave up" not in server.log


@pytest.mark.parametrize(
    "part", ["results", "logs", "data", "callbacks", "content",
             "dependencies", "drivers"],
)  # fmt: skip
def test_a_part_hangs(start: Start, part: str) -> None:
    server = start()
    server.block(part)
    code, seconds = timed_stop(server)
    assert code == GAVE_UP
    assert seconds < TIMEOUT + SLACK
    given_up = re.findall(r"the stop gave up (.*)", server.log)
    assert given_up == [f"the part {part}, which is busy or hangs"]


def test_the_store_hangs(start: Start) -> None:
    server = start()
    small_context(server)
    server.block("store")
    code, seconds = timed_stop(server)
    assert code == GAVE_UP
    assert seconds < TIMEOUT + SLACK
    assert "the stop gave up flushing the store" in server.log
    # What was promised is there: the next server knows the context.
    server.set_faults({})
    server.start()
    state = server.client.get("/contexts/c").json()["state"]
    assert state in ("RUNNING", "ERROR", "FINISHED")
    server.stop()


@pytest.mark.parametrize("part", ["supervisor", "progress"])
def test_the_event_loop_hangs(start: Start, part: str) -> None:
    server = start()
    server.block(part)
    assert not answers(server)
    code, seconds = timed_stop(server)
    assert code == GAVE_UP
    assert seconds < TIMEOUT + SLACK
    assert "the event loop" in server.log


def answers(server: FaultyHearthd) -> bool:
    """Whether it answers within a moment."""
    try:
        with socket.create_connection(("127.0.0.1", server.port), 0.3) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            return bool(client.recv(1))
    except OSError:
        return False


def stop_steps(start: Start) -> list[str]:
    """The steps of a stop in which nothing fails."""
    server = start()
    before = len(server.steps())
    server.stop()
    return list(server.steps())[before:]


def test_every_step_may_hang(start: Start) -> None:
    steps = stop_steps(start)
    assert len(steps) >= 9, steps
    for step in steps:
        server = start(HANG=step)
        code, seconds = timed_stop(server)
        assert code == GAVE_UP, step
        assert seconds < TIMEOUT + SLACK, step
        assert f"the stop hangs: gave up {step}" in server.log

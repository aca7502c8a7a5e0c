"""The server's log, and that nobody waits for it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.client import Client
from support.hearthd import Hearthd
from support.spark import Spark
from support.wait import until

SMALLEST_PIPE = 4096


def full_pipe() -> tuple[int, int]:
    """A pipe that takes nothing more; its ends to read and to write."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writer, b"x" * SMALLEST_PIPE):
            continue
    os.set_blocking(writer, True)
    return reader, writer


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Unread:
    """A server whose standard error is a pipe that is full from the start."""

    def __init__(self, spark: Spark, folder: Path) -> None:
        self.reader, writer = full_pipe()
        port = free_port()
        line = Hearthd(spark, folder).command()
        line[line.index("--port") + 1] = str(port)
        self.process = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer
        )
        os.close(writer)
        self.client = Client(port)

    def answers(self) -> bool:
        """Whether it does."""
        assert self.process.poll() is None
        try:
            return self.client.get("/healthz").status == 200
        except OSError:
            return False

    def read_all(self) -> str:
        """What it says until it ends."""
        parts: list[bytes] = []
        while part := os.read(self.reader, 65536):
            parts.append(part)
        return b"".join(parts).decode()


@pytest.fixture
def unread(default_spark: Spark, tmp_path: Path) -> Iterator[Unread]:
    """Such a server."""
    server = Unread(default_spark, tmp_path)
    yield server
    server.process.kill()
    server.process.wait()
    os.close(server.reader)


def test_a_log_that_nobody_reads_holds_nobody_up(unread: Unread) -> None:
    until(unread.answers, "the server answers")
    unread.process.terminate()
    assert unread.process.wait(40) == 0


def test_a_log_that_is_read_late_is_complete(unread: Unread) -> None:
    until(unread.answers, "the server answers")
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(unread.read_all()))
    thread.start()
    unread.process.terminate()
    assert unread.process.wait(40) == 0
    thread.join(10)
    (text,) = said
    assert text.index("listening on http://") < text.index("stopping")
    assert text.rstrip().endswith("stopped")


def test_what_the_log_dropped_is_a_number(unread: Unread) -> None:
    until(unread.answers, "the server answers")
    metrics = unread.client.get("/metricz").json()
    assert metrics["hearth.log"]["dropped-lines"] == {"type": "gauge", "value": 0}

"""Bursts of connections at a low limit of open files, on both ports; then quiet.

The long run: `scripts/test faults -- -k descriptors --bursts 100 --quiet-time 60`.
"""

from __future__ import annotations

import contextlib
import random
import re
import socket
from pathlib import Path

import pytest

from support import processes
from support.client import Client
from support.hearthd import Hearthd
from support.servers import StartHearthd
from support.spark import Spark
from support.wait import pause, until


def agent_port(server: Hearthd) -> int:
    """Where the processes of contexts dial to."""
    endpoint = (server.data / "agent-endpoint").read_text()
    found = re.search(r"\b127\.0\.0\.1\W+(\d+)\b", endpoint)
    assert found, endpoint
    return int(found[1])


def burst(ports: list[int], connections: int, moments: random.Random) -> None:
    """Connects that often as fast as it can, sends something, and leaves."""
    with contextlib.ExitStack() as stack:
        for _ in range(connections):
            with contextlib.suppress(OSError):
                connection = stack.enter_context(socket.socket())
                connection.settimeout(2)
                connection.connect(("127.0.0.1", moments.choice(ports)))
                if moments.random() < 0.5:
                    connection.sendall(b"GET /contexts HTTP/1.1\r\n")


def answers(server: Hearthd) -> bool:
    """Whether a new client is served."""
    try:
        return Client(server.port, timeout=5).get("/contexts").status == 200
    except OSError:
        return False


@pytest.mark.parametrize("limit", [64, 128, 256, 1024])
def test_bursts_beyond_the_limit_of_open_files(
    start_hearthd: StartHearthd,
    default_spark: Spark,
    moments: random.Random,
    request: pytest.FixtureRequest,
    limit: int,
) -> None:
    """Afterwards the server answers, and its descriptors are what they were."""
    server = start_hearthd(default_spark, descriptors=limit)
    assert server.process is not None
    pid = server.process.pid
    assert answers(server)
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert re.search(rf"Max open files +{limit} +{limit} ", limits), limits
    until(lambda: settled(server, pid), "its client is gone", 10)
    before = processes.descriptors(pid)
    ports = [server.port, agent_port(server)]
    for _ in range(request.config.getoption("--bursts")):
        burst(ports, moments.randrange(limit, 2 * limit), moments)
        until(lambda: answers(server), "it answers after a burst", 20)
    pause(request.config.getoption("--quiet-time"))
    until(lambda: answers(server), "it answers at the end", 20)
    until(
        lambda: processes.descriptors(pid) <= before,
        f"its descriptors are the {before} that they were",
        60,
    )


def settled(server: Hearthd, pid: int) -> bool:
    """Whether the number of its descriptors stays what it is."""
    first = processes.descriptors(pid)
    pause(0.1)
    return server.running and processes.descriptors(pid) == first

"""Strangers at the port of the agents, while jobs run."""

from __future__ import annotations

import contextlib
import json
import random
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stage import Stage
from support.hearthd import Hearthd
from support.servers import StartHearthd
from support.spark import Spark
from workload import Workload

HELLO, JOB_ENDED, WELCOME = 1, 9, 64
MAX_FRAME = 16 << 20

Stranger = Callable[[socket.socket, Hearthd, random.Random], None]


def frame(kind: int, header: object, payload: bytes = b"") -> bytes:
    """A frame as runtime/protocol/README.md has it."""
    text = json.dumps(header).encode()
    size = 4 + len(text) + len(payload)
    return (
        size.to_bytes(4, "big")
        + bytes([kind])
        + len(text).to_bytes(3, "big")
        + text
        + payload
    )


def hello(server: Hearthd, name: str, token: str = "") -> bytes:
    """What the agent of a context says first."""
    info = server.client.get(f"/contexts/{name}").json()
    start = json.loads(
        (server.data / "contexts" / info["id"] / "agent.json").read_text()
    )
    return frame(
        HELLO,
        {
            "protocol": 1,
            "contextId": info["id"],
            "token": token or start["token"],
            "pid": 1,
            "runtime": "stranger",
            "ready": True,
            "running": [],
            "ended": [],
        },
    )


def garbage(link: socket.socket, _: Hearthd, moments: random.Random) -> None:
    link.sendall(moments.randbytes(moments.randrange(1, 4096)))


def truncated(link: socket.socket, server: Hearthd, moments: random.Random) -> None:
    whole = hello(server, "plain")
    link.sendall(whole[: moments.randrange(len(whole))])


def oversized(link: socket.socket, _: Hearthd, moments: random.Random) -> None:
    size = moments.randrange(MAX_FRAME + 1, 1 << 32)
    link.sendall(size.to_bytes(4, "big") + bytes([HELLO]) + moments.randbytes(65536))


def long_header(link: socket.socket, _: Hearthd, moments: random.Random) -> None:
    link.sendall(frame(HELLO, {"contextId": "x" * moments.randrange(1 << 20, 2 << 20)}))


def wrong_token(link: socket.socket, server: Hearthd, moments: random.Random) -> None:
    link.sendall(hello(server, "plain", moments.randbytes(32).hex()))


def other_kinds(link: socket.socket, _: Hearthd, moments: random.Random) -> None:
    for _count in range(10):
        link.sendall(frame(moments.randrange(256), {"job": "no such job", "seq": 1}))


def garbage_after_hello(
    link: socket.socket, server: Hearthd, moments: random.Random
) -> None:
    """With the right token: an agent that lost its mind."""
    link.sendall(hello(server, "victim"))
    assert link.recv(4096)[4] == WELCOME
    link.sendall(frame(JOB_ENDED, {"job": "no such job", "outcome": "finished"}, b"1"))
    link.sendall(frame(JOB_ENDED, {"job": 17, "outcome": ["?"]}))
    link.sendall(moments.randbytes(4096))


STRANGERS: list[Stranger] = [
    *(garbage, truncated, oversized, long_header),
    *(wrong_token, other_kinds, garbage_after_hello),
]


def visit(server: Hearthd, stranger: Stranger, moments: random.Random) -> None:
    """One connection, which the server has to close."""
    host, port = (server.data / "agent-endpoint").read_text().strip().split(":")
    link = socket.create_connection((host, int(port)), timeout=60)
    with link, contextlib.suppress(ConnectionError):
        stranger(link, server, moments)
        with contextlib.suppress(OSError):  # it has closed it already
            link.shutdown(socket.SHUT_WR)
        while link.recv(65536):
            pass


def test_broken_frames_harm_nobody_else(
    start_hearthd: StartHearthd,
    default_spark: Spark,
    moments: random.Random,
    tmp_path: Path,
) -> None:
    stage = Stage(start_hearthd(default_spark))
    stage.add_native("plain", 1, max_jobs_per_context=16)
    stage.add_native("victim", 1, max_jobs_per_context=16)
    before = stage.identity()
    work = Workload(stage.server, stage.targets, moments, tmp_path / "marks")
    with work, ThreadPoolExecutor(len(STRANGERS)) as pool:
        visits = [
            pool.submit(visit, stage.server, stranger, random.Random(moments.random()))
            for _ in range(10)
            for stranger in STRANGERS
        ]
        for one in visits:
            one.result(120)
        work.wait_for_answers(50)
        stage.wait_until_settled()
    assert stage.identity() == before
    found = work.check()
    print(f"\n{len(visits)} visits: {dict(found)}; {dict(work.statuses)}")
    assert set(work.statuses) <= {200, 202, 503}, work.statuses
    stage.expect_nothing_left()

"""The server's main thread runs all sockets and actors: nothing large may be
done there."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import StartHearthd
from support.client import Client
from support.hearthd import Hearthd
from support.native import create, library, upload
from support.spark import Spark

LARGE = 256 * 1024
MANY = 300


@pytest.fixture
def hearthd(start_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server of its own, for its numbers are looked at."""
    return start_hearthd(default_spark)


def numbers(client: Client) -> dict[str, Any]:
    """`/metricz` as kind -> name -> value."""
    found = client.get("/metricz").json()
    return {
        kind: {name: entry["value"] for name, entry in entries.items()}
        for kind, entries in found.items()
    }


def test_large_work_is_done_elsewhere(hearthd: Hearthd) -> None:
    client = hearthd.client
    upload(client, "jobs", library("test_jobs_v1"))
    context = create(client, "c", "jobs")
    large = {"input": {"name": "x" * LARGE}}
    assert context.run("greet", large) == "Hello, " + "x" * LARGE
    keyed = client.request(
        "POST",
        "/jobs",
        {"cp": "jobs", "mainClass": "greet", "context": "c", "sync": True},
        '{"input": {"name": "' + "x" * LARGE + '"}}',
        {"Idempotency-Key": "k"},
    )
    assert keyed.status == 200
    settings = "".join(f"a.b{i} = {i}\n" for i in range(2000))
    answer = client.post("/contexts/c", settings)  # is there already
    assert answer.status == 400
    for _ in range(MANY):
        context.run("greet", {"input": {"name": "x"}})
    assert len(client.get("/jobs", limit=10000).json()) > MANY
    found = numbers(client)
    large_work = {
        kind.removeprefix("hearth.large-work."): entry
        for kind, entry in found.items()
        if kind.startswith("hearth.large-work.")
    }
    assert large_work["parse a body"]["elsewhere"] == 3
    assert large_work["render an answer"]["elsewhere"] >= 1
    assert large_work["hash a text"]["elsewhere"] >= 1
    assert {kind: x["on-loop"] for kind, x in large_work.items()} == dict.fromkeys(
        large_work, 0
    )


def test_the_longest_turn_and_handler_are_known_by_name(hearthd: Hearthd) -> None:
    hearthd.client.get("/jobs")
    found = numbers(hearthd.client)
    for kind in ("hearth.loop.turns", "hearth.loop.handlers"):
        assert found[kind]["longest-us"] > 0
        assert found[kind]["longest-name"]
        assert found[kind]["over-1-ms"] >= 0

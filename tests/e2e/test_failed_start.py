"""A start that fails says why, ends at once, and leaves nothing behind."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.faults import FaultyHearthd, last_line
from support.hearthd import Hearthd
from support.spark import Spark

Make = Callable[..., FaultyHearthd]
LIMIT = 1.5
"""A second, and what a busy machine adds to it."""


@pytest.fixture
def make(default_spark: Spark, tmp_path: Path) -> Iterator[Make]:
    """Makes servers that are not started yet."""
    made: list[FaultyHearthd] = []

    def one(**settings: object) -> FaultyHearthd:
        server = FaultyHearthd(
            default_spark,
            tmp_path,
            settings,
        )
        made.append(server)
        return server

    yield one
    for server in made:
        server.clean_up()


def expect_good_start(server: Hearthd) -> None:
    """It starts on the data folder of the one that failed, and stops."""
    server.start()
    assert server.client.get("/healthz").status == 200
    server.stop()


def test_every_step_may_fail(make: Make) -> None:
    server = make()
    server.start()
    steps = list(server.steps())
    assert len(steps) > 15, steps
    server.stop()
    for step in steps:
        server.set_faults({"THROW": step})
        server.launch()
        server.wait_for_log("a test fails the step")
        begun = time.monotonic()
        assert server.wait(10) == 1, step
        assert time.monotonic() - begun < LIMIT, step
        assert last_line(server.log_file) == f"hearthd: a test failed {step}"
        server.expect_no_drivers()
        server.log_file.unlink()
        server.set_faults({})
        expect_good_start(server)
        server.log_file.unlink()


@pytest.mark.parametrize(
    "name", ["binaries", "callbacks", "data", "hearth.db/", "agent-endpoint/"]
)
def test_something_else_is_in_its_place(make: Make, name: str) -> None:
    server = make()
    server.data.mkdir()
    wrong = server.data / name
    if name.endswith("/"):
        wrong.mkdir()
    else:
        wrong.write_text("a file")
    begun = time.monotonic()
    server.launch()
    assert server.wait(10) == 1
    assert time.monotonic() - begun < 2 * LIMIT, "the program's own start included"
    reason = last_line(server.log_file)
    assert reason.startswith("hearthd: ")
    assert name.rstrip("/") in reason
    wrong.rmdir() if wrong.is_dir() else wrong.unlink()
    expect_good_start(server)


@pytest.mark.parametrize("setting", ["spark.jobserver.port", "hearth.agent.port"])
def test_a_port_is_taken(make: Make, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = make(**{setting: port})
        server.launch()
        assert server.wait(10) == 1
        assert last_line(server.log_file).startswith("hearthd: ")
    server.settings = {k: v for k, v in server.settings.items() if k != setting}
    expect_good_start(server)

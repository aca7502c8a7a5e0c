"""Fixtures: the server as a process, for each Spark that is to be tested. The
conftest.py of each suite takes them from here.

`spark` runs a test on every distribution, `default_spark` on the first one.
A server and its context serve all tests of a file where these can share them,
for a context takes seconds to start.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.client import Client, Context
from support.hearthd import BINARY, Hearthd
from support.spark import Spark, distributions
from support.wait import until

SPARKS = distributions()

StartHearthd = Callable[..., Hearthd]


def pytest_sessionstart() -> None:
    """Says what is missing before every test fails for the same reason."""
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} is not built: run scripts/build")
    if not SPARKS:
        raise pytest.UsageError("there is no Spark: run scripts/install-deps test")
    for spark in SPARKS:
        if not spark.examples.exists():
            raise pytest.UsageError(f"{spark.examples} is not built: run scripts/build")


@pytest.fixture(scope="session", params=SPARKS, ids=lambda s: f"spark-{s.version}")
def spark(request: pytest.FixtureRequest) -> Spark:
    """Each Spark distribution in turn."""
    chosen: Spark = request.param
    return chosen


@pytest.fixture(scope="session")
def default_spark() -> Spark:
    """The distribution for what does not depend on Spark's version."""
    return SPARKS[0]


@contextmanager
def _servers(folder: Callable[[], Path]) -> Iterator[StartHearthd]:
    started: list[Hearthd] = []

    def start(spark: Spark, **options: Any) -> Hearthd:  # noqa: ANN401
        server = Hearthd(spark, folder(), **options)
        started.append(server)
        return server.start()

    try:
        yield start
        for server in started:
            if server.running:
                server.stop()
    finally:
        for server in started:
            server.clean_up()


@pytest.fixture
def start_hearthd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartHearthd]:
    """Starts servers for one test; they are stopped, and looked after, at its end."""
    with _servers(lambda: tmp_path_factory.mktemp("hearthd")) as start:
        yield start


@pytest.fixture(scope="module")
def start_shared_hearthd(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StartHearthd]:
    """Starts servers for all tests of a file."""
    with _servers(lambda: tmp_path_factory.mktemp("hearthd")) as start:
        yield start


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server for all tests of a file, with the examples as binary `examples`."""
    server = start_shared_hearthd(default_spark)
    server.client.upload("examples", default_spark.examples)
    return server


@pytest.fixture(scope="module")
def server(hearthd: Hearthd) -> Client:
    """A client of that server."""
    return hearthd.client


@pytest.fixture(scope="module")
def context(server: Client) -> Context:
    """A context in that server, for tests that leave it as it was."""
    return server.create_context("shared")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """Adds what the servers printed to the report of a failed test."""
    report = yield
    if report.failed:
        for server in Hearthd.started:
            report.sections.append(("hearthd", server.report()))
    return report


@pytest.fixture
def stopped(hearthd: Hearthd) -> Iterator[None]:
    """Fails if a context that the test makes leaves a process."""
    before = {process.pid for process in hearthd.drivers()}
    yield
    until(
        lambda: {p.pid for p in hearthd.drivers()} <= before, "its processes are gone"
    )

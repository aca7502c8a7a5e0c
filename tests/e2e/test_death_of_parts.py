"""The death of a part of the server is noticed: the part starts again, or the
server ends and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import native
from support.faults import FaultyHearthd
from support.spark import Spark
from support.wait import until

RESTARTED = [
    "callbacks",
    "content",
    "data",
    "dependencies",
    "drivers",
    "local files",
    "logs",
    "progress",
    "results",
]
ENDS_THE_SERVER = ["binaries", "store", "supervisor"]


@pytest.fixture(scope="module")
def shared(
    default_spark: Spark, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FaultyHearthd]:
    """A server whose parts can be restarted, with a native context."""
    folder = tmp_path_factory.mktemp("faulty")
    server = FaultyHearthd(default_spark, folder)
    server.start()
    native.upload(server.client, "jobs", native.library("test_jobs_v1"))
    native.create(server.client, "c", "jobs")
    yield server
    server.stop()
    server.clean_up()


@pytest.fixture
def fragile(default_spark: Spark, tmp_path: Path) -> Iterator[FaultyHearthd]:
    """A server that does not survive its test."""
    server = FaultyHearthd(default_spark, tmp_path)
    server.start()
    yield server
    server.clean_up()


def health(server: FaultyHearthd) -> tuple[int, str]:
    answer = server.client.get("/healthz")
    return answer.status, answer.text


def id_of(server: FaultyHearthd, part: str) -> int:
    """The id of the actor that is that part now; 0 if there is none."""
    for line in server.client.get("/admin/actors").json():
        if line["name"] == part and line["state"] != "has ended":
            return int(line["id"])
    return 0


@pytest.mark.parametrize("how", ["kill", "throw"])
@pytest.mark.parametrize("part", RESTARTED)
def test_a_part_starts_again(shared: FaultyHearthd, part: str, how: str) -> None:
    before = id_of(shared, part)
    assert before
    shared.order(how, part)
    until(lambda: id_of(shared, part) not in (0, before), "another took its place", 20)
    why = "it was killed" if how == "kill" else "an exception was not caught in it"
    assert f"the part {part} has ended: {why}" in shared.log
    until(lambda: health(shared)[0] == 200, "all is well again")
    assert native.NativeContext(shared.client, "c", "jobs").run("version") is not None
    assert shared.client.get("/data").status == 200
    assert shared.client.get("/contexts/c/logs").status == 200


@pytest.mark.parametrize("part", ["data", "drivers", "content", "local files"])
def test_health_names_a_part_that_stays_dead(shared: FaultyHearthd, part: str) -> None:
    shared.order("break", part)
    status, text = until_unwell(shared)
    assert status == 500
    assert f"{part} has ended" in text
    shared.order("mend", part)
    until(lambda: health(shared)[0] == 200, "all is well again", 30)


def until_unwell(server: FaultyHearthd) -> tuple[int, str]:
    """The first answer of /healthz that is none of success."""

    def unwell() -> tuple[int, str] | None:
        seen = health(server)
        return seen if seen[0] != 200 else None

    return until(unwell, "it is noticed", 20)


@pytest.mark.parametrize("how", ["kill", "throw"])
@pytest.mark.parametrize("part", ENDS_THE_SERVER)
def test_the_server_ends(fragile: FaultyHearthd, part: str, how: str) -> None:
    native.upload(fragile.client, "jobs", native.library("test_jobs_v1"))
    context = native.create(fragile.client, "c", "jobs")
    job = context.submit("version")
    until(lambda: job.report()["status"] == "FINISHED", "the job is done")
    agents = {p.pid for p in fragile.drivers()}
    fragile.order(how, part)
    assert fragile.wait(10) == 1
    assert re.search(f"critical.* the part {part} has ended: ", fragile.log)
    assert {p.pid for p in fragile.drivers()} == agents, "contexts live on"
    fragile.start()
    again = native.NativeContext(fragile.client, "c", "jobs")
    assert again.run("version") is not None
    assert fragile.client.job(job.id).report()["status"] == "FINISHED"
    fragile.stop()


def test_health_names_a_silent_part(fragile: FaultyHearthd) -> None:
    fragile.order("block", "logs")
    status, text = until_unwell(fragile)
    assert status == 500
    assert "logs does not answer" in text
    assert fragile.client.get("/contexts").status == 200


def test_access_starts_again(default_spark: Spark, tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.touch(mode=0o600)
    settings = {"hearth.access.enabled": "on", "hearth.access.users": users}
    server = FaultyHearthd(default_spark, tmp_path, settings)
    server.start()
    try:
        server.order("kill", "access")
        server.wait_for_log("the part access has ended")
        until(lambda: health(server)[0] == 200, "all is well again", 20)
        server.stop()
    finally:
        server.clean_up()

"""The folder with the server's data: who may read it, and parts that vanish."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.hearthd import Hearthd
from support.native import NativeContext, create, library, upload
from support.scripted import Says, scripted
from support.spark import Spark
from support.wait import until

LIBRARY = "test_jobs_v1"
LARGE = 4 << 20
"""Bytes of a result that gets a file of its own."""

JAR = {"Content-Type": "application/java-archive"}


@pytest.fixture
def hearthd(start_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server with the library of the tests."""
    server = start_hearthd(default_spark)
    upload(server.client, "jobs", library(LIBRARY))
    return server


@pytest.fixture
def context(hearthd: Hearthd) -> NativeContext:
    """A context for its jobs."""
    return create(hearthd.client, "c", "jobs")


def mode_of(path: Path) -> int:
    """Its permissions, without its type."""
    return stat.S_IMODE(path.lstat().st_mode)


def open_to_others(folder: Path) -> list[str]:
    """What group or others may read, write or enter. What a job has written into
    its context's folder is not looked at: its folder has to be closed.
    """
    found = []
    for path in folder.iterdir():
        if path.is_symlink():
            continue
        if mode_of(path) & 0o077:
            found.append(f"{path} {mode_of(path):o}")
        if path.is_dir() and folder.name != "contexts":
            found += open_to_others(path)
    return found


def test_nobody_else_can_read_it(context: NativeContext, hearthd: Hearthd) -> None:
    client = hearthd.client
    assert context.run("greet", {"input": {"name": "Ada"}}) == "Hello, Ada"
    assert len(context.submit("fills", {"bytes": LARGE}).result()) == LARGE
    assert client.request("POST", "/data/x", None, b"x", JAR).status == 200
    content = library(LIBRARY).read_bytes()
    with scripted({"GET /jobs.so": Says(content)}) as script:
        assert context.run("version", cp=f"{script.url}/jobs.so") == 1
    present = {path.name for path in hearthd.data.iterdir()}
    assert present > {"hearth.db", "hearth.db-wal", "results", "binaries", "data"}
    assert present > {"dependencies", "contexts", "agent-endpoint"}
    assert mode_of(hearthd.data) == 0o700
    assert open_to_others(hearthd.data) == []
    logs = list((hearthd.data / "contexts").glob("*/*.log"))
    assert logs
    assert [path for path in logs if mode_of(path) & 0o077] == []


def test_a_folder_that_was_there_keeps_its_mode(
    start_hearthd: StartHearthd, default_spark: Spark, tmp_path: Path
) -> None:
    data = tmp_path / "mine"
    data.mkdir(mode=0o755)
    server = start_hearthd(default_spark, settings={"hearth.data-dir": data})
    upload(server.client, "jobs", library(LIBRARY))
    assert mode_of(data) == 0o755
    assert open_to_others(data) == []


def test_binaries_come_back(context: NativeContext, hearthd: Hearthd) -> None:
    shutil.rmtree(hearthd.data / "binaries")
    upload(hearthd.client, "jobs", library(LIBRARY))
    other = create(hearthd.client, "other", "jobs")
    assert other.run("greet", {"input": {"name": "Ada"}}) == "Hello, Ada"
    assert context.run("greet", {"input": {"name": "Bob"}}) == "Hello, Bob"


def test_data_comes_back(hearthd: Hearthd) -> None:
    client = hearthd.client
    shutil.rmtree(hearthd.data / "data", ignore_errors=True)
    assert client.get("/data").json() == []
    assert client.request("POST", "/data/x", None, b"x", JAR).status == 200
    assert len(client.get("/data").json()) == 1


def test_results_come_back(context: NativeContext, hearthd: Hearthd) -> None:
    shutil.rmtree(hearthd.data / "results")
    assert len(context.submit("fills", {"bytes": LARGE}).result()) == LARGE


def test_contexts_come_back(context: NativeContext, hearthd: Hearthd) -> None:
    shutil.rmtree(hearthd.data / "contexts")
    other = create(hearthd.client, "other", "jobs")
    assert other.run("greet", {"input": {"name": "Ada"}}) == "Hello, Ada"
    assert context.state == "RUNNING"


def test_callbacks_come_back(context: NativeContext, hearthd: Hearthd) -> None:
    shutil.rmtree(hearthd.data / "callbacks")
    with scripted({"POST /done": Says(b"")}) as script:
        job = context.submit("version", callbackUrl=f"{script.url}/done")
        job.wait()
        until(lambda: script.asked, "the callback is delivered")


def test_dependencies_come_back(context: NativeContext, hearthd: Hearthd) -> None:
    content = library(LIBRARY).read_bytes()
    with scripted({"GET /jobs.so": Says(content)}) as script:
        for _ in range(2):
            shutil.rmtree(hearthd.data / "dependencies", ignore_errors=True)
            assert context.run("version", cp=f"{script.url}/jobs.so") == 1

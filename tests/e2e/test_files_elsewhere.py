"""Drivers that do not see the server's files, as on another machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.client import Context
from support.hearthd import Hearthd
from support.spark import Spark

JAVA = """#!/bin/sh
# Java in a mount namespace of its own, where the server's files are not. Root
# needs no user namespace for that, which there is not in every container.
[ "$(id -u)" = 0 ] || user=--map-root-user
exec unshare $user --mount sh -c '
  for folder in data binaries; do
    mount -t tmpfs none "{data}/$folder" || exit 9
  done
  exec "$0" "$@"' "{java}" "$@"
"""
LINE = b"hearth\n"
LARGE = 5_000_000
"""Lines of a data file that takes many parts."""


@pytest.fixture(scope="module")
def hearthd(
    start_shared_hearthd: StartHearthd,
    spark: Spark,
    tmp_path_factory: pytest.TempPathFactory,
) -> Hearthd:
    """A server whose drivers run in such a namespace."""
    home = tmp_path_factory.mktemp("java")
    (home / "bin").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(home))
        server = start_shared_hearthd(spark)
    java = shutil.which("java")
    script = home / "bin/java"
    script.write_text(JAVA.format(data=server.data, java=java))
    script.chmod(0o755)
    server.client.upload("examples", spark.examples)
    return server


@pytest.fixture(scope="module")
def context(hearthd: Hearthd) -> Context:
    """Its driver sees neither data files nor binaries."""
    made = hearthd.client.create_context("elsewhere")
    mounts = Path(f"/proc/{hearthd.driver().pid}/mountinfo").read_text()
    assert f"{hearthd.data}/data" in mounts
    assert f"{hearthd.data}/binaries" in mounts
    return made


def upload(server: Hearthd, content: bytes) -> str:
    """The path of a new data file."""
    answer = server.client.post("/data/lines", content).json()
    path: str = answer["result"]["filename"]
    return path


@pytest.mark.parametrize("lines", [0, 3, LARGE])
def test_a_data_file_comes_whole(
    hearthd: Hearthd, context: Context, lines: int
) -> None:
    path = upload(hearthd, LINE * lines)
    whole = [len(LINE) * lines, lines]
    assert context.run("DataFileJob", {"file": path}) == whole
    assert context.run("DataFileJob", {"file": Path(path).name}) == whole


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nothing-2017-02-28T12_00_00.007Z.dat", "Unknown file: nothing-2017"),
        ("/etc/no-such-file", "'/etc/no-such-file' is no data file"),
        ("../../hearth.db", "'../../hearth.db' is no data file"),
    ],
)
def test_what_is_no_data_file_is_the_jobs_error(
    context: Context, name: str, why: str
) -> None:
    report = context.submit("DataFileJob", {"file": name}).wait()
    assert report["status"] == "ERROR"
    assert why in report["result"]["message"]


def test_copies_go_with_their_context(hearthd: Hearthd, context: Context) -> None:
    path = upload(hearthd, LINE)
    other = hearthd.client.create_context("other")
    folder = hearthd.data / "contexts" / str(other.info()["id"])
    assert other.run("DataFileJob", {"file": path}) == [len(LINE), 1]
    assert list(folder.glob("files/data/*.dat"))
    assert list(folder.glob("files/binaries/*.jar"))
    other.stop()
    assert not list(folder.glob("files/*"))
    assert context.run("TrivialRddJob") == 55

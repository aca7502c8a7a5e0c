"""What jobs share in a context is of the version that made it, whoever reads it.

HEARTH_TEST_ALTERNATIONS and HEARTH_TEST_KILLS say how often versions take turns, and
how many jobs are killed meanwhile.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import SPARKS, StartHearthd
from support.client import RequestFailed
from support.processes import mentioning
from support.sharing import (
    KIND,
    KINDS,
    MAKERS,
    MASTERS,
    READERS,
    SERIALIZERS,
    Case,
    Shared,
    Sharing,
    cases,
    create,
    executors,
    versions,
)
from support.spark import Spark, StandaloneCluster
from support.wait import until

ALTERNATIONS = int(os.environ.get("HEARTH_TEST_ALTERNATIONS", "4"))
KILLS = int(os.environ.get("HEARTH_TEST_KILLS", "2"))


@pytest.fixture(scope="module", params=cases(SPARKS), ids=str)
def sharing(
    request: pytest.FixtureRequest,
    start_shared_hearthd: StartHearthd,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Sharing]:
    """Each context of the matrix in turn."""
    case: Case = request.param

    def context(master: str) -> Iterator[Sharing]:
        server = start_shared_hearthd(case.spark, settings={"spark.master": master})
        yield Sharing(case, server, create(server, case.settings))
        server.stop()

    if case.place == "standalone":
        folder = tmp_path_factory.mktemp("cluster")
        with StandaloneCluster(case.spark, folder) as cluster:
            yield from context(cluster.url)
    else:
        yield from context(MASTERS[case.place])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.what)
def test_every_reader_finds_the_version_that_made_it(
    sharing: Sharing, kind: Shared
) -> None:
    found = {}
    expected = {}
    for maker in MAKERS:
        sharing.share(kind.what, maker)
        for cp in READERS[maker]:
            found[maker, cp] = sharing.read(kind.what, cp)
            expected[maker, cp] = [kind.value.format(maker)]
    assert found == expected


def test_each_job_runs_its_own_version_on_every_thread(sharing: Sharing) -> None:
    for turn in range(ALTERNATIONS):
        number = 1 + turn % 2
        result = sharing.context.run("VersionThreadsJob", cp=MAKERS[number])
        assert versions(result) == {number}, f"turn {turn}: {result}"


def test_a_kill_hits_its_job_alone(sharing: Sharing) -> None:
    for turn in range(KILLS):
        number = 1 + turn % 2
        doomed = sharing.context.submit("VersionBusyJob", cp=MAKERS[3 - number])
        doomed.wait_running()
        other = sharing.context.submit("VersionThreadsJob", cp=MAKERS[number])
        doomed.kill()
        assert versions(other.result()) == {number}, f"turn {turn}"
        assert doomed.wait()["status"] == "KILLED"


def test_progress_is_that_of_the_job_whose_code_runs(sharing: Sharing) -> None:
    """Both work on the pools of the process, whose threads either may have made."""
    jobs = [
        sharing.context.submit("VersionStayingJob", cp=MAKERS[number])
        for number in MAKERS
    ]

    def done() -> list[tuple[int, int]]:
        said = [sharing.context.client.get(f"/jobs/{job.id}/progress") for job in jobs]
        return [(it.json()["done"], it.json()["total"]) for it in said]

    # Eighteen actions of two tasks.
    until(lambda: done() == [(36, 36)] * 2, "all tasks of both are counted", 80)
    for job in jobs:
        job.kill()
        assert job.wait()["status"] == "KILLED"


def test_a_stream_runs_the_version_that_started_it(sharing: Sharing) -> None:
    for number in (1, 2, 1):
        assert sharing.versions_seen("VersionStreamingJob", number) == {number}


def test_what_outlives_its_job_stays_of_its_version(
    sharing: Sharing, tmp_path: Path
) -> None:
    """Timers and streams go on while jobs of both versions run and are killed."""
    lasting = [("timer", 1), ("timer", 2), ("stream", 1), ("stream", 2), ("dstream", 1)]
    outs = {it: tmp_path / f"{it[0]}-{it[1]}" for it in lasting}
    files = tmp_path / "files"
    files.mkdir()
    end = tmp_path / "end"

    def lines() -> dict[tuple[str, int], list[str]]:
        return {
            it: out.read_text().splitlines() if out.exists() else []
            for it, out in outs.items()
        }

    def work(text: str) -> None:
        (tmp_path / text).write_text("a\nb\n")
        (tmp_path / text).rename(files / text)  # a stream takes whole files
        before = lines()
        until(
            lambda: all(len(now) > len(before[it]) for it, now in lines().items()),
            f"each has worked on: {before}",
            80,
        )

    try:
        for (what, number), out in outs.items():
            config = {"what": what, "out": str(out), "end": str(end)}
            config["input"] = str(files)
            ran = sharing.context.run("VersionLastingJob", config, cp=MAKERS[number])
            assert ran == number
        work("first")
        for number in MAKERS:
            assert sharing.versions_seen("VersionThreadsJob", number) == {number}
            doomed = sharing.context.submit("VersionBusyJob", cp=MAKERS[number])
            doomed.wait_running()
            doomed.kill()
            assert doomed.wait()["status"] == "KILLED"
        work("second")
    finally:
        end.touch()
    assert {it: set(said) for it, said in lines().items()} == {
        (what, number): {str(number)} for what, number in lasting
    }


def test_heartbeats_have_objects_of_the_jobs_own(sharing: Sharing) -> None:
    for number in MAKERS:
        assert sharing.versions_seen("VersionHeartbeatJob", number) == {number}


def test_objects_of_another_version_are_refused(sharing: Sharing) -> None:
    sharing.share("objects", 1)
    assert sharing.context.run("ReadObjectsJob", cp="one") == [1]
    with pytest.raises(RequestFailed, match="ClassCastException"):
        sharing.context.run("ReadObjectsJob", cp="two")


def test_one_query_may_have_a_class_of_both_versions(sharing: Sharing) -> None:
    sharing.share("frame", 1, "NONE")
    found = sharing.context.run("ReadTypedJob", {"together": False}, cp="two")
    assert found == ["1 read by 2"]
    with pytest.raises(RequestFailed, match="2 versions of this class meet here"):
        sharing.context.run("ReadTypedJob", {"together": True}, cp="two")


def test_a_name_on_a_thread_of_nobody_is_explained(sharing: Sharing) -> None:
    with pytest.raises(RequestFailed, match="Sighting is in the job's own jar, but"):
        sharing.context.run("VersionLostJob", cp="one")


# -- executors that end --------------------------------------------------------


def test_executors_that_come_later_read_what_is_shared(sharing: Sharing) -> None:
    if sharing.case.place != "standalone":
        pytest.skip("its executors stay")
    application = str(sharing.context.info()["applicationId"])
    for what in ("objects", "pairs", "typed"):
        sharing.share(what, 1, "MEMORY_ONLY")
        until(lambda: not mentioning(f"--app-id {application}"), "all are gone", 60)
        assert sharing.read(what, "two,examples") == [KIND[what].value.format(1)]


def test_what_is_shared_outlives_executors(
    start_hearthd: StartHearthd, spark: Spark
) -> None:
    server = start_hearthd(spark, settings={"spark.master": MASTERS["cluster"]})
    context = create(server, {"spark.executor.memory": "512m"})

    def shared(cp: str) -> list[str]:
        found: list[str] = context.run("ReadSharedJob", {"what": "rdd"}, cp=cp)
        return found

    config = {"what": "moments", "cached": "MEMORY_ONLY_2"}
    assert context.run("ShareJob", config, cp="one") == 1
    computed = shared("examples")
    os.kill(executors(server)[0], signal.SIGKILL)
    assert shared("examples") == computed, "the other executor has copies"

    # The server has the jar no longer, and the context has had many others since.
    assert context.client.delete("/binaries/one").status == 200
    for n in range(20):
        assert shared(",".join(["two", *["examples"] * (n + 1)])) == computed
    for executor in executors(server):
        os.kill(executor, signal.SIGKILL)
    again = shared("examples")
    assert again != computed
    assert all(it.startswith("Sighting(1,") for it in again)


# -- Kryo ----------------------------------------------------------------------


def test_a_jobs_jar_registers_its_classes(
    start_hearthd: StartHearthd, spark: Spark
) -> None:
    server = start_hearthd(spark, settings={"spark.master": MASTERS["cluster"]})
    context = create(
        server,
        {
            "spark.executor.memory": "512m",
            "spark.serializer": SERIALIZERS["kryo"],
            "spark.kryo.registrationRequired": True,
            "spark.kryo.registrator": "spark.jobserver.SightingRegistrator",
            "spark.kryo.classesToRegister": "spark.jobserver.Registered",
        },
    )
    for number in (1, 2, 1, 2):
        # Written and read twice: by the shuffle, and as the result.
        assert context.run("RegisteredJob", cp=MAKERS[number]) == [
            f"{number} row, read by {number}, read by {number}",
            f"Registered({number})",
        ]

"""Jobs in C++: a native context from the upload to the result."""

from __future__ import annotations

import signal
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.client import Answer, Client
from support.hearthd import BINARY, REPOSITORY, Hearthd
from support.native import NativeContext, create, library, upload
from support.spark import Spark
from support.wait import until


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server with the libraries of the tests."""
    server = start_shared_hearthd(default_spark)
    upload(server.client, "jobs", library("test_jobs_v1"))
    upload(server.client, "crash", library("test_crash_jobs"))
    upload(server.client, "examples", library("hearth-examples-native"))
    return server


@pytest.fixture(scope="module")
def client(hearthd: Hearthd) -> Client:
    """A client of that server."""
    return hearthd.client


@pytest.fixture(scope="module")
def jobs(client: Client) -> NativeContext:
    """A context for tests that leave it as it was."""
    return create(client, "jobs", "jobs")


@pytest.fixture
def examples(client: Client) -> Iterator[NativeContext]:
    """A context for one test."""
    yield create(client, "examples", "examples")
    client.delete("/contexts/examples")


# -- jobs ----------------------------------------------------------------------


def test_sync_and_async(jobs: NativeContext, client: Client) -> None:
    assert jobs.run("greet", {"input": {"name": "Ada"}}) == "Hello, Ada"
    job = jobs.submit("greet", {"input": {"name": "Bob"}})
    assert job.result() == "Hello, Bob"
    assert client.get(f"/jobs/{job.id}/config").json() == {"input": {"name": "Bob"}}
    assert client.get("/binaries/jobs").json()["binary-type"] == "Native"


def test_context_of_a_job(jobs: NativeContext) -> None:
    about = jobs.run("about", {"setting": "num-cpu-cores"})
    assert about["context"] == "jobs"
    assert (about["cores"], about["setting"]) == (2, "2")


def test_ad_hoc_context(client: Client) -> None:
    settings = "context-factory=hearth.native&cp=examples&mainClass=word_count"
    answer = client.post(f"/jobs?sync=true&{settings}", '{"text": "a b a"}')
    assert answer.json()["result"] == [["a", 2], ["b", 1]]
    until(lambda: client.contexts() == [] or client.contexts() == ["jobs"], "it ends")


def test_validation(jobs: NativeContext) -> None:
    for params in ({"sync": True}, {}):
        answer = jobs.start("greet", {"input": {"name": ""}}, **params)
        assert answer.status == 400
        assert answer.json()["status"] == "VALIDATION FAILED"
        assert answer.json()["result"]["message"] == "input.name must not be empty"
    answer = jobs.start("greet", sync=True)
    assert "no value for 'input.name'" in answer.json()["result"]["message"]


def test_exception(jobs: NativeContext) -> None:
    answer = jobs.start("fails", {"message": "oh no"}, sync=True)
    report = answer.json()
    assert (answer.status, report["status"]) == (200, "ERROR")
    assert report["result"]["message"] == "oh no"
    assert "custom_error" in report["result"]["errorClass"]


@pytest.mark.parametrize("name", ["waits", "spins", "streams_on"])
def test_kill(jobs: NativeContext, name: str) -> None:
    job = jobs.submit(name)
    job.wait_running()
    assert job.kill().json() == {"status": "KILLED"}
    assert job.status == "KILLED"


def test_new_version_beside_the_old_one(client: Client) -> None:
    upload(client, "versioned", library("test_jobs_v1"))
    context = create(client, "versioned", "versioned")
    old = context.submit("waits")
    old.wait_running()
    assert [context.run("count_up") for _ in range(2)] == [1, 2]
    assert context.run("shared_shape") == 1
    upload(client, "versioned", library("test_jobs_v2"))
    assert context.run("version") == 2
    assert context.run("count_up") == 1, "a variable of version 1 was seen"
    assert context.run("shared_shape") == 2, "an object of version 1 was seen"
    assert old.status == "RUNNING"
    old.kill()


# -- libraries that cannot be loaded -------------------------------------------


def content_of(name: str) -> Callable[[], bytes]:
    """Read when the test runs: collecting tests needs no build."""
    return lambda: library(name).read_bytes()


def foreign_library() -> bytes:
    """A library that says that it was built for S/390."""
    content = bytearray(library("test_jobs_v1").read_bytes())
    struct.pack_into("<H", content, 18, 22)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (content_of("test_wrong_abi"), "built for version 2.0 of the job interface"),
        (content_of("test_no_jobs"), "it is no job library"),
        (foreign_library, "built for S/390, this machine is"),
    ],
    ids=["abi", "no-jobs", "architecture"],
)
def test_unloadable(
    jobs: NativeContext, content: Callable[[], bytes], message: str
) -> None:
    upload(jobs.client, "bad", content())
    for sync in (True, False):
        answer = jobs.start("version", cp="bad", sync=sync)
        assert answer.status == 400
        assert answer.json()["status"] == "JOB LOADING FAILED"
        assert message in answer.json()["result"]["message"]


def test_unknown_job(jobs: NativeContext) -> None:
    answer = jobs.start("nosuch", sync=True)
    assert answer.status == 404


def test_not_a_library(client: Client) -> None:
    answer = client.request(
        "POST",
        "/binaries/x",
        None,
        b"PK\3\4",
        {"Content-Type": "application/x-sharedlib"},
    )
    assert answer.status == 400
    assert answer.json()["result"] == "Binary is not of the right format"


def test_a_library_that_was_cut_off(jobs: NativeContext) -> None:
    whole = library("test_jobs_v1").read_bytes()
    upload(jobs.client, "cut", whole)
    kind = {"Content-Type": "application/x-sharedlib"}
    for content in (whole[:-1], whole[: len(whole) // 2], b"\x7fELF"):
        answer = jobs.client.request("POST", "/binaries/cut", None, content, kind)
        assert answer.status == 400
        assert "cut off" in answer.json()["result"]
    assert jobs.run("version", cp="cut") == 1, "the good one is still there"


# -- crashes -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("segfault", "SIGSEGV"),
        ("aborts", "SIGABRT"),
        ("uncaught", "SIGABRT"),
        ("overflow", "SIGSEGV"),
        ("divides", "SIGFPE"),
        ("exits", "code 3"),
    ],
)
def test_crash(client: Client, jobs: NativeContext, name: str, reason: str) -> None:
    doomed = create(client, f"doomed-{name}", "crash")
    bystander = doomed.submit("waits", cp="jobs")
    bystander.wait_running()
    seen: list[Answer] = []
    stop = threading.Event()

    def other_context() -> None:
        while not stop.is_set():
            seen.append(jobs.start("version", sync=True))

    load = threading.Thread(target=other_context)
    load.start()
    try:
        report = doomed.start(name, sync=True, timeout=20).json()
        assert report["status"] == "ERROR"
        assert reason in report["result"]["message"]
        assert reason in bystander.wait(10)["result"]["message"]
        until(lambda: doomed.state == "ERROR", "the context is ERROR")
    finally:
        stop.set()
        load.join()
    assert seen
    assert all(a.json()["result"] == 1 for a in seen)


def test_crash_leaves_a_backtrace(hearthd: Hearthd, client: Client) -> None:
    doomed = create(client, "doomed", "crash")
    doomed.start("segfault", sync=True)
    log = "".join(
        f.read_text() for f in (hearthd.data / "contexts").glob("*/driver.log")
    )
    assert "signal 11 (SIGSEGV) at address 0x0 in job" in log


# -- results -------------------------------------------------------------------


def test_large_result(examples: NativeContext) -> None:
    count = 3_000_000
    assert examples.run("numbers", {"count": count}) == list(range(count))


def test_result_over_the_limit(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(
        default_spark, settings={"hearth.jobs.max-result-size": "1MiB"}
    )
    upload(server.client, "examples", library("hearth-examples-native"))
    context = create(server.client, "small", "examples")
    answer = context.start("numbers", {"count": 1_000_000}, sync=True)
    assert answer.json()["status"] == "ERROR"
    assert "limit of 1048576 bytes" in answer.json()["result"]["message"]
    assert context.run("numbers", {"count": 2}) == [0, 1]


# -- the life of its process ---------------------------------------------------


def test_stop_ends_the_process(hearthd: Hearthd, client: Client) -> None:
    before = {p.pid for p in hearthd.drivers()}
    context = create(client, "short", "jobs")
    (agent,) = {p.pid for p in hearthd.drivers()} - before
    job = context.submit("waits")
    job.wait_running()
    assert client.delete("/contexts/short").status == 200
    assert agent not in {p.pid for p in hearthd.drivers()}
    assert job.report()["status"] == "ERROR"


def test_server_that_is_killed(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(
        default_spark, settings={"hearth.agent.orphan-timeout": "1s"}
    )
    create(server.client, "orphan", "jobs")
    server.terminate(signal.SIGKILL)
    server.wait()
    server.expect_no_drivers(10)


# -- the examples --------------------------------------------------------------


def test_table(examples: NativeContext, tmp_path: Path) -> None:
    file = str(tmp_path / "table.csv")
    assert (
        examples.run("make_table", {"file": file, "rows": 1000, "columns": 3}) == 1000
    )
    rows = [
        [float(x) for x in line.split(",")]
        for line in Path(file).read_text().splitlines()[1:]
    ]
    point = rows[7]
    found = examples.run("neighbours", {"file": file, "point": point, "k": 3})
    expected = sorted(
        range(len(rows)),
        key=lambda i: sum((a - b) ** 2 for a, b in zip(rows[i], point, strict=True)),
    )[:3]
    assert [x["row"] for x in found] == expected
    totals = examples.run(
        "aggregate",
        {"file": file, "column": "c0", "where": {"column": "c1", "above": 0.5}},
    )
    chosen = [r[0] for r in rows if r[1] > 0.5]
    assert totals["count"] == len(chosen)
    assert totals["sum"] == pytest.approx(sum(chosen), rel=1e-4)
    answer = examples.start("neighbours", {"file": file, "point": [1]}, sync=True)
    assert answer.json()["status"] == "VALIDATION FAILED"


def test_word_count_of_a_file(examples: NativeContext, tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text("to be or not to be " * 1000)
    assert examples.run("word_count", {"file": str(file), "top": 2}) == [
        ["be", 2000],
        ["to", 2000],
    ]


def test_pi(examples: NativeContext) -> None:
    assert examples.run("pi", {"darts": 2_000_000})["pi"] == pytest.approx(
        3.14, abs=0.02
    )


def test_project_outside_of_the_build(client: Client, tmp_path: Path) -> None:
    prefix, build = tmp_path / "installed", tmp_path / "build"
    for command in (
        ["cmake", "--install", str(BINARY.parent), "--prefix", str(prefix)],
        [
            *("cmake", "-S", str(REPOSITORY / "examples/native"), "-B", str(build)),
            f"-DCMAKE_PREFIX_PATH={prefix}",
        ],
        ["cmake", "--build", str(build)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (prefix / "bin/hearth-agent-native").exists()
    upload(client, "greeting", build / "greeting.so")
    context = create(client, "greeting", "greeting")
    assert context.run("greet", {"name": "Ada"}) == "Hello, Ada!"

"""Native contexts that run each job in a process of its own."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conftest import StartHearthd
from support.client import Answer, Client
from support.hearthd import Hearthd
from support.native import NativeContext, create, library, upload
from support.processes import children
from support.spark import Spark
from support.wait import until

CRASHES = [
    ("segfault", "SIGSEGV"),
    ("aborts", "SIGABRT"),
    ("uncaught", "SIGABRT"),
    ("overflow", "SIGSEGV"),
    ("divides", "SIGFPE"),
    ("exits", "code 3"),
]


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
def apart(client: Client) -> NativeContext:
    """A context whose jobs run in processes of their own."""
    return create(client, "apart", "jobs", isolate="process")


@pytest.fixture(scope="module")
def neighbour(client: Client) -> NativeContext:
    """Another context, which is to notice nothing."""
    return create(client, "neighbour", "jobs")


@contextmanager
def steady_load(context: NativeContext) -> Iterator[None]:
    """Jobs of that context, one after the other; none of them may fail."""
    seen: list[Answer] = []
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            seen.append(context.start("version", sync=True))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        until(lambda: seen, "the load has begun")
        before = len(seen)
        yield
        until(lambda: len(seen) > before, "the load goes on")
    finally:
        stop.set()
        thread.join()
    assert all(x.status == 200 and x.json()["result"] == 1 for x in seen)


def zygote_of(hearthd: Hearthd) -> int:
    """The process that the jobs of the one isolated context come from."""
    drivers = {p.pid for p in hearthd.drivers()}
    agents = [p for p in drivers if not any(p in children(q) for q in drivers)]
    (zygote,) = [c for agent in agents for c in children(agent)]
    return zygote


@pytest.mark.parametrize(("name", "reason"), CRASHES)
def test_crash_costs_its_job_alone(
    apart: NativeContext, neighbour: NativeContext, name: str, reason: str
) -> None:
    beside = apart.submit("waits")
    beside.wait_running()
    with steady_load(neighbour), steady_load(apart):
        report = apart.start(name, cp="crash", sync=True, timeout=20).json()
        assert report["status"] == "ERROR"
        assert reason in report["result"]["message"]
        assert report["result"]["errorClass"] == "hearth::crashed"
        if reason.startswith("SIG"):
            assert f"({reason})" in report["result"]["stack"]
            assert "library-" in report["result"]["stack"], "there is no backtrace"
        assert apart.state == "RUNNING"
    assert beside.status == "RUNNING"
    beside.kill()


@pytest.mark.parametrize(("name", "reason"), CRASHES)
def test_crash_costs_its_context_alone(
    client: Client, neighbour: NativeContext, name: str, reason: str
) -> None:
    doomed = create(client, f"doomed-{name}", "crash")
    with steady_load(neighbour):
        report = doomed.start(name, sync=True, timeout=20).json()
        assert report["status"] == "ERROR"
        assert reason in report["result"]["message"]


def test_kill_9_of_a_job(
    hearthd: Hearthd, apart: NativeContext, neighbour: NativeContext
) -> None:
    job = apart.submit("waits")
    job.wait_running()
    (child,) = until(lambda: children(zygote_of(hearthd)), "its process is there")
    with steady_load(neighbour), steady_load(apart):
        os.kill(child, signal.SIGKILL)
        assert "SIGKILL" in job.wait(10)["result"]["message"]
    assert apart.state == "RUNNING"


def test_jobs_work_as_elsewhere(apart: NativeContext) -> None:
    assert apart.run("greet", {"input": {"name": "Ada"}}) == "Hello, Ada"
    about = apart.run("about", {"setting": "num-cpu-cores"})
    assert (about["context"], about["cores"]) == ("apart", 2)
    refused = apart.start("greet", {"input": {"name": ""}}, sync=True)
    assert refused.json()["status"] == "VALIDATION FAILED"
    failed = apart.start("fails", {"message": "oh no"}, sync=True).json()
    assert failed["result"]["message"] == "oh no"
    assert apart.start("nosuch", sync=True).status == 404


def test_pool_and_large_results(apart: NativeContext) -> None:
    pi = apart.run("pi", {"darts": 2_000_000}, cp="examples")["pi"]
    assert pi == pytest.approx(3.14, abs=0.02)
    count = 1_000_000
    assert apart.run("numbers", {"count": count}, cp="examples") == list(range(count))


def test_nothing_is_shared(apart: NativeContext) -> None:
    assert [apart.run("count_up") for _ in range(2)] == [1, 1]
    answer = apart.start("shared_shape", sync=True).json()
    assert answer["status"] == "ERROR"
    assert "isolate=process" in answer["result"]["message"]


@pytest.mark.parametrize("name", ["waits", "spins", "streams_on"])
def test_kill(hearthd: Hearthd, apart: NativeContext, name: str) -> None:
    job = apart.submit(name)
    job.wait_running()
    assert job.kill().json() == {"status": "KILLED"}
    assert job.status == "KILLED"
    until(lambda: not children(zygote_of(hearthd)), "its process is gone")


def test_no_process_outlives_its_agent(hearthd: Hearthd, client: Client) -> None:
    before = {p.pid for p in hearthd.drivers()}
    doomed = create(client, "beheaded", "jobs", isolate="process")
    job = doomed.submit("waits")
    job.wait_running()
    new = {p.pid for p in hearthd.drivers()} - before
    (agent,) = [p for p in new if not any(p in children(q) for q in new)]
    os.kill(agent, signal.SIGKILL)
    until(
        lambda: {p.pid for p in hearthd.drivers()} <= before, "all processes are gone"
    )
    assert job.wait(10)["status"] == "ERROR"


def test_unknown_isolation(client: Client) -> None:
    answer = client.post(
        "/contexts/odd?context-factory=hearth.native&isolate=thread", ""
    )
    assert answer.status == 500
    message = answer.json()["result"]["message"]
    assert "isolate has to be 'process'" in message
    assert "not 'thread'" in message

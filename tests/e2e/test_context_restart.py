"""Contexts that come back: on request, by their policy, after a stubborn job."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.client import Answer, Client
from support.hearthd import Hearthd
from support.native import NativeContext, create, library, upload
from support.spark import Spark
from support.wait import until

NAMES = (f"c{i}" for i in count())


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server that is quick about everything, with the libraries of the tests."""
    server = start_shared_hearthd(
        default_spark,
        settings={
            "hearth.contexts.restart-backoff": "50ms",
            "hearth.contexts.kill-timeout": "1s",
        },
    )
    upload(server.client, "jobs", library("test_jobs_v1"))
    upload(server.client, "crash", library("test_crash_jobs"))
    server.client.upload("examples", default_spark.examples)
    return server


@pytest.fixture(scope="module")
def client(hearthd: Hearthd) -> Client:
    """A client of that server."""
    return hearthd.client


class Contexts:
    """Makes contexts for one test and looks at their processes."""

    def __init__(self, server: Hearthd) -> None:
        self.server = server
        self.names: list[str] = []

    def __call__(self, **settings: object) -> NativeContext:
        """A native context with a name of its own."""
        name = next(NAMES)
        self.names.append(name)
        text = {k.replace("_", "-"): v for k, v in settings.items()}
        return create(self.server.client, name, "jobs", **text)

    def process(self, context: NativeContext) -> int:
        """The pid of a context's process; 0 while there is none."""
        info = self.server.client.get(f"/contexts/{context.name}").json()
        found = [p.pid for p in self.server.drivers() if info["id"] in p.command]
        return found[0] if found else 0

    def kill(self, context: NativeContext, sign: int = signal.SIGKILL) -> int:
        """Signals a context's process. Returns which that was."""
        pid = self.process(context)
        os.kill(pid, sign)
        return pid

    def wait_for_another(self, context: NativeContext, than: int) -> None:
        """Returns once the context takes jobs in another process."""

        def back() -> bool:
            return context.state == "RUNNING" and self.process(context) not in (0, than)

        until(back, "the context is back in another process", 20)


@pytest.fixture
def contexts(hearthd: Hearthd) -> Iterator[Contexts]:
    """Contexts that are gone after the test."""
    made = Contexts(hearthd)
    yield made
    for name in made.names:
        hearthd.client.delete(f"/contexts/{name}", force=True)


def info(context: NativeContext) -> dict[str, object]:
    """What GET /contexts/NAME says."""
    found: dict[str, object] = context.client.get(f"/contexts/{context.name}").json()
    return found


# -- on request ----------------------------------------------------------------


def test_restart(contexts: Contexts, client: Client) -> None:
    context = contexts(restart="never")
    before, process = info(context), contexts.process(context)
    job = context.submit("waits")
    job.wait_running()
    answer = client.post(f"/contexts/{context.name}/restart")
    assert (answer.status, answer.json()) == (
        200,
        {"status": "SUCCESS", "result": "Context restarted"},
    )
    assert contexts.process(context) not in (0, process)
    after = info(context)
    assert (after["id"], after["state"]) == (before["id"], "RUNNING")
    assert context.run("greet", {"input": {"name": "Ada"}}) == "Hello, Ada"
    assert "a restart was asked for" in job.report()["result"]["message"]
    assert job.status == "ERROR"


def test_restart_of_a_spark_context(hearthd: Hearthd) -> None:
    client = hearthd.client
    context = client.create_context("sparkling")
    driver = hearthd.driver()
    assert client.post("/contexts/sparkling/restart").status == 200
    assert hearthd.driver().pid != driver.pid
    assert context.run("VeryShortDoubleJob") == [2, 4, 6]
    context.stop()


def test_restart_of_an_unknown_context(client: Client) -> None:
    answer = client.post("/contexts/nosuch/restart")
    assert answer.status == 404
    assert answer.json()["result"] == "context nosuch not found"
    assert client.post("/contexts/nosuch/restart", jobs="maybe").status == 400


@pytest.mark.parametrize("jobs", ["wait", "refuse"])
def test_jobs_that_arrive_during_a_restart(
    contexts: Contexts, client: Client, jobs: str
) -> None:
    context = contexts()
    # It does not listen for a while, so that the restart takes its time.
    process = contexts.process(context)
    os.kill(process, signal.SIGSTOP)
    answers: list[Answer] = []
    restart = threading.Thread(
        target=lambda: answers.append(
            client.post(f"/contexts/{context.name}/restart", jobs=jobs)
        )
    )
    restart.start()
    until(lambda: context.state == "RESTARTING", "it restarts")
    arrived: list[Answer] = []
    submit = threading.Thread(
        target=lambda: arrived.append(
            context.start("greet", {"input": {"name": "Ada"}}, sync=True, timeout=30)
        )
    )
    submit.start()
    if jobs == "refuse":
        submit.join(10)
        assert arrived[0].status == 409
    os.kill(process, signal.SIGCONT)
    restart.join(30)
    submit.join(30)
    assert answers[0].status == 200
    if jobs == "wait":
        assert arrived[0].json()["result"] == "Hello, Ada"


# -- by its policy -------------------------------------------------------------


def test_crash_is_followed_by_another_process(contexts: Contexts) -> None:
    context = contexts(restart="on-failure")
    process = contexts.process(context)
    bystander = context.submit("waits")
    bystander.wait_running()
    report = context.start("segfault", cp="crash", sync=True, timeout=20).json()
    assert "SIGSEGV" in report["result"]["message"]
    assert "signal 11 (SIGSEGV) at address" in report["result"]["stack"]
    assert bystander.wait(5)["status"] == "ERROR"
    # It waits for the context to come back.
    assert context.run("version") == 1
    assert contexts.process(context) != process
    assert "error" not in info(context)


def test_circuit_breaker(contexts: Contexts) -> None:
    context = contexts(restart="on-failure", restart_limit=2)
    for _ in range(2):
        contexts.wait_for_another(context, contexts.kill(context))
    contexts.kill(context)
    until(lambda: context.state == "ERROR", "it gives up")
    reason = info(context)["error"]
    assert "failed 3 times" in str(reason)
    assert "SIGKILL" in str(reason)
    assert context.start("version").status == 404


def test_jobs_are_refused_while_it_comes_back(contexts: Contexts) -> None:
    context = contexts(
        restart="always", restart_backoff="30s", jobs_while_restarting="refuse"
    )
    contexts.kill(context)
    until(lambda: context.state == "RESTARTING", "it waits")
    answer = context.start("version")
    assert answer.status == 503
    assert answer.headers["retry-after"]
    # Who asks for it need not wait for the end of the pause.
    assert context.client.post(f"/contexts/{context.name}/restart").status == 200
    assert context.run("version") == 1


def test_init_job(contexts: Contexts, client: Client) -> None:
    context = contexts(
        restart="on-failure",
        **{
            "init-job.mainClass": "count_up",
            "init-job.cp": "jobs",
        },
    )
    assert context.run("count_up") == 2
    contexts.wait_for_another(context, contexts.kill(context))
    assert context.run("count_up") == 2
    answer = client.post(
        "/contexts/bad-init",
        'context-factory = hearth.native, init-job { mainClass = fails, cp = "jobs",'
        ' config { message = "no data" } }',
    )
    assert answer.status == 500
    assert answer.json()["status"] == "CONTEXT INIT ERROR"
    assert "the init job fails failed: no data" in answer.json()["result"]["message"]


def test_limits_of_a_context(contexts: Contexts) -> None:
    idle = contexts(idle_timeout="100ms")
    until(lambda: idle.state == "FINISHED", "it ends when it is idle")
    assert "idle-timeout" in str(info(idle)["error"])
    old = contexts(max_lifetime="100ms", restart="always")
    process = contexts.process(old)
    contexts.wait_for_another(old, process)
    strict = contexts(stop_context_on_job_error="true")
    strict.start("fails", sync=True)
    until(lambda: strict.state == "FINISHED", "it ends with a job that fails")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("restart", "sometimes"),
        ("restart-limit", "0"),
        ("idle-timeout", "soon"),
        ("kill-escalation", "bomb"),
        ("init-job.cp", "jobs"),
        ("stop-context-on-job-error", "perhaps"),
    ],
)
def test_settings_that_make_no_sense(client: Client, key: str, value: str) -> None:
    answer = client.post("/contexts/never-made", **{key: value})
    assert answer.status == 400
    assert key.split(".", maxsplit=1)[0] in answer.json()["result"]


# -- the kill ladder -----------------------------------------------------------


def test_stubborn_job(contexts: Contexts) -> None:
    context = contexts(restart="on-failure")
    process = contexts.process(context)
    other = context.submit("waits")
    job = context.submit("endures")
    job.wait_running()
    assert job.kill().json() == {"status": "KILLED"}
    assert not Path(f"/proc/{process}").exists()
    report = job.report()
    assert report["status"] == "KILLED"
    assert report["result"]["message"] == f"Job {job.id} killed"
    assert "asked its agent to cancel" in report["result"]["stack"]
    assert "ended the process of context" in report["result"]["stack"]
    assert job.id in other.wait()["result"]["message"]
    contexts.wait_for_another(context, process)
    assert context.run("version") == 1


def test_stubborn_job_by_force(contexts: Contexts, client: Client) -> None:
    context = contexts(kill_timeout="1 hour", kill_escalation="none")
    job = context.submit("endures")
    job.wait_running()
    assert client.delete(f"/jobs/{job.id}", force=True).json() == {"status": "KILLED"}
    until(lambda: context.state == "ERROR", "its context ended")
    assert client.delete(f"/jobs/{job.id}", force="maybe").status == 400


def test_stubborn_job_that_is_left_alone(contexts: Contexts) -> None:
    context = contexts(kill_timeout="100ms", kill_escalation="none")
    job = context.submit("endures")
    job.wait_running()
    answer = job.kill()
    assert answer.status == 504
    assert "force=true" in answer.json()["result"]
    assert job.status == "RUNNING"
    assert context.run("version") == 1


def test_stubborn_spark_job(hearthd: Hearthd) -> None:
    context = hearthd.client.create_context("stubborn", {"restart": "on-failure"})
    driver = hearthd.driver()
    job = context.submit("UninterruptibleJob", {"duration": 600000})
    job.wait_running()
    assert job.kill().json() == {"status": "KILLED"}
    assert not Path(f"/proc/{driver.pid}").exists()
    assert context.run("VeryShortDoubleJob") == [2, 4, 6]
    context.stop()

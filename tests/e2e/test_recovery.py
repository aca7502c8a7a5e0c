"""A server that is killed, or detaches itself, and its successor."""

from __future__ import annotations

import os
import signal
import threading
import time
from http.client import HTTPException

import pytest

from conftest import StartHearthd
from support.client import Answer
from support.hearthd import Hearthd
from support.native import NativeContext, create, library, upload
from support.spark import Spark
from support.wait import until

ROUNDS = int(os.environ.get("HEARTH_TEST_KILLS", "3"))
"""How often a server is killed under load."""


def start(start_hearthd: StartHearthd, spark: Spark, **settings: object) -> Hearthd:
    """A server with the libraries of the tests."""
    text = {f"hearth.{k.replace('_', '-')}": v for k, v in settings.items()}
    server = start_hearthd(spark, settings=text)
    upload(server.client, "jobs", library("test_jobs_v1"))
    return server


def again(server: Hearthd, context: NativeContext) -> NativeContext:
    """The context as the next server has it, once it takes jobs."""
    server.start()
    same = NativeContext(server.client, context.name, context.binary)
    until(lambda: "error" not in info(same), "its agent is back", 15)
    return same


def info(context: NativeContext) -> dict[str, object]:
    """What GET /contexts/NAME says."""
    found: dict[str, object] = context.client.get(f"/contexts/{context.name}").json()
    found.pop("stateVersion")
    return found


def test_jobs_go_on(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    server = start(start_hearthd, default_spark)
    context = create(server.client, "kept", "jobs")
    before = info(context)
    (agent,) = server.drivers()
    running = context.submit("waits")
    running.wait_running()
    brief = context.submit("naps", {"millis": 300})
    brief.wait_running()
    assert context.run("count_up") == 1
    server.kill()
    same = again(server, context)
    assert info(same) == before
    assert [p.pid for p in server.drivers()] == [agent.pid]
    # It ended while there was no server, or soon after: once.
    assert server.client.job(brief.id).result() == 300
    assert server.client.job(running.id).status == "RUNNING"
    assert same.run("count_up") == 2
    assert server.client.job(running.id).kill().json() == {"status": "KILLED"}
    # Both slots are free again: eight fit.
    jobs = [same.submit("waits") for _ in range(8)]
    assert same.start("waits").status == 503
    for job in jobs:
        job.kill()


def test_end_without_a_server(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start(start_hearthd, default_spark)
    context = create(server.client, "kept", "jobs")
    job = context.submit("naps", {"millis": 200})
    job.wait_running()
    server.kill()
    over = time.monotonic() + 0.3
    until(lambda: time.monotonic() > over, "the job's time is over")
    same = again(server, context)
    assert server.client.job(job.id).result() == 200
    assert same.run("version") == 1
    # Twice: what was delivered once is not delivered again.
    server.kill()
    again(server, context)
    assert server.client.job(job.id).result() == 200


def test_spark_jobs_go_on(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    server = start_hearthd(default_spark)
    server.client.upload("examples", default_spark.examples)
    context = server.client.create_context("kept")
    driver = server.driver()
    job = context.submit("SleepJob", {"sleep": {"time": {"millis": 3000}}})
    job.wait_running()
    server.kill()
    server.start()
    same = server.client.create_context  # the name is taken
    with pytest.raises(AssertionError, match="context kept exists"):
        same("kept")
    assert server.client.job(job.id).result() == 3000
    assert server.client.run("VeryShortDoubleJob", context="kept") == [2, 4, 6]
    assert server.driver().pid == driver.pid
    assert server.client.delete("/contexts/kept").status == 200
    server.expect_no_drivers()


def test_context_that_died_meanwhile(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start(start_hearthd, default_spark)
    context = create(server.client, "lost", "jobs")
    job = context.submit("waits")
    job.wait_running()
    (agent,) = server.drivers()
    server.kill()
    os.kill(agent.pid, signal.SIGKILL)
    server.expect_no_drivers()
    server.start()
    found = server.client.get("/contexts/lost").json()
    assert found["state"] == "ERROR"
    assert "ended while there was no server" in found["error"]["message"]
    report = server.client.job(job.id).report()
    assert report["status"] == "ERROR"
    assert "ended while there was no server" in report["result"]["message"]
    create(server.client, "lost", "jobs")


def test_context_that_does_not_answer(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start(
        start_hearthd,
        default_spark,
        recovery_timeout="500ms",
        **{"contexts.kill_timeout": "200ms"},
    )
    context = create(server.client, "hung", "jobs")
    job = context.submit("waits")
    job.wait_running()
    (agent,) = server.drivers()
    os.kill(agent.pid, signal.SIGSTOP)
    server.kill()
    server.start()
    until(
        lambda: server.client.get("/contexts/hung").json()["state"] == "ERROR",
        "it is given up",
    )
    found = server.client.get("/contexts/hung").json()
    assert "did not report" in found["error"]["message"]
    assert server.client.job(job.id).wait()["status"] == "ERROR"
    server.expect_no_drivers()


def test_jobs_wait_for_a_context_that_is_recovered(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start(start_hearthd, default_spark)
    create(server.client, "kept", "jobs")
    (agent,) = server.drivers()
    os.kill(agent.pid, signal.SIGSTOP)
    server.kill()
    server.start()
    assert server.client.get("/contexts").json() == ["kept"]
    assert server.client.get("/contexts/kept").json()["state"] == "RUNNING"
    context = NativeContext(server.client, "kept", "jobs")
    answers: list[Answer] = []
    waiting = threading.Thread(
        target=lambda: answers.append(context.start("version", sync=True, timeout=20))
    )
    waiting.start()
    os.kill(agent.pid, signal.SIGCONT)
    waiting.join(20)
    assert answers[0].json()["result"] == 1


def test_detach(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    server = start(start_hearthd, default_spark, shutdown="detach")
    context = create(server.client, "kept", "jobs")
    (agent,) = server.drivers()
    job = context.submit("waits")
    job.wait_running()
    server.terminate()
    assert server.wait(20) == 0
    assert [p.pid for p in server.drivers()] == [agent.pid]
    same = again(server, context)
    assert server.client.job(job.id).status == "RUNNING"
    assert same.run("version") == 1
    assert server.client.delete("/contexts/kept").status == 200
    server.expect_no_drivers()


def test_kills_under_load(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    """What was answered 202 has a final state afterwards, and ran once."""
    server = start(start_hearthd, default_spark)
    context = create(server.client, "busy", "jobs", **{"max-jobs-per-context": 64})
    accepted: list[str] = []
    for _ in range(ROUNDS):
        stop = threading.Event()
        clients = [
            threading.Thread(target=load, args=(context, stop, accepted))
            for _ in range(4)
        ]
        for client in clients:
            client.start()
        wait_for_more(accepted, 30)
        server.kill()
        stop.set()
        for client in clients:
            client.join()
        context = again(server, context)
    for job_id in accepted:
        assert server.client.job(job_id).wait()["status"] == "FINISHED"
    free = [context.submit("waits") for _ in range(64)]
    for job in free:
        job.kill()


def load(context: NativeContext, stop: threading.Event, accepted: list[str]) -> None:
    """Submits jobs until it is told to stop, or the server is gone."""
    while not stop.is_set():
        try:
            answer = context.start("naps", {"millis": 20})
        except (OSError, HTTPException):
            return
        if answer.status == 202:
            accepted.append(answer.json()["jobId"])


def wait_for_more(accepted: list[str], count: int) -> None:
    """Returns once that many more jobs were accepted."""
    enough = len(accepted) + count
    until(lambda: len(accepted) >= enough, "jobs are accepted")

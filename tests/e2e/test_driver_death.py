"""A driver that dies, or hangs, is noticed; what it ran ends with a reason."""

import os
import signal
import threading
import time

from conftest import StartHearthd
from support.client import Answer, Context
from support.hearthd import Hearthd
from support.spark import Spark
from support.wait import until


def with_running_job(server: Hearthd, name: str) -> Context:
    """A context; the binary of the examples is there."""
    server.client.upload("examples", server.spark.examples)
    return server.client.create_context(name)


def test_killed_driver(start_hearthd: StartHearthd, spark: Spark) -> None:
    server = start_hearthd(spark)
    context = with_running_job(server, "mortal")
    job = context.submit("SleepJob", {"sleep": {"time": {"millis": 60000}}})
    job.wait_running()
    answers: list[Answer] = []
    waiting = threading.Thread(
        target=lambda: answers.append(
            context.start(
                "SleepJob",
                {"sleep": {"time": {"millis": 60000}}},
                sync=True,
                timeout=60,
            )
        )
    )
    waiting.start()
    until(lambda: len(server.client.get("/jobs", status="running").json()) == 2, "both")

    os.kill(server.driver().pid, signal.SIGKILL)
    killed = time.monotonic()

    until(lambda: context.state == "ERROR", "the context is ERROR", 2)
    report = job.wait(2)
    waiting.join(2)
    assert time.monotonic() - killed < 3
    assert report["status"] == "ERROR"
    assert "mortal" in report["result"]["message"]
    assert report["duration"].endswith(" secs")
    assert answers, "the sync request still waits"
    assert answers[0].json()["status"] == "ERROR"
    assert server.client.contexts() == []
    info = context.info()
    assert info["endTime"] != "Empty"
    assert context.start("VeryShortDoubleJob").status == 404

    again = server.client.create_context("mortal")
    assert again.run("VeryShortDoubleJob") == [2, 4, 6]
    assert again.info()["id"] != info["id"]
    assert job.report() == report


def test_stopped_driver(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    """A process that hangs keeps its connection: heartbeats notice it."""
    server = start_hearthd(
        default_spark,
        settings={
            "hearth.agent.heartbeat": "500ms",
            "hearth.agent.heartbeat-timeout": "1500ms",
            "hearth.agent.redial-timeout": "1s",
            "hearth.contexts.kill-timeout": "500ms",
        },
    )
    context = with_running_job(server, "hung")
    job = context.submit("SleepJob", {"sleep": {"time": {"millis": 60000}}})
    job.wait_running()
    os.kill(server.driver().pid, signal.SIGSTOP)
    report = job.wait(15)
    assert report["status"] == "ERROR"
    until(lambda: context.state == "ERROR", "the context is ERROR", 15)
    server.expect_no_drivers()


def test_job_that_exits_the_process(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """A job that stops everybody's Spark context does not leave a zombie."""
    server = start_hearthd(default_spark)
    context = with_running_job(server, "stopped")
    context.start("StopContextJob", sync=True)
    until(
        lambda: context.state in ("ERROR", "KILLED", "FINISHED"),
        "the context ended",
        15,
    )
    server.expect_no_drivers()
    again = server.client.create_context("stopped")
    assert again.run("VeryShortDoubleJob") == [2, 4, 6]

"""Contexts that take long to end, are forced, reset, or run on a cluster."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from conftest import StartHearthd
from support import processes
from support.native import create, library, upload
from support.spark import Spark, StandaloneCluster
from support.wait import until


def test_delete_that_takes_long(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(
        default_spark,
        settings={
            "spark.jobserver.context-deletion-timeout": "200ms",
            "hearth.contexts.kill-timeout": "300ms",
        },
    )
    client = server.client
    upload(client, "jobs", library("test_jobs_v1"))
    context = create(client, "slow", "jobs")
    (agent,) = server.drivers()
    os.kill(agent.pid, signal.SIGSTOP)
    answer = client.delete("/contexts/slow")
    assert answer.status == 202
    assert answer.headers["location"] == "/contexts/slow"
    assert client.get(answer.headers["location"]).json()["state"] == "STOPPING"
    refused = context.start("version")
    assert refused.status == 409
    assert refused.json() == {"status": "ERROR", "result": "Context stop in progress"}
    until(lambda: context.state == "FINISHED", "it is stopped in the end")
    server.expect_no_drivers()


def test_delete_by_force(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    server = start_hearthd(default_spark)
    upload(server.client, "jobs", library("test_jobs_v1"))
    for _ in range(3):
        # The name is free when the delete has answered.
        context = create(server.client, "forced", "jobs")
        job = context.submit("endures")
        job.wait_running()
        assert server.client.delete("/contexts/forced", force=True).status == 200
        assert server.drivers() == []
        assert job.report()["status"] == "ERROR"


def test_reset(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    server = start_hearthd(
        default_spark,
        config="spark.contexts.first { context-factory = hearth.native }",
    )
    client = server.client

    def fresh() -> bool:
        return (
            client.contexts() == ["first"]
            and client.get("/contexts/first").json()["state"] == "RUNNING"
        )

    until(fresh, "the context of the configuration runs")
    upload(client, "jobs", library("test_jobs_v1"))
    before = client.get("/contexts/first").json()["id"]
    create(client, "second", "jobs")
    answer = client.request("PUT", "/contexts", {"reset": "reboot"})
    assert answer.json()["result"] == "Context reset"
    assert fresh()
    assert client.get("/contexts/first").json()["id"] != before
    create(client, "second", "jobs")
    answer = client.request("PUT", "/contexts", {"reset": "reboot", "sync": "false"})
    assert answer.json()["result"] == "Context reset requested"
    until(fresh, "it is reset")


def test_stubborn_job_on_a_cluster(
    start_hearthd: StartHearthd, default_spark: Spark, tmp_path: Path
) -> None:
    """Its application ends with its driver: no executor stays."""
    with StandaloneCluster(default_spark, tmp_path / "cluster") as cluster:
        server = start_hearthd(
            default_spark,
            settings={
                "spark.master": cluster.url,
                "hearth.contexts.kill-timeout": "1s",
            },
        )
        server.client.upload("examples", default_spark.examples)
        context = server.client.create_context("stubborn")
        context.run("VeryShortDoubleJob")
        application = f"--app-id {context.info()['applicationId']}"
        assert processes.mentioning(application)
        job = context.submit("UninterruptibleJob", {"duration": 600000})
        job.wait_running()
        assert job.kill().json() == {"status": "KILLED"}
        server.expect_no_drivers(0)
        until(lambda: not processes.mentioning(application), "no executor stays")
        assert context.state == "ERROR"


def test_what_a_killed_agent_left_goes(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """But for its log, and for what jobs wrote where they work."""
    server = start_hearthd(default_spark)
    upload(server.client, "jobs", library("test_jobs_v1"))
    context = create(server.client, "c", "jobs")
    folder = (
        server.data / "contexts" / str(server.client.get("/contexts/c").json()["id"])
    )
    for name in ("library-1-1.so", "result-1.json", "library.so", "result.txt"):
        (folder / name).write_text("x")
    (folder / "files/binaries").mkdir(parents=True)
    (folder / "files/binaries/x.jar").write_text("x")
    os.kill(server.drivers()[0].pid, signal.SIGKILL)
    until(lambda: context.state == "ERROR", "its end is noticed")
    left = {x.name for x in folder.iterdir()}
    assert left == {"driver.log", "library.so", "result.txt"}

"""Histories: what became of jobs and contexts, and a stopped process."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from conftest import StartHearthd
from support.client import Client
from support.hearthd import Hearthd
from support.native import create, library, upload
from support.spark import Spark
from support.wait import until


@pytest.fixture
def hearthd(start_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server that notices soon."""
    server = start_hearthd(
        default_spark,
        settings={
            "hearth.agent.heartbeat": "100ms",
            "hearth.agent.heartbeat-timeout": "500ms",
            "hearth.contexts.reconcile": "200ms",
            "hearth.contexts.kill-timeout": "300ms",
        },
    )
    upload(server.client, "jobs", library("test_jobs_v1"))
    return server


def history(client: Client, path: str) -> list[dict[str, str]]:
    """The entries of a history, checked for their order."""
    answer = client.get(f"{path}/history")
    assert answer.status == 200, answer.text
    entries: list[dict[str, str]] = answer.json()["history"]
    times = [entry["time"] for entry in entries]
    assert times == sorted(times)
    return entries


def states(entries: list[dict[str, str]]) -> list[str]:
    """The states of a history, each once."""
    found: list[str] = []
    for entry in entries:
        if not found or found[-1] != entry["state"]:
            found.append(entry["state"])
    return found


def info(client: Client, name: str) -> dict[str, Any]:
    """What GET /contexts/NAME says."""
    found: dict[str, Any] = client.get(f"/contexts/{name}").json()
    return found


def test_history_of_a_plain_job(hearthd: Hearthd) -> None:
    context = create(hearthd.client, "c", "jobs")
    job = context.submit("naps", {"millis": 100})
    job.wait_running()
    running = job.report()
    assert job.result() == 100
    report = job.report()
    assert report["stateVersion"] == running["stateVersion"] + 1
    entries = history(hearthd.client, f"/jobs/{job.id}")
    assert [entry["state"] for entry in entries] == ["STARTED", "RUNNING", "FINISHED"]
    assert entries[0]["time"] == report["startTime"]
    assert entries[1]["time"] == running["since"]
    assert entries[2]["time"] == report["since"]
    assert hearthd.client.get("/jobs/nope/history").status == 404


def test_history_of_a_kill(hearthd: Hearthd) -> None:
    context = create(hearthd.client, "c", "jobs", restart="on-failure")
    job = context.submit("endures")
    job.wait_running()
    assert job.kill().json() == {"status": "KILLED"}
    entries = history(hearthd.client, f"/jobs/{job.id}")
    assert states(entries) == ["STARTED", "RUNNING", "KILLED"]
    reasons = [entry["reason"] for entry in entries]
    assert "kill: asked its agent to cancel and interrupt it" in reasons
    assert "kill: ended the process of context c" in reasons
    until(lambda: context.state == "RUNNING", "the context is back")
    of_context = history(hearthd.client, "/contexts/c")
    assert states(of_context) == ["STARTED", "RUNNING", "RESTARTING", "RUNNING"]
    assert any("SIGKILL" in entry["reason"] for entry in of_context)
    assert any("did not end when it was killed" in e["reason"] for e in of_context)


def test_history_of_a_context_through_servers(hearthd: Hearthd) -> None:
    context = create(hearthd.client, "c", "jobs")
    before = info(hearthd.client, "c")
    hearthd.kill()
    hearthd.start()
    until(lambda: "error" not in info(hearthd.client, "c"), "its agent is back")
    after = info(hearthd.client, "c")
    assert after["since"] == before["since"]
    assert after["stateVersion"] > before["stateVersion"]
    hearthd.client.delete("/contexts/c")
    last = info(hearthd.client, "c")
    assert last["state"] == "FINISHED"
    assert last["since"] == last["endTime"]
    entries = history(hearthd.client, "/contexts/c")
    assert states(entries) == ["STARTED", "RUNNING", "STOPPING", "FINISHED"]
    assert any("the server was started again" in e["reason"] for e in entries)
    assert hearthd.client.get(f"/contexts/{context.name}x/history").status == 404


def test_a_stopped_process_is_shown_and_comes_back(hearthd: Hearthd) -> None:
    context = create(hearthd.client, "c", "jobs")
    job = context.submit("naps", {"millis": 600})
    job.wait_running()
    (agent,) = hearthd.drivers()
    os.kill(agent.pid, signal.SIGSTOP)
    shown = until(lambda: info(hearthd.client, "c").get("error"), "it is noticed")
    assert "SIGSTOP" in shown["message"] or "silent" in shown["message"]
    until(
        lambda: any(
            "lost its agent" in e["reason"]
            for e in history(hearthd.client, "/contexts/c")
        ),
        "its heartbeat is missed",
    )
    assert context.state == "RUNNING"
    # A job that arrives meanwhile waits for it.
    late = context.start("naps", {"millis": 1}, sync=True, timeout=0)
    assert late.status == 500
    os.kill(agent.pid, signal.SIGCONT)
    until(lambda: "error" not in info(hearthd.client, "c"), "it is well again")
    assert job.result() == 600
    assert hearthd.client.job(late.json()["jobId"]).result() == 1
    reasons = [e["reason"] for e in history(hearthd.client, "/contexts/c")]
    assert "its agent is back" in reasons


def test_a_process_that_stays_stopped_is_ended(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(
        default_spark,
        settings={
            "hearth.agent.heartbeat": "100ms",
            "hearth.agent.heartbeat-timeout": "300ms",
            "hearth.agent.redial-timeout": "300ms",
            "hearth.contexts.kill-timeout": "300ms",
        },
    )
    upload(server.client, "jobs", library("test_jobs_v1"))
    context = create(server.client, "c", "jobs")
    (agent,) = server.drivers()
    os.kill(agent.pid, signal.SIGSTOP)
    until(lambda: context.state == "ERROR", "it is given up")
    assert "its agent was lost" in info(server.client, "c")["error"]["message"]
    server.expect_no_drivers()

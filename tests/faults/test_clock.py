"""A clock that jumps by an hour, forwards and backwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.client import Job
from support.hearthd import Hearthd
from support.native import NativeContext, create, library, upload
from support.servers import StartHearthd
from support.spark import Spark
from support.wait import until

LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """A file that says by how many seconds the server's clock is wrong."""
    assert Path(LIBRARY).exists(), "run scripts/install-deps test"
    file = tmp_path / "clock"
    file.write_text("+0\n")
    return file


@pytest.fixture
def hearthd(start_hearthd: StartHearthd, default_spark: Spark, clock: Path) -> Hearthd:
    """A server with that clock; real time spans stay what they are."""
    server = start_hearthd(
        default_spark,
        settings={"hearth.contexts.kill-timeout": "500ms"},
        environment={
            "LD_PRELOAD": LIBRARY,
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        },
    )
    upload(server.client, "jobs", library("test_jobs_v1"))
    return server


@pytest.mark.parametrize("jump", [3600, -3600], ids=["forwards", "backwards"])
def test_a_clock_that_jumps(hearthd: Hearthd, clock: Path, jump: int) -> None:
    client = hearthd.client
    context = create(client, "c", "jobs", **{"max-jobs-per-context": 4})
    running = context.submit("waits")
    running.wait_running()
    file = clock.with_name("file")
    ends = context.submit("waits_for_file", {"file": str(file)})
    ends.wait_running()
    stubborn = context.submit("endures")
    stubborn.wait_running()
    blocks = context.submit("waits")
    blocks.wait_running()
    waits = context.submit("version", queue=True, **{"max-wait": 1})
    versions = {job.id: job.report()["stateVersion"] for job in (running, ends)}
    before = running.report()["startTime"]

    clock.write_text(f"{jump:+d}\n")
    jumped = context.submit("version", queue=True)
    assert (jumped.report()["startTime"] > before) == (jump > 0)

    # Timers that were set go off, though the clock says otherwise.
    assert "max-wait" in waits.wait()["result"]["message"]
    # Jobs went on, and those that waited still do.
    assert running.status == "RUNNING"
    assert jumped.report()["queued"] == 1
    file.touch()
    assert ends.result() == "found"
    for job in (running, ends):
        assert job.report()["stateVersion"] >= versions[job.id]
    assert running.kill().json() == {"status": "KILLED"}
    assert jumped.result() == 1
    assert stubborn.kill().json() == {"status": "KILLED"}
    for job in (running, ends, waits, jumped, stubborn):
        check_report(job)
    idle = create(client, "idle", "jobs", **{"idle-timeout": "300ms"})
    until(lambda: idle.state == "FINISHED", "its timer goes off")

    # The next server has the clock of the jump from the start.
    again = create(client, "again", "jobs")
    kept = again.submit("waits")
    kept.wait_running()
    hearthd.kill()
    clock.write_text("+0\n")
    hearthd.start()
    client = hearthd.client
    until(lambda: "error" not in client.get("/contexts/again").json(), "it is back", 30)
    assert client.job(kept.id).status == "RUNNING"
    assert NativeContext(client, "again", "jobs").run("version") == 1
    assert client.job(kept.id).kill().json() == {"status": "KILLED"}
    check_report(client.job(kept.id))


def check_report(job: Job) -> None:
    """What a clock must not bring about."""
    report = job.report()
    assert float(report["duration"].split()[0]) >= 0, report
    history: list[dict[str, Any]] = job.client.get(f"/jobs/{job.id}/history").json()[
        "history"
    ]
    order = ["STARTED", "RUNNING", "FINISHED"]
    states = [entry["state"] for entry in history]
    ranks = [order.index(x) if x in order else 2 for x in states]
    assert ranks == sorted(ranks), history

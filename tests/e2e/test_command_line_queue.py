"""The program `hearth`: histories, the queue, keys."""

from __future__ import annotations

import re

import pytest

from conftest import StartHearthd
from support.command_line import JOB_FAILED, REFUSED, CommandLine
from support.hearthd import Hearthd
from support.native import create, library, upload
from support.spark import Spark


@pytest.fixture
def hearthd(start_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server with a context `one` of one slot."""
    server = start_hearthd(default_spark)
    upload(server.client, "jobs", library("test_jobs_v1"))
    create(server.client, "one", "jobs", **{"max-jobs-per-context": 1})
    return server


def test_session(hearthd: Hearthd) -> None:
    hearth = CommandLine(f"http://127.0.0.1:{hearthd.port}")

    def submit(job: str, *options: str, code: int = 0) -> str:
        words = ("job", "submit", "jobs", job, "--context", "one", *options)
        return hearth(*words, code=code).out.strip()

    first = submit("waits", "--idempotency-key", "k")
    assert submit("waits", "--idempotency-key", "k") == first
    submit("version", "--idempotency-key", "k", code=REFUSED)
    submit("version", code=REFUSED)
    low = submit("version", "--queue", "--priority", "1")
    high = submit("version", "--queue", "--priority", "2", "--max-wait", "60")
    assert re.search(r"Place in queue +2", hearth("job", "status", low).out)
    assert re.search(r"Place in queue +1", hearth("job", "status", high).out)
    hearth("job", "kill", first)
    hearth("job", "wait", first, code=JOB_FAILED)
    hearth("job", "wait", low)
    history = hearth("job", "history", low).out
    assert re.search(r"STARTED +waits for a slot, priority 1\n", history)
    assert "FINISHED" in history
    told = hearth("job", "history", first, "--json").json()["history"]
    assert told[-1]["state"] == "KILLED"
    rows = hearth("context", "history", "one").rows
    assert [row[1] for row in rows if len(row) == 2] == ["STARTED", "RUNNING"]
    hearth("context", "history", "two", code=REFUSED)

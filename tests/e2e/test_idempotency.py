"""Requests with an Idempotency-Key."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.client import Answer, Client
from support.hearthd import Hearthd
from support.native import create, library, upload
from support.spark import Spark


@pytest.fixture
def hearthd(start_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server with a context `c`."""
    server = start_hearthd(default_spark)
    upload(server.client, "jobs", library("test_jobs_v1"))
    create(server.client, "c", "jobs")
    return server


def start(
    client: Client, key: str, job: str, config: object = None, **params: object
) -> Answer:
    """POST /jobs with a key."""
    query = {"cp": "jobs", "mainClass": job, "context": "c", **params}
    body = json.dumps(config or {})
    return client.request("POST", "/jobs", query, body, {"Idempotency-Key": key})


def test_the_same_key_is_the_same_job(hearthd: Hearthd) -> None:
    client = hearthd.client
    first = start(client, "k", "count_up")
    assert first.status == 202
    job = client.job(first.json()["jobId"])
    assert job.result() == 1
    again = start(client, "k", "count_up")
    assert (again.status, again.json()) == (first.status, first.json())
    assert start(client, "k", "count_up", sync=True).json()["result"] == 1
    other = start(client, "other", "count_up", sync=True)
    assert other.json()["result"] == 2
    assert start(client, "other", "count_up", sync=True).json() == other.json()
    # Without a key each is a new one.
    assert client.get("/jobs").json()[0]["jobId"] == other.json()["jobId"]

    for params in ({"config": {"a": 1}}, {"priority": 1}):
        reused = start(client, "k", "count_up", **params)
        assert reused.status == 422
        assert "Idempotency-Key k was used" in reused.json()["result"]
    assert start(client, "k", "version").status == 422
    assert start(client, "a b", "version").status == 400
    assert start(client, "x" * 256, "version").status == 400


def test_a_waiter_joins_a_job_that_runs(hearthd: Hearthd, tmp_path: Path) -> None:
    client, file = hearthd.client, tmp_path / "file"
    first = start(client, "k", "waits_for_file", {"file": str(file)})
    client.job(first.json()["jobId"]).wait_running()
    with ThreadPoolExecutor(4) as pool:
        waiters = [
            pool.submit(
                start,
                client,
                "k",
                "waits_for_file",
                {"file": str(file)},
                sync=True,
                timeout=60,
            )
            for _ in range(4)
        ]
        late = start(
            client, "k", "waits_for_file", {"file": str(file)}, sync=True, timeout=0
        )
        assert late.status == 500
        assert late.json()["jobId"] == first.json()["jobId"]
        file.touch()
        for waiter in waiters:
            assert waiter.result().json() == {
                "jobId": first.json()["jobId"],
                "result": "found",
            }
    assert len(client.get("/jobs").json()) == 1


def test_many_at_once_are_one(hearthd: Hearthd) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(
                lambda _: start(hearthd.client, "k", "count_up", sync=True), range(16)
            )
        )
    assert {a.json()["jobId"] for a in answers} == {answers[0].json()["jobId"]}
    assert [a.json()["result"] for a in answers] == [1] * 16


def test_a_key_outlives_the_server(hearthd: Hearthd) -> None:
    first = start(hearthd.client, "k", "count_up", sync=True)
    started = start(hearthd.client, "l", "waits")
    hearthd.kill()
    hearthd.start()
    client = hearthd.client
    assert start(client, "k", "count_up", sync=True).json() == first.json()
    assert start(client, "l", "waits").json()["jobId"] == started.json()["jobId"]
    assert start(client, "k", "version").status == 422
    client.job(started.json()["jobId"]).kill()


def test_what_was_refused_may_be_tried_again(hearthd: Hearthd) -> None:
    client = hearthd.client
    assert start(client, "k", "no_such_job", sync=True).status == 404
    assert start(client, "k", "version", cp="nope").status == 404
    assert start(client, "k", "version", sync=True).json()["result"] == 1


def test_contexts(hearthd: Hearthd) -> None:
    def make(name: str, **settings: object) -> Answer:
        query = {"context-factory": "hearth.native", **settings}
        headers = {"Idempotency-Key": "k"}
        return hearthd.client.request("POST", f"/contexts/{name}", query, None, headers)

    first = make("d")
    assert first.status == 200
    known = hearthd.client.get("/contexts/d").json()["id"]
    assert (make("d").status, make("d").json()) == (200, first.json())
    assert hearthd.client.get("/contexts/d").json()["id"] == known
    assert make("e").status == 422
    assert make("d", restart="always").status == 422
    hearthd.kill()
    hearthd.start()
    assert make("d").status == 200
    assert hearthd.client.get("/contexts/d").json()["id"] == known
    # Without a key it is another one of that name.
    assert hearthd.client.post("/contexts/d").status == 400

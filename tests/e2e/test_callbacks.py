"""Jobs with a callbackUrl: it is told of their end as a sync client would be."""

from __future__ import annotations

import json

import pytest

from conftest import StartHearthd
from support import native
from support.client import Client
from support.hearthd import Hearthd
from support.native import NativeContext
from support.scripted import Asked, Says, Scripted, scripted, silent
from support.spark import Spark
from support.wait import until

FAST = {"hearth.callbacks.pause": "50ms", "hearth.callbacks.attempts": 3}


@pytest.fixture(scope="module")
def told(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server that tries again at once."""
    return start_shared_hearthd(default_spark, settings=FAST)


@pytest.fixture(scope="module")
def context(told: Hearthd) -> NativeContext:
    return small_context(told.client)


def small_context(client: Client) -> NativeContext:
    native.upload(client, "jobs", native.library("test_jobs_v1"))
    return native.create(client, "c", "jobs")


def one_call(script: Scripted) -> Asked:
    return until(lambda: script.asked[:1], "the callback comes")[0]


@pytest.mark.parametrize("sync", [True, False])
def test_the_end_is_told(context: NativeContext, sync: bool) -> None:
    with scripted({"POST /cb": Says()}) as script:
        url = f"{script.url}/cb?x=1"
        answer = context.start("version", {}, sync=sync, callbackUrl=url)
        call = one_call(script)
        assert (call.method, call.path) == ("POST", "/cb?x=1")
        assert call.headers["content-type"] == "application/json"
        assert json.loads(call.body).keys() == {"jobId", "result"}
        assert json.loads(call.body)["jobId"] == answer.json()["jobId"]


def test_a_large_result_is_told_by_where_it_is(context: NativeContext) -> None:
    size = 2_000_000
    with scripted({"POST /cb": Says()}) as script:
        context.start("fills", {"bytes": size}, callbackUrl=f"{script.url}/cb")
        body = json.loads(one_call(script).body)
        job = body["jobId"]
        assert body["result"]["message"] == (
            f"the result has {size + 2} bytes, GET /jobs/{job} sends it"
        )
        assert len(context.client.job(job).result()) == size


def test_a_failure_is_told(context: NativeContext) -> None:
    with scripted({"POST /cb": Says()}) as script:
        context.start("fails", {}, sync=True, callbackUrl=f"{script.url}/cb")
        body = json.loads(one_call(script).body)
        assert body["status"] == "ERROR"
        assert body["result"].keys() >= {"message", "errorClass", "stack"}


def test_it_is_tried_again_until_it_is_heard(context: NativeContext) -> None:
    says = [Says(status=503), Says(status=500), Says()]
    with scripted({"POST /cb": list(says)}) as script:
        context.start("version", {}, sync=True, callbackUrl=f"{script.url}/cb")
        until(lambda: len(script.asked) == 3, "it is told at last")
        assert len({call.body for call in script.asked}) == 1


def test_it_is_given_up_in_the_end(context: NativeContext, told: Hearthd) -> None:
    with scripted({"POST /cb": Says(status=500)}) as script:
        answer = context.start("version", {}, sync=True, callbackUrl=f"{script.url}/cb")
        job = answer.json()["jobId"]
        given_up = f"job {job}: callback, attempt 3 of 3, given up"
        until(lambda: given_up in told.log, "it is given up")
        assert len(script.asked) == 3
        assert not (told.data / "callbacks" / f"{job}.url").exists()


def test_a_killed_job_is_not_told(context: NativeContext, told: Hearthd) -> None:
    with scripted({"POST /cb": Says()}) as script:
        job = context.submit("waits", {}, callbackUrl=f"{script.url}/cb")
        file = told.data / "callbacks" / f"{job.id}.url"
        until(file.exists, "the URL is kept")
        job.wait_running()
        assert job.kill().json() == {"status": "KILLED"}
        until(lambda: not file.exists(), "the callback is forgotten")
        assert not script.asked


def test_a_password_in_the_url_is_not_logged(
    context: NativeContext, told: Hearthd
) -> None:
    url = "http://user:hush-hush@127.0.0.1:1/cb"
    answer = context.start("version", {}, sync=True, callbackUrl=url)
    given_up = f"job {answer.json()['jobId']}: callback, attempt 3 of 3, given up"
    until(lambda: given_up in told.log, "it is given up")
    assert "hush-hush" not in told.log


def test_it_survives_a_killed_server(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    settings = {**FAST, "hearth.callbacks.attempts": 1000}
    server = start_hearthd(default_spark, settings=settings)
    context = small_context(server.client)
    with scripted({"POST /cb": [Says(status=503), Says(status=503)]}) as script:
        context.start("version", {}, sync=True, callbackUrl=f"{script.url}/cb")
        one_call(script)
        server.kill()
        before = len(script.asked)
        script.answers["POST /cb"] = [Says()]
        server.start()
        until(lambda: len(script.asked) > before, "it is told after the restart")
        left = server.data / "callbacks"
        until(lambda: not list(left.glob("*.url")), "nothing is left to tell")


def test_a_host_that_never_answers_delays_only_its_own(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """The quick one is told while deliveries to the silent one still hang."""
    server = start_hearthd(default_spark, settings={"hearth.callbacks.timeout": "5m"})
    context = small_context(server.client)
    with silent() as mute, scripted({"POST /cb": Says()}) as script:
        for number in range(4):
            context.start("version", {}, sync=True, callbackUrl=f"{mute.url}/{number}")
        until(lambda: len(mute.asked) == 2, "two deliveries hang")
        context.start("version", {}, sync=True, callbackUrl=f"{script.url}/cb")
        one_call(script)
        assert len(mute.hanging) == 2
        # Nor do they hold up the end of the server, which delivers them later.
        server.stop()
        assert len(list((server.data / "callbacks").glob("*.url"))) == 4

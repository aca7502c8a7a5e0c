"""Where Spark Job Server is at fault and this server is not: a test a line of
the page "Move from Spark Job Server".
"""

from __future__ import annotations

import re

import pytest

from conftest import StartHearthd
from support import native
from support.client import JAR, Client, Context
from support.contract import EXCEPTION, UUID, like
from support.hearthd import Hearthd
from support.native import NativeContext
from support.spark import Spark
from support.wait import until
from support.zips import zip_of


@pytest.fixture(scope="module")
def other(hearthd: Hearthd) -> NativeContext:
    """A context that costs nothing, beside the Spark one of the file."""
    native.upload(hearthd.client, "native", native.library("test_jobs_v1"))
    return native.create(hearthd.client, "native", "native")


def test_a_job_is_there_right_after_its_202(other: NativeContext) -> None:
    for _ in range(20):
        job = other.submit("waits")
        assert job.status in ("STARTED", "RUNNING")
        assert job.kill().json() == {"status": "KILLED"}


def test_a_sync_job_is_finished_once_it_was_answered(other: NativeContext) -> None:
    for _ in range(20):
        job = other.start("version", sync=True).json()["jobId"]
        assert other.client.job(job).status == "FINISHED"


def test_a_case_class_of_the_job_comes_back_whole(context: Context) -> None:
    assert context.run("CaseClassJob") != []


def test_a_class_that_is_not_there_is_named(context: Context) -> None:
    answer = context.start("NoSuchJob")
    assert answer.status == 404
    assert answer.json()["result"] == "classPath spark.jobserver.NoSuchJob not found"


def test_the_configuration_of_a_sync_job_is_kept(other: NativeContext) -> None:
    answer = other.start("greet", {"input": {"name": "x"}}, sync=True)
    job = answer.json()["jobId"]
    config = other.client.get(f"/jobs/{job}/config")
    assert (config.status, config.json()) == (200, {"input": {"name": "x"}})


@pytest.mark.parametrize(
    ("request_line", "body", "status"),
    [
        ("POST /contexts/bad", "a { b", 400),
        ("PUT /contexts?reset=x", "", 400),
        ("POST /jobs?cp=native&mainClass=x&callbackUrl=ftp://x/y", "", 400),
        ("DELETE /data/%2Fno%2Fsuch.dat", "", 400),
        ("PUT /data?reset=x", "", 400),
        ("POST /data/..%2Fx", "x", 400),
    ],
)
def test_what_a_client_got_wrong_is_told(
    server: Client, request_line: str, body: str, status: int
) -> None:
    method, path = request_line.split(" ")
    answer = server.request(method, path, body=body)
    assert answer.status == status
    assert answer.json()["status"] == "ERROR"
    assert answer.json()["result"]


def test_force_ends_a_context_that_does_not_want_to(server: Client) -> None:
    context = native.create(server, "stubborn", "native")
    context.submit("waits").wait_running()
    answer = server.delete("/contexts/stubborn", force=True)
    assert (answer.status, answer.json()["result"]) == (200, "Context stopped")
    assert context.state in ("FINISHED", "KILLED")


def test_a_name_is_free_once_its_context_is_deleted(server: Client) -> None:
    for _ in range(5):
        native.create(server, "again", "native")
        assert server.delete("/contexts/again").status == 200


def test_a_failed_context_is_shown_as_failed(server: Client) -> None:
    answer = server.post("/contexts/unhappy?context-factory=no.such.Factory")
    assert answer.status == 500
    assert like(answer.json()["result"], EXCEPTION)
    assert server.get("/contexts/unhappy").json()["state"] == "ERROR"


def test_a_binary_in_use_stays_whatever_was_uploaded_since(
    other: NativeContext, hearthd: Hearthd
) -> None:
    client = other.client
    first = native.library("test_jobs_v1").read_bytes()
    native.upload(client, "versions", first + b"1")
    job = other.submit("waits", cp="versions")
    job.wait_running()
    for number in (b"2", b"3"):
        native.upload(client, "versions", first + number)
    refused = client.delete("/binaries/versions")
    assert refused.status == 403
    assert refused.json()["result"] == f"Binary is in use by job(s): {job.id}"

    def kept() -> list[bytes]:
        files = (hearthd.data / "binaries").glob("*.so")
        return sorted(f.read_bytes()[len(first) :] for f in files if f.is_file())

    until(lambda: kept() == [b"", b"1", b"3"], "the version in use is kept")
    assert job.kill().status == 200
    until(lambda: kept() == [b"", b"3"], "what nobody uses is removed")
    assert client.delete("/binaries/versions").status == 200
    until(lambda: kept() == [b""], "nothing of it is left")


def test_a_job_of_uris_only_is_in_no_ones_way(
    other: NativeContext, hearthd: Hearthd
) -> None:
    job = other.submit("waits", cp=f"file://{native.library('test_jobs_v1')}")
    job.wait_running()
    body = zip_of()
    headers = {"Content-Type": JAR}
    assert other.client.request("POST", "/binaries/zip", None, body, headers)
    assert other.client.delete("/binaries/zip").status == 200
    job.kill()


def test_a_job_sees_its_own_configuration_alone(context: Context) -> None:
    assert context.run("ConfigCheckerJob", "mine = 1") == ["mine"]


@pytest.mark.parametrize("job", ["StackOverflowJob", "NoClassDefJob"])
def test_an_error_of_the_jvm_is_the_jobs_own(context: Context, job: str) -> None:
    answer = context.start(job, sync=True, timeout=60)
    assert (answer.status, answer.json()["status"]) == (200, "ERROR")
    assert re.search("Error", answer.json()["result"]["errorClass"])
    assert context.run("VeryShortDoubleJob") == [2, 4, 6]


def test_a_killed_server_leaves_nobody_alone(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """Its contexts' processes are taken over by the next one, or ended."""
    server = start_hearthd(default_spark)
    native.create(server.client, "n", "none")
    before = {p.pid for p in server.drivers()}
    assert before
    server.kill()
    server.start()
    live = server.client.contexts()
    if not live:
        until(lambda: not server.drivers(), "the processes are ended")
    else:
        assert {p.pid for p in server.drivers()} == before


def test_the_preflight_of_delete_is_allowed(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    origins = {"hearth.http.allowed-origins": "http://a.example"}
    answer = start_hearthd(default_spark, settings=origins).client.request(
        "OPTIONS",
        "/jobs/x",
        headers={
            "Origin": "http://a.example",
            "Access-Control-Request-Method": "DELETE",
        },
    )
    assert answer.status == 200
    assert "DELETE" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize("name", ["PATH", "java.version"])
def test_a_body_sees_nothing_of_the_server(other: NativeContext, name: str) -> None:
    """No variable of its environment, and no system property."""
    client = other.client
    job = f"/jobs?cp=native&mainClass=greet&context={other.name}"
    for path, key in ((job, "input.name"), ("/contexts/seeing", "spark.name")):
        answer = client.post(path, f"{key} = ${{{name}}}")
        assert answer.status == 400
        assert f"${{{name}}}" in answer.json()["result"]
    answer = client.post(job, f"input.name = x, a = ${{?{name}}}", sync=True)
    config = client.get(f"/jobs/{answer.json()['jobId']}/config").json()
    assert config == {"input": {"name": "x"}}


def test_a_client_may_wait_for_the_end_of_a_job(other: NativeContext) -> None:
    job = other.submit("waits")
    answer = other.client.get(f"/jobs/{job.id}", wait=1)
    assert answer.json()["status"] in ("STARTED", "RUNNING")
    assert job.kill().status == 200
    answer = other.client.get(f"/jobs/{job.id}", wait=60)
    assert answer.json()["status"] == "KILLED"


def test_a_sync_wait_that_is_over_tells_the_job(other: NativeContext) -> None:
    answer = other.start("waits", sync=True, timeout=1)
    assert answer.status == 500
    assert like(answer.json()["jobId"], UUID)
    assert other.client.job(answer.json()["jobId"]).kill().status == 200

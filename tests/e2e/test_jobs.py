"""Starting, watching and ending jobs, with the codes and texts of the contract."""

from __future__ import annotations

import re
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from support.client import JAR, Answer, Client, Context
from support.hearthd import Hearthd
from support.wait import until

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SLEEP = "SleepJob"


def sleeping(millis: int) -> dict[str, Any]:
    """The configuration of a job that takes that long."""
    return {"sleep": {"time": {"millis": millis}}}


# -- answers -------------------------------------------------------------------


def test_async(context: Context) -> None:
    answer = context.start("VeryShortDoubleJob")
    assert answer.status == 202
    report = answer.json()
    assert report["status"] == "STARTED"
    assert report["duration"] == "Job not done yet"
    assert report["context"] == context.name
    assert report["contextId"] == context.info()["id"]
    assert report["classPath"] == "spark.jobserver.VeryShortDoubleJob"
    assert TIMESTAMP.fullmatch(report["startTime"])
    uuid.UUID(report["jobId"])
    ended = context.client.job(report["jobId"]).wait()
    assert re.fullmatch(r"\d+(\.\d+)? secs", ended.pop("duration"))
    assert TIMESTAMP.fullmatch(ended.pop("since"))
    assert ended.pop("stateVersion") in (2, 3)
    assert ended == {
        "status": "FINISHED",
        "result": [2, 4, 6],
        **{k: report[k] for k in ("jobId", "context", "contextId")},
        **{k: report[k] for k in ("classPath", "startTime")},
    }


def test_sync(context: Context) -> None:
    answer = context.start("VeryShortDoubleJob", sync=True)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    report = answer.json()
    assert set(report) == {"jobId", "result"}
    assert report["result"] == [2, 4, 6]


@pytest.mark.parametrize(
    ("params", "body"),
    [
        (
            "appName=examples&classPath=spark.jobserver.WordCountExample",
            'input.string="q"',
        ),
        (
            "cp=examples&mainClass=spark.jobserver.WordCountExample",
            '{"input": {"string": "q"}}',
        ),
        (
            "",
            "cp = examples, mainClass = spark.jobserver.WordCountExample\n"
            "input.string = q",
        ),
        (
            "",
            'cp = ["examples", "more"]\nmainClass = spark.jobserver.WordCountExample\n'
            "input.string = q",
        ),
        (
            "cp=more,examples&mainClass=spark.jobserver.WordCountExample",
            "input { string = q }",
        ),
    ],
    ids=["appName", "cp", "in the body", "a list in the body", "two binaries"],
)
def test_ways_to_name_a_job(
    context: Context, hearthd: Hearthd, params: str, body: str
) -> None:
    context.client.upload("more", hearthd.spark.versioned(1))
    answer = context.client.post(f"/jobs?context=shared&sync=true&{params}", body)
    assert answer.status == 200, answer.text
    assert answer.json()["result"] == {"q": 1}


def test_uri_as_class_path(context: Context, hearthd: Hearthd) -> None:
    uri = hearthd.spark.examples.as_uri()
    assert context.run("VeryShortDoubleJob", cp=uri) == [2, 4, 6]


def test_new_api(context: Context) -> None:
    assert context.run("WordCountExampleNewApi", "input.string = a b a") == {
        "a": 2,
        "b": 1,
    }


def test_java_jobs(context: Context, server: Client) -> None:
    assert context.run("OldJavaJob", {"number": 21}) == 42
    java = server.create_context(
        "java", {"context-factory": "spark.jobserver.context.JavaSparkContextFactory"}
    )
    assert java.run("JavaHelloWorldJob") == "Hi!"
    failed = java.start("JavaWordCountJob", sync=True)
    assert failed.status == 200
    assert failed.json()["status"] == "ERROR"
    assert failed.json()["result"]["message"] == "No input.string config param"
    wrong = java.start("VeryShortDoubleJob", sync=True)
    assert wrong.status == 400
    assert wrong.json()["status"] == "JOB LOADING FAILED"
    java.stop()


def test_configuration_is_kept_as_it_was_sent(context: Context) -> None:
    text = '{"big":123456789012345678901234567890,"f":1.10,"s":"\\u00e9\\n","n":null}'
    answer = context.start("VeryShortDoubleJob", text, sync=True)
    config = context.client.get(f"/jobs/{answer.json()['jobId']}/config")
    assert config.status == 200
    assert config.json() == {
        "big": 123456789012345678901234567890,
        "f": 1.10,
        "s": "é\n",
        "n": None,
    }
    hocon = context.start(
        "VeryShortDoubleJob", "a = 1, a.b = ${c}\nc = [1, x]", sync=True
    )
    config = context.client.get(f"/jobs/{hocon.json()['jobId']}/config")
    assert config.json() == {"a": {"b": [1, "x"]}, "c": [1, "x"]}


# -- what is refused -----------------------------------------------------------


@dataclass(frozen=True)
class Refusal:
    """A request and what is said to it."""

    name: str
    params: str
    status: int
    text: str
    """What `result` is, or begins with if it ends with …"""
    headline: str = "ERROR"
    body: str = ""


VERY_SHORT = "spark.jobserver.VeryShortDoubleJob"
EXAMPLE = f"appName=examples&classPath={VERY_SHORT}&context=shared"
REFUSALS = [
    Refusal(
        "no parameters",
        "",
        400,
        "Cannot parse config: To start the job appName or cp parameters should be"
        " configured!",
    ),
    Refusal(
        "appName only",
        "appName=examples",
        400,
        "Cannot parse config: classPath parameter is missing!",
    ),
    Refusal(
        "cp only",
        "cp=examples",
        400,
        "Cannot parse config: mainClass parameter is missing!",
    ),
    Refusal(
        "unknown app",
        f"appName=nope&classPath={VERY_SHORT}&context=shared",
        404,
        "appName nope not found",
    ),
    Refusal(
        "unknown class",
        "appName=examples&classPath=spark.jobserver.NoSuchJob&context=shared",
        404,
        "classPath spark.jobserver.NoSuchJob not found",
    ),
    Refusal(
        "unknown class, sync",
        "cp=examples&mainClass=spark.jobserver.NoSuchJob&context=shared&sync=true",
        404,
        "classPath spark.jobserver.NoSuchJob not found",
    ),
    Refusal(
        "unknown context",
        f"appName=examples&classPath={VERY_SHORT}&context=nope",
        404,
        "context nope not found",
    ),
    Refusal(
        "body that does not parse",
        EXAMPLE,
        400,
        "Cannot parse config: …",
        body="a { b",
    ),
    Refusal(
        "substitution that does not resolve",
        EXAMPLE,
        400,
        "Cannot parse config: …",
        body="a = ${nope.nope}",
    ),
    Refusal("sync=maybe", f"{EXAMPLE}&sync=maybe", 400, "…"),
    Refusal("timeout=x", f"{EXAMPLE}&timeout=x", 400, "…"),
    Refusal("callback", f"{EXAMPLE}&callbackUrl=ftp%3A%2F%2Fx%2Fy", 400, "…"),
    Refusal(
        "validation, sync",
        "cp=examples&mainClass=spark.jobserver.WordCountExample&context=shared&sync=true",
        400,
        "One(SparkJobInvalid(No input.string config param))",
        headline="VALIDATION FAILED",
    ),
    Refusal(
        "validation, async",
        "cp=examples&mainClass=spark.jobserver.WordCountExample&context=shared",
        400,
        "One(SparkJobInvalid(No input.string config param))",
        headline="VALIDATION FAILED",
    ),
    Refusal(
        "validation, new API",
        "cp=examples&mainClass=spark.jobserver.WordCountExampleNewApi&context=shared",
        400,
        "One(SingleProblem(No input.string param))",
        headline="VALIDATION FAILED",
    ),
    Refusal(
        "not a job",
        "cp=examples&mainClass=spark.jobserver.Animal&context=shared",
        400,
        "…",
        headline="JOB LOADING FAILED",
    ),
    Refusal(
        "Java job in a Scala context",
        "cp=examples&mainClass=spark.jobserver.JavaHelloWorldJob&context=shared",
        400,
        "…",
        headline="JOB LOADING FAILED",
    ),
    Refusal(
        "session job in a plain context",
        "cp=examples&mainClass=spark.jobserver.SessionSqlJob&context=shared",
        400,
        "Invalid job type for this context",
    ),
    Refusal(
        "URI of an unknown scheme",
        f"cp=gopher%3A%2F%2Fx%2Fy.jar&mainClass={VERY_SHORT}&context=shared",
        400,
        "unknown protocol: gopher",
        headline="JOB LOADING FAILED: Malformed URL",
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda r: r.name)
def test_refused(context: Context, refusal: Refusal) -> None:
    answer = context.client.post(f"/jobs?{refusal.params}", refusal.body)
    assert answer.status == refusal.status, answer.text
    report = answer.json()
    assert report["status"] == refusal.headline
    result = report["result"]
    if isinstance(result, dict):
        assert {"message", "errorClass", "stack"} <= set(result)
        assert result["errorClass"]
        result = result["message"]
    if refusal.text.endswith("…"):
        assert result.startswith(refusal.text[:-1])
    else:
        assert result == refusal.text


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        ('{"a": 1,\n "b": ]}', 2, 7),
        ('{"a": [1, 2}', 1, 12),
        ("a = 1\nb = }\n", 2, 5),
        ("a = [1, 2\n", None, None),
    ],
)
def test_unparsable_body_is_shown_where(
    context: Context, body: str, line: int | None, column: int | None
) -> None:
    answer = context.client.post(f"/jobs?{EXAMPLE}", body)
    assert answer.status == 400
    message = answer.json()["result"]
    place = re.search(r"(\d+):(\d+)", message)
    assert place, message
    assert line is None or int(place[1]) == line, message
    assert column is None or int(place[2]) == column, message


@pytest.mark.parametrize("word", ["sync=maybe", "timeout=x", "timeout=-1"])
def test_malformed_parameter_is_named(context: Context, word: str) -> None:
    answer = context.client.post(f"/jobs?{EXAMPLE}&{word}")
    assert answer.status == 400
    assert word.split("=")[0] in answer.json()["result"]


def test_the_environment_is_no_part_of_a_configuration(context: Context) -> None:
    answer = context.client.post(f"/jobs?{EXAMPLE}", "a = ${PATH}")
    assert answer.status == 400
    assert "PATH" in answer.json()["result"]


# -- time ----------------------------------------------------------------------


def test_sync_timeout(context: Context) -> None:
    begun = time.monotonic()
    answer = context.start(SLEEP, sleeping(2500), sync=True, timeout=1)
    assert 0.9 < time.monotonic() - begun < 2
    assert answer.status == 500
    report = answer.json()
    assert report["status"] == "ERROR"
    assert "timed out" in report["result"]["message"]
    assert (
        "Try using the /jobs/<jobID>, /jobs APIs to get status/results"
        in report["result"]["message"]
    )
    job = context.client.job(report["jobId"])
    assert job.status == "RUNNING"
    assert job.result() == 2500


def test_sync_longer_than_ten_seconds(context: Context) -> None:
    assert context.run(SLEEP, sleeping(11000), timeout=30) == 11000


def test_a_client_that_goes_away_leaves_its_job(context: Context) -> None:
    impatient = Client(context.client.port, timeout=0.5)
    with pytest.raises(TimeoutError):
        impatient.run(SLEEP, sleeping(1500), context=context.name)
    [job] = context.client.get("/jobs", limit=1).json()
    assert context.client.job(job["jobId"]).result() == 1500


# -- kill, slots, binaries in use ------------------------------------------------


def test_kill(context: Context) -> None:
    job = context.submit("LongPiJob", {"stress.test.longpijob.duration": 60})
    job.wait_running()
    listed = context.client.get("/jobs", status="running").json()
    assert job.id in [report["jobId"] for report in listed]
    answer = job.kill()
    assert (answer.status, answer.json()) == (200, {"status": "KILLED"})
    report = job.report()
    assert report["status"] == "KILLED"
    assert report["result"]["message"] == f"Job {job.id} killed"
    assert report["result"]["errorClass"]
    again = job.kill()
    assert again.status == 404
    assert again.json()["result"] == f"No running job with ID {job.id}"
    assert context.run("VeryShortDoubleJob") == [2, 4, 6]
    assert job.report() == report


def test_killed_while_a_client_waits(context: Context) -> None:
    answers: list[Answer] = []
    waiting = threading.Thread(
        target=lambda: answers.append(
            context.start(SLEEP, sleeping(60000), sync=True, timeout=60)
        )
    )
    waiting.start()

    def running() -> list[Any]:
        listed: list[Any] = context.client.get("/jobs", status="running").json()
        return listed

    [job] = until(running, "the job runs")
    context.client.job(job["jobId"]).kill()
    waiting.join(5)
    assert answers, "the client still waits"
    assert "killed" in answers[0].text


def test_kill_of_a_job_that_failed(context: Context) -> None:
    job = context.submit("MyErrorJob")
    failed = job.wait()
    answer = job.kill()
    assert answer.status == 200
    assert answer.json()["status"] == "ERROR"
    assert answer.json()["ERROR"] == failed["result"]


def test_kill_of_a_job_that_is_done_or_never_was(context: Context) -> None:
    job = context.submit("VeryShortDoubleJob")
    job.result()
    answer = job.kill()
    assert answer.status == 404
    assert answer.json()["result"] == f"No running job with ID {job.id}"
    for path in ("/jobs/nope", "/jobs/nope/config"):
        answer = context.client.get(path)
        assert answer.status == 404
        assert answer.json() == {"status": "ERROR", "result": "No such job ID nope"}
    answer = context.client.delete("/jobs/nope")
    assert answer.status == 404
    assert answer.json()["result"] == "No such job ID nope"


def test_no_slots(server: Client) -> None:
    narrow = server.create_context("narrow", {"max-jobs-per-context": 2})
    jobs = [narrow.submit(SLEEP, sleeping(60000)) for _ in range(2)]
    for sync in (False, True):
        answer = narrow.start(SLEEP, sleeping(1), sync=sync)
        assert answer.status == 503
        assert answer.json() == {
            "status": "NO SLOTS AVAILABLE",
            "result": "Too many running jobs (2) for job context 'narrow'",
        }
    jobs[0].kill()
    until(
        lambda: narrow.start(SLEEP, sleeping(1), sync=True).status == 200,
        "the killed job's slot is free",
    )
    narrow.stop()


def test_binary_in_use(context: Context, hearthd: Hearthd) -> None:
    client = context.client
    client.upload("used", hearthd.spark.examples)
    job = context.submit(SLEEP, sleeping(60000), cp="used")
    client.upload("used", hearthd.spark.versioned(1))  # a newer version changes nothing
    answer = client.delete("/binaries/used")
    assert answer.status == 403
    assert answer.json()["result"] == f"Binary is in use by job(s): {job.id}"
    job.kill()
    until(lambda: client.delete("/binaries/used").status == 200, "it is not in use")


def test_context_stopped_under_a_job(server: Client) -> None:
    doomed = server.create_context("doomed")
    job = doomed.submit(SLEEP, sleeping(60000))
    job.wait_running()
    answer = server.delete("/contexts/doomed")
    assert (answer.status, answer.json()) == (
        200,
        {"status": "SUCCESS", "result": "Context stopped"},
    )
    report = job.wait(5)
    assert report["status"] == "ERROR"
    assert report["result"]["message"] == "Unexpected termination of context doomed"
    assert doomed.state == "FINISHED"


# -- lists ---------------------------------------------------------------------


def test_lists(context: Context) -> None:
    client = context.client
    finished = context.submit("VeryShortDoubleJob")
    finished.result()
    failed = context.submit("MyErrorJob")
    failed.wait()
    running = context.submit(SLEEP, sleeping(60000))
    running.wait_running()

    newest = client.get("/jobs", limit=3).json()
    assert [j["jobId"] for j in newest] == [running.id, failed.id, finished.id]
    assert "result" not in newest[2]
    assert newest[1]["result"]["message"] == "Foobar"
    for state, job in [("running", running), ("error", failed), ("FINISHED", finished)]:
        assert client.get("/jobs", status=state, limit=1).json()[0]["jobId"] == job.id
    assert client.get("/jobs", limit=0).json() == []
    assert client.get("/jobs", status="nope").json() == []
    assert client.get("/jobs", limit="x").status == 400
    assert "limit" in client.get("/jobs", limit="x").json()["result"]
    running.kill()
    assert (
        client.get("/jobs", status="killed", limit=1).json()[0]["jobId"] == running.id
    )


def test_eight_clients_at_once(context: Context) -> None:
    def work(number: int) -> Any:  # noqa: ANN401
        return context.run("WordCountExample", {"input": {"string": f"w{number} w"}})

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(64)))
    assert results == [{f"w{n}": 1, "w": 1} for n in range(64)]


def test_ad_hoc_context(server: Client, hearthd: Hearthd) -> None:
    job = server.submit("SleepJob", sleeping(500))
    name = job.report()["context"]
    uuid.UUID(name.removesuffix("-spark.jobserver.SleepJob"))
    assert job.result() == 500

    def state() -> bool:
        return bool(server.get(f"/contexts/{name}").json()["state"] == "FINISHED")

    until(state, "the ad-hoc context is finished")
    assert name not in server.contexts()

    refused = server.start("WordCountExample", sync=True)
    assert refused.status == 400
    assert refused.json()["status"] == "VALIDATION FAILED"
    until(lambda: server.contexts() in ([], ["shared"]), "no ad-hoc context is left")


def test_jars_of_a_context_are_seen_by_its_jobs(
    server: Client, hearthd: Hearthd
) -> None:
    uri = hearthd.spark.examples.as_uri()
    rich = server.create_context("rich", {"dependent-jar-uris": uri})
    query = urlencode({"classPath": VERY_SHORT, "context": "rich", "sync": "true"})
    server.request(
        "POST",
        "/binaries/other",
        None,
        hearthd.spark.versioned(1).read_bytes(),
        {"Content-Type": JAR},
    )
    answer = server.post(f"/jobs?appName=other&{query}")
    assert answer.status == 200, answer.text
    assert answer.json()["result"] == [2, 4, 6]
    rich.stop()

"""Jobs in Python without Spark, from the upload to the result."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from conftest import StartHearthd
from support import processes
from support.client import Client, Job
from support.hearthd import Hearthd
from support.python import (
    EGG,
    PythonContext,
    archive,
    create,
    jobs,
    settings,
    upload,
)
from support.spark import Spark
from support.wait import until

WORDS = {"input": {"strings": ["a", "b", "a"]}}


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server with the jobs of the tests."""
    server = start_shared_hearthd(default_spark)
    upload(server.client, "shop", jobs())
    return server


@pytest.fixture(scope="module")
def client(hearthd: Hearthd) -> Client:
    """A client of that server."""
    return hearthd.client


@pytest.fixture(scope="module")
def shop(client: Client) -> PythonContext:
    """A context for tests that leave it as it was."""
    return create(client, "shop", "shop", {"workers": 3})


def running(job: Job) -> Job:
    """The job, once it runs."""
    job.wait_running()
    return job


# -- the outcomes --------------------------------------------------------------


def test_sync_and_async(shop: PythonContext, client: Client) -> None:
    assert shop.run("shop.WordCount", WORDS) == {"a": 2, "b": 1}
    job = shop.submit("shop.WordCount", WORDS)
    assert job.result() == {"a": 2, "b": 1}
    assert job.report()["classPath"] == "shop.WordCount"
    assert client.get(f"/jobs/{job.id}/config").json() == WORDS
    assert client.get("/binaries/shop").json()["binary-type"] == "Wheel"


def test_eggs(shop: PythonContext, client: Client) -> None:
    upload(
        client, "egg", archive({"egg.py": "class A:\n def run_job(*_): return 1"}), EGG
    )
    assert client.get("/binaries/egg").json()["binary-type"] == "Egg"
    assert shop.run("egg.A", cp="egg") == 1


@pytest.mark.parametrize("sync", [True, False])
def test_validation(shop: PythonContext, sync: bool) -> None:
    answer = shop.start("shop.WordCount", {}, sync=sync)
    assert (answer.status, answer.json()["status"]) == (400, "VALIDATION FAILED")
    assert (
        answer.json()["result"]["message"]
        == "config input.strings not found\nnothing to count"
    )


def test_errors(shop: PythonContext) -> None:
    answer = shop.start("shop.Fails", {"message": "oh ☃"}, sync=True)
    assert (answer.status, answer.json()["status"]) == (200, "ERROR")
    result = answer.json()["result"]
    assert (result["message"], result["errorClass"]) == ("oh ☃", "ValueError")
    assert 'shop.py", line' in result["stack"]
    job = shop.submit("shop.Fails", {"message": "oh"})
    assert job.wait()["result"]["message"] == "oh"
    answer = shop.start("shop.Unshowable", sync=True)
    assert "the result['orders'][1] is a object" in answer.json()["result"]["message"]


@pytest.mark.parametrize(
    ("main_class", "status", "headline"),
    [
        ("shop.Nothing", 404, "classPath shop.Nothing not found"),
        ("nowhere.Job", 404, "classPath nowhere.Job not found"),
        ("shop.NoJob", 400, "JOB LOADING FAILED"),
        ("broken.Job", 400, "JOB LOADING FAILED"),
        ("spark.Job", 400, "Invalid job type for this context"),
    ],
)
def test_refusals(
    shop: PythonContext, client: Client, main_class: str, status: int, headline: str
) -> None:
    files = {
        "broken.py": "import not_there",
        "spark.py": "from sparkjobserver.api import SparkJob as Job",
    }
    upload(client, "refused", archive(files))
    answer = shop.start(main_class, cp="shop,refused", sync=True)
    assert answer.status == status
    assert headline in (answer.json()["status"], answer.json()["result"])


def test_jars_are_refused(
    shop: PythonContext, client: Client, default_spark: Spark
) -> None:
    client.upload("jar", default_spark.examples)
    answer = shop.start("spark.jobserver.WordCountExample", cp="jar", sync=True)
    assert (answer.status, answer.json()["status"]) == (400, "JOB LOADING FAILED")
    assert "has no Python modules" in answer.json()["result"]["message"]


def test_wheels_are_refused_by_other_contexts(client: Client, hearthd: Hearthd) -> None:
    client.create_context("native", {"context-factory": "hearth.native"})
    answer = client.start(
        "x", cp="shop", mainClass="shop.WordCount", context="native", sync=True
    )
    assert (answer.status, answer.json()["status"]) == (400, "JOB LOADING FAILED")


def test_ad_hoc_context(client: Client) -> None:
    answer = client.request(
        "POST",
        "/jobs",
        {**settings(), "cp": "shop", "mainClass": "shop.WordCount", "sync": True},
        json.dumps(WORDS),
    )
    assert answer.json()["result"] == {"a": 2, "b": 1}


# -- what jobs can do ----------------------------------------------------------


def test_a_process_stays_warm(client: Client) -> None:
    context = create(client, "warm", "shop", {"workers": 1})
    seen = [context.run("shop.Count") for _ in range(3)]
    assert [count for _, count in seen] == [1, 2, 3]
    assert len({pid for pid, _ in seen}) == 1


def test_progress_and_log(shop: PythonContext, client: Client) -> None:
    job = running(shop.submit("shop.Waits"))
    progress = client.get(f"/jobs/{job.id}/progress").json()
    assert (progress["done"], progress["total"]) == (1, 2)
    until(lambda: "still" in client.get(f"/jobs/{job.id}/logs").text, "its log")
    log = client.get(f"/jobs/{job.id}/logs").text
    assert f"INFO [{job.id}] waiting" in log
    assert f"WARN [{job.id}] shop: still waiting" in log
    job.kill()


def test_pandas_and_numpy(shop: PythonContext) -> None:
    assert shop.run("shop.Frame") == {
        "rows": [{"x": 0.0, "y": "a"}, {"x": 0.5, "y": None}, {"x": 1.0, "y": "c"}],
        "mean": 0.5,
    }


def test_data_files(shop: PythonContext, client: Client) -> None:
    file = client.post("/data/words", b"hello").json()["result"]["filename"]
    assert shop.run("shop.ReadsData", {"file": file}) == "hello"
    assert shop.run("shop.ReadsData", {"file": Path(file).name}) == "hello"
    answer = shop.start("shop.ReadsData", {"file": "/no/such.dat"}, sync=True)
    assert answer.json()["result"]["errorClass"] == "hearth.DataFileError"


def test_named_objects(shop: PythonContext) -> None:
    waiting = [running(shop.submit("shop.Waits")) for _ in range(2)]
    makers = {shop.run("shop.Named") for _ in range(3)}
    for job in waiting:
        job.kill()
    makers |= {shop.run("shop.Named") for _ in range(3)}
    assert len(makers) == 1


def test_large_results(shop: PythonContext) -> None:
    count = 1_000_000
    assert shop.run("shop.Numbers", {"count": count}) == list(range(count))


def test_streamed_results(shop: PythonContext) -> None:
    result = shop.run("shop.Stream", {"pieces": 100, "size": 50_000})
    assert result == ["x" * 50_000] * 100


# -- versions ------------------------------------------------------------------


def version(number: int) -> bytes:
    """A wheel with a module that is imported late."""
    return archive(
        {
            "app/__init__.py": "",
            "app/jobs.py": "import time\n"
            "class Version:\n"
            "    def run_job(self, context, runtime, data):\n"
            "        runtime.wait_cancelled(data.get_float('seconds', 0))\n"
            "        from app import late\n"
            "        return late.VERSION\n",
            "app/late.py": f"VERSION = {number}\n",
        }
    )


def test_an_upload_is_used_by_the_next_job(client: Client) -> None:
    upload(client, "app", version(1))
    context = create(client, "versions", "app")
    assert context.run("app.jobs.Version") == 1
    old = running(context.submit("app.jobs.Version", {"seconds": 2}))
    upload(client, "app", version(2))
    assert context.run("app.jobs.Version") == 2
    assert old.result() == 1
    upload(client, "app-1", version(1))
    for i in range(20):
        binary = "app-1" if i % 2 else "app"
        assert context.run("app.jobs.Version", cp=binary) == 2 - i % 2


# -- kills and crashes ---------------------------------------------------------


@pytest.mark.parametrize("main_class", ["shop.Waits", "shop.Stubborn"])
def test_kill(shop: PythonContext, main_class: str) -> None:
    other = running(shop.submit("shop.Waits"))
    job = running(shop.submit(main_class))
    assert job.kill().json() == {"status": "KILLED"}
    report = job.wait()
    assert report["status"] == "KILLED"
    assert report["result"]["message"] == f"Job {job.id} killed"
    assert shop.state == "RUNNING"
    assert other.status == "RUNNING"
    other.kill()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("exit", "ended with code 3"),
        ("SIGSEGV", "signal 11 (SIGSEGV)"),
        ("SIGKILL", "signal 9 (SIGKILL)"),
    ],
)
def test_crash(shop: PythonContext, how: str, words: str) -> None:
    other = running(shop.submit("shop.Waits"))
    report = shop.start("shop.Crashes", {"how": how}, sync=True).json()
    assert report["status"] == "ERROR"
    assert words in report["result"]["message"]
    if how == "SIGSEGV":
        assert "shop.py" in report["result"]["stack"]
    assert shop.run("shop.WordCount", WORDS) == {"a": 2, "b": 1}
    assert other.status == "RUNNING"
    other.kill()


def test_memory(client: Client) -> None:
    context = create(client, "small", "shop", {"python.worker-memory": "200MiB"})
    report = context.start("shop.Hungry", {"bytes": 1 << 30}, sync=True).json()
    assert report["result"]["errorClass"] == "MemoryError"
    assert "python.worker-memory" in report["result"]["message"]
    assert context.run("shop.Hungry", {"bytes": 1 << 20}) == 1 << 20


def test_an_agent_that_is_killed_leaves_nothing(
    hearthd: Hearthd, client: Client
) -> None:
    before = {process.pid for process in hearthd.drivers()}
    context = create(client, "doomed", "shop")
    job = running(context.submit("shop.Stubborn"))

    def new() -> list[int]:
        return [p.pid for p in hearthd.drivers() if p.pid not in before]

    agent = min(new(), key=processes.start_time)
    os.kill(agent, signal.SIGKILL)
    report = job.wait()
    assert report["status"] == "ERROR"
    until(lambda: not new(), "no process of the context is left")


# -- contexts ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"workers": "none"}, "workers has to be a whole number from 1 on"),
        ({"python.worker-memory": "lots"}, "has to be a size like 512MiB"),
        ({"python.paths": "/no/such"}, "/no/such, which does not exist"),
        ({"python.pathes": "/tmp"}, "there is no setting python.pathes"),
        ({"python.preload": "no_such"}, "No module named 'no_such'"),
        ({"python.executable": "/no/python"}, "/no/python cannot be run"),
        ({"python.executable": "python0"}, "there is no python0 in PATH"),
    ],
)
def test_wrong_settings(client: Client, more: dict[str, object], words: str) -> None:
    answer = client.request("POST", "/contexts/wrong", {**settings(), **more})
    assert answer.status == 500
    assert answer.json()["status"] == "CONTEXT INIT ERROR"
    assert words in answer.json()["result"]["message"]
    assert "wrong" not in client.contexts()


def test_binaries_and_paths_of_a_context(client: Client, tmp_path: Path) -> None:
    (tmp_path / "on_path.py").write_text("X = 1\n")
    upload(client, "lib", archive({"lib.py": "from on_path import X\n"}))
    upload(
        client,
        "user",
        archive(
            {"user.py": "import lib\nclass A:\n def run_job(*_): return lib.X + 1\n"}
        ),
    )
    more = {"cp": "lib", "python.paths": tmp_path}
    context = create(client, "libraries", "user", more)
    assert context.run("user.A") == 2


def test_a_server_that_comes_back_takes_over(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark)
    upload(server.client, "shop", jobs())
    context = create(server.client, "shop", "shop")
    pid = context.run("shop.Count")[0]
    job = running(context.submit("shop.Waits", {"seconds": 3}))
    server.kill()
    server.start()
    back = Job(server.client, job.id)
    assert back.result() is False
    again = PythonContext(server.client, "shop", "shop")
    until(lambda: again.state == "RUNNING", "the context is taken over")
    assert again.run("shop.Count") == [pid, 2]


@pytest.mark.usefixtures("stopped")
def test_stop(client: Client) -> None:
    context = create(client, "stopped", "shop")
    job = running(context.submit("shop.Waits"))
    client.delete("/contexts/stopped")
    assert job.wait()["status"] == "ERROR"

"""The Python client without asyncio, against a real server."""

from __future__ import annotations

import multiprocessing
import pickle
import socket
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import hearth_client
from conftest import StartHearthd
from hearth_client import (
    Client,
    Context,
    JobFailed,
    JobKilled,
    JobTimeout,
    NotFound,
    Retries,
    Unreachable,
    ValidationFailed,
)
from support.client import Client as Requests
from support.hearthd import Hearthd
from support.native import library
from support.python import archive
from support.python_client import PYTHON, WORDS, running, shop, url_of
from support.spark import Spark
from support.wait import until


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    return start_shared_hearthd(default_spark)


@pytest.fixture(scope="module")
def client(hearthd: Hearthd) -> Iterator[Client]:
    with Client(url_of(hearthd)) as client:
        yield client


@pytest.fixture(scope="module")
def requests(hearthd: Hearthd) -> Requests:
    """A second client, without anything of the first one."""
    return hearthd.client


@pytest.fixture(scope="module")
def ctx(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A context for tests that leave it as it was."""
    with shop(client, tmp_path_factory.mktemp("wheel"), workers=4) as context:
        yield context


# -- contexts ------------------------------------------------------------------


def test_a_block_starts_and_stops_its_context(client: Client) -> None:
    with client.context("block", kind="python", cores=2, settings=PYTHON) as ctx:
        assert ctx.report().state == "RUNNING"
        assert "block" in [x.name for x in client.contexts()]
    ended = ctx.report()
    assert ended.state == "FINISHED"
    assert ended.ended is not None
    assert "block" not in [x.name for x in client.contexts()]
    assert [x.state for x in ctx.history()][-1] == "FINISHED"


def test_a_block_leaves_a_context_that_was_there(client: Client) -> None:
    mine = client.context("there", kind="python", settings=PYTHON)
    assert mine.start()
    with client.context("there", kind="python") as ctx:
        assert ctx.report().state == "RUNNING"
    assert mine.report().state == "RUNNING"
    assert not mine.start()
    mine.stop()
    with client.context("kept", kind="python", settings=PYTHON, keep=True) as kept:
        pass
    assert kept.report().state == "RUNNING"
    kept.stop(force=True)


def test_the_settings_of_a_context(client: Client, tmp_path: Path) -> None:
    settings = {"python.preload": ["json", "decimal"], "a.b": 1, "a.b.c": "x \n ☃"}
    files = {
        "asks.py": "class A:\n"
        "    def run_job(self, context, runtime, data):\n"
        "        return [context.settings.get('a.b.c'), context.cores, data]",
    }
    wheel = tmp_path / "asks.whl"
    wheel.write_bytes(archive(files))
    client.upload(wheel)
    ctx = client.context(
        "settings",
        kind="python",
        cores=3,
        binaries="asks",
        settings={**PYTHON, **settings, "cp": ["asks"]},
    )
    with ctx:
        answer = ctx.submit("asks.A", {"x": 1}).result(60)
    assert answer == ["x \n ☃", 3, {"x": 1}]


def test_a_context_that_cannot_start(client: Client) -> None:
    ctx = client.context(
        "broken", kind="python", settings={**PYTHON, "python.preload": "nothing_there"}
    )
    with pytest.raises(hearth_client.ContextFailed, match="nothing_there") as failed:
        ctx.start()
    assert failed.value.status == 500
    assert failed.value.code == "context_init_error"
    with pytest.raises(ValueError, match="there is no kind 'snake'"):
        client.context("x", kind="snake")


def test_native_jobs(client: Client) -> None:
    binary = client.upload(library("hearth-examples-native"), "natives")
    assert binary.type == "Native"
    assert "natives" in [x.name for x in client.binaries(type="native")]
    with client.context("native", kind="native", binaries="natives") as ctx:
        job = ctx.submit("word_count", {"text": "a b a"})
        assert job.result(60)
    client.delete_binary("natives")
    with pytest.raises(NotFound):
        client.delete_binary("natives")


def test_spark(client: Client, default_spark: Spark) -> None:
    with client.context("spark", cores=2, memory="512m") as ctx:
        ctx.upload(default_spark.examples, "examples")
        job = ctx.submit("spark.jobserver.WordCountExample", 'input.string = "a b a"')
        assert job.result(90) == {"a": 2, "b": 1}
        assert job.config() == {"input": {"string": "a b a"}}
        failing = ctx.submit("spark.jobserver.MyErrorJob")
        with pytest.raises(JobFailed, match="Foobar") as failed:
            failing.result(60)
        assert failed.value.error_class == "java.lang.IllegalArgumentException"
    alone = client.submit(
        "spark.jobserver.WordCountExample",
        {"input": {"string": "a"}},
        binaries="examples",
        settings={"num-cpu-cores": 1},
    )
    assert alone.result(90) == {"a": 1}


# -- jobs ----------------------------------------------------------------------


def test_a_job(ctx: Context, client: Client) -> None:
    job = ctx.submit("shop.WordCount", WORDS)
    assert job.result(timeout=60) == {"a": 2, "b": 1}
    assert job.done()
    assert job.config() == WORDS
    report = job.report()
    assert (report.status, report.main_class) == ("FINISHED", "shop.WordCount")
    assert report.context == "shop"
    assert report.started is not None
    assert report.duration is not None
    assert report.duration >= 0
    again = client.job(job.id)
    assert again == job
    assert again.result() == {"a": 2, "b": 1}
    assert job.history()[-1].state == "FINISHED"


def test_a_failed_job(ctx: Context) -> None:
    job = ctx.submit("shop.Fails", {"message": "oh ☃"})
    with pytest.raises(JobFailed) as failed:
        job.result(60)
    error = failed.value
    assert (error.error_class, error.message) == ("ValueError", "oh ☃")
    assert error.code == "job_failed"
    assert 'shop.py", line' in (error.stack or "")
    assert error.job_id == job.id
    assert error.request_id
    assert str(error) == f"ValueError: oh ☃ (job {job.id})"
    shown = "".join(traceback.format_exception(error))
    assert 'shop.py", line' in shown
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.stack, copy.code) == (str(error), error.stack, error.code)


def test_refusals(ctx: Context, client: Client) -> None:
    with pytest.raises(ValidationFailed) as invalid:
        ctx.submit("shop.WordCount", {})
    assert invalid.value.problems == [
        "config input.strings not found",
        "nothing to count",
    ]
    assert (invalid.value.status, invalid.value.code) == (400, "validation_failed")
    with pytest.raises(NotFound, match=r"shop\.Nothing") as missing:
        ctx.submit("shop.Nothing")
    assert (missing.value.status, missing.value.code) == (404, "not_found")
    assert len(missing.value.request_id or "") == 32
    with pytest.raises(hearth_client.LoadingFailed):
        ctx.submit("shop.NoJob")
    with pytest.raises(hearth_client.Refused, match="Cannot parse config"):
        ctx.submit("shop.WordCount", "{ not closed")
    with pytest.raises(NotFound, match="No such job"):
        client.job("00000000-0000-0000-0000-000000000000").result(5)
    with pytest.raises(hearth_client.Refused, match=r"'\.\.' is no name"):
        client.job("..").report()
    with pytest.raises(ValueError, match=r"no binary has a\.B"):
        client.context("shop").submit("a.B")
    with pytest.raises(TypeError, match="a complex has no form in JSON"):
        ctx.submit("shop.WordCount", {"x": 1j})


def test_a_job_that_takes_long(ctx: Context) -> None:
    job = running(ctx.submit("shop.Waits", {"seconds": 60}))
    with pytest.raises(JobTimeout, match="it goes on") as late:
        job.result(timeout=0.05)
    assert isinstance(late.value, TimeoutError)
    assert late.value.job_id == job.id
    assert not job.done()
    assert job.cancel()
    with pytest.raises(JobKilled):
        job.result(60)
    assert job.wait().status == "KILLED"
    assert job.cancel()
    finished = ctx.submit("shop.Count")
    finished.result(60)
    assert not finished.cancel()


def test_progress(ctx: Context) -> None:
    job = running(ctx.submit("shop.Waits"))
    seen = until(lambda: job.progress() if job.progress().total else None, "progress")
    assert (seen.done, seen.total, seen.text) == (1, 2, "half of it")
    page = job._repr_html_()
    assert '<progress value="1" max="2">' in page
    assert "half of it" in page
    job.cancel()
    failed = ctx.submit("shop.Fails", {"message": "<script>"})
    failed.wait(60)
    assert "&lt;script&gt;" in failed._repr_html_()
    assert "<script>" not in failed._repr_html_()


def test_logs(ctx: Context) -> None:
    job = ctx.submit("shop.Waits")
    lines = []
    for line in job.logs(follow=True):
        lines.append(line)
        if "still waiting" in line:
            job.cancel()
    assert any("waiting" in line for line in lines)
    assert all("\n" not in line for line in lines)
    assert [x for x in job.logs() if "still waiting" in x]
    assert len(list(job.logs(lines=1))) == 1
    assert any(job.id in line for line in ctx.logs())
    # Whoever stops reading ends the request.
    other = running(ctx.submit("shop.Waits"))
    for _ in other.logs(follow=True):
        break
    other.cancel()


def test_lists(ctx: Context, client: Client) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=5)
    jobs = [ctx.submit("shop.Count") for _ in range(60)]
    client.gather(jobs, timeout=120)
    wanted = [job.id for job in reversed(jobs)]
    assert [x.id for x in client.jobs(limit=60)] == wanted  # two pages
    assert next(client.jobs()).id == wanted[0]
    assert [x.id for x in client.jobs(main_class="shop.Count", limit=2)] == wanted[:2]
    assert {x.id for x in client.jobs(since=begun)} >= set(wanted)
    assert not list(client.jobs(since=begun + timedelta(days=1)))
    assert not list(client.jobs(context="elsewhere"))
    assert not list(client.jobs(status="running"))
    waiting = running(ctx.submit("shop.Waits"))
    assert list(client.jobs(status="running")) == [waiting]
    waiting.cancel()
    # A list has no results; they are fetched when they are asked for.
    listed = next(client.jobs(status="finished"))
    assert isinstance(listed.result()[0], int)


def test_data_files(client: Client, ctx: Context, tmp_path: Path) -> None:
    file = tmp_path / "rows"
    file.write_bytes(b"1,2" * 100_000)
    name = client.upload_data(file)
    assert name in client.data_files()
    assert ctx.submit("shop.ReadsData", {"file": name}).result(60) == "1,2" * 100_000
    client.delete_data(name)
    assert name not in client.data_files()


# -- several jobs --------------------------------------------------------------


def test_as_completed(client: Client, ctx: Context) -> None:
    slow = running(ctx.submit("shop.Waits"))
    quick = ctx.submit("shop.Count")
    failing = ctx.submit("shop.Fails")
    ended = client.as_completed([slow, quick, failing])
    assert {next(ended), next(ended)} == {quick, failing}
    slow.cancel()
    assert next(ended) is slow
    assert next(ended, None) is None
    waiting = ctx.submit("shop.Waits")
    with pytest.raises(JobTimeout, match="1 of 2 jobs"):
        list(client.as_completed([waiting, quick], timeout=0.2))
    waiting.cancel()


def test_gather(client: Client, ctx: Context) -> None:
    jobs = [ctx.submit("shop.Numbers", {"count": n}) for n in range(5)]
    assert client.gather(jobs, timeout=60) == [list(range(n)) for n in range(5)]
    failing = ctx.submit("shop.Fails")
    results = client.gather([jobs[1], failing], return_exceptions=True)
    assert results[0] == [0]
    assert isinstance(results[1], JobFailed)
    with pytest.raises(JobFailed):
        client.gather([jobs[1], failing])


def test_map(client: Client, ctx: Context) -> None:
    configs = [{"count": n} for n in range(40)]
    results = list(ctx.map("shop.Numbers", configs, window=10))
    assert results == [list(range(n)) for n in range(40)]
    items = [{"message": "a"}, {"message": "b"}]
    errors = list(ctx.map("shop.Fails", items, return_exceptions=True))
    assert [str(x.message) for x in errors] == ["a", "b"]
    # The failure of one ends the others.
    before = {job.id for job in client.jobs()}
    mixed = ctx.map("shop.Waits", [{"seconds": "no number"}, {}, {}])
    with pytest.raises(JobFailed):
        list(mixed)
    for job in client.jobs(main_class="shop.Waits"):
        if job.id not in before:
            assert job.wait(30).status in ("ERROR", "KILLED")


def test_threads_share_a_client(client: Client, ctx: Context) -> None:
    results: list[object] = []

    def work(n: int) -> None:
        for i in range(5):
            job = ctx.options(queue=True).submit("shop.Numbers", {"count": n + i})
            results.append(len(job.result(60)) == n + i)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 40


# -- results in pieces ---------------------------------------------------------


def test_a_result_is_read_while_it_is_made(ctx: Context, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with ctx.stream("shop.InSteps", {"go": str(go), "rows": 5}) as stream:
        rows = stream.items()
        assert next(rows)[0] == 0
        assert stream.job_id
        go.touch()
        assert list(rows) == [[1], [2], [3], [4]]


def test_large_results(ctx: Context, client: Client, tmp_path: Path) -> None:
    config = {"pieces": 60, "size": 50_000}
    with ctx.stream("shop.Stream", config) as stream:
        size = stream.save(tmp_path / "result.json")
    assert size == (tmp_path / "result.json").stat().st_size
    job = ctx.submit("shop.Stream", config)
    report = job.wait(60)
    assert report.status == "FINISHED"
    assert report.result is hearth_client.ABSENT
    assert report.main_class == "shop.Stream"
    assert job.result() == ["x" * 50_000] * 60
    with job.stream() as stream:
        assert sum(len(x) for x in stream.items()) == 3_000_000
    with client.job(job.id).stream() as stream:
        assert b"".join(stream.parts()) == (tmp_path / "result.json").read_bytes()
    small = ctx.submit("shop.WordCount", WORDS)
    with small.stream() as stream:
        assert stream.read() == {"a": 2, "b": 1}


def test_a_job_that_fails_half_way(ctx: Context, tmp_path: Path) -> None:
    go = tmp_path / "go"
    config = {"go": str(go), "fail": True}
    with ctx.stream("shop.InSteps", config) as stream:
        rows = stream.items()
        assert next(rows)[0] == 0
        go.touch()
        with pytest.raises(JobFailed, match="half-way"):
            list(rows)
    with (
        pytest.raises(JobFailed, match="at once"),
        ctx.stream("shop.Fails", {"message": "at once"}),
    ):
        pass
    with (
        pytest.raises(JobTimeout, match="has no result after 1 s") as late,
        ctx.stream("shop.Waits", timeout=1),
    ):
        pass
    assert late.value.job_id


def test_a_reader_that_leaves_ends_the_job(ctx: Context, client: Client) -> None:
    with ctx.stream("shop.Stream", {"pieces": 4000, "size": 50_000}) as stream:
        assert next(stream.items()) == "x" * 50_000
    assert client.job(stream.job_id).wait(60).status == "ERROR"


# -- uploads -------------------------------------------------------------------


def test_an_upload_is_skipped_where_it_is_there(
    client: Client, requests: Requests, tmp_path: Path
) -> None:
    wheel = tmp_path / "twice-1.0-py3-none-any.whl"
    wheel.write_bytes(archive({"twice.py": "x = 1"}))
    first = client.upload(wheel)
    assert (first.name, first.type) == ("twice", "Wheel")
    uploaded = requests.get("/binaries/twice").json()["upload-time"]
    again = client.upload(wheel)
    assert again == first
    assert requests.get("/binaries/twice").json()["upload-time"] == uploaded
    wheel.write_bytes(archive({"twice.py": "x = 2"}))
    client.upload(wheel)
    assert requests.get("/binaries/twice").json()["upload-time"] != uploaded
    with pytest.raises(ValueError, match="does not say what it is"):
        client.upload(tmp_path / "twice.txt")
    (tmp_path / "bad.jar").write_bytes(b"no jar")
    with pytest.raises(hearth_client.Refused, match="not of the right format"):
        client.upload(tmp_path / "bad.jar")


# -- servers that are not there, clients that are not --------------------------


def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        Client(f"http://name:secret@127.0.0.1:{port}") as nobody,
        pytest.raises(Unreachable, match="cannot be reached") as missing,
    ):
        nobody.healthy()
    assert "secret" not in f"{missing.value}{nobody!r}"


def test_a_closed_client(hearthd: Hearthd) -> None:
    client = Client(url_of(hearthd))
    assert client.healthy()
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="the client is closed"):
        client.healthy()


def _in_a_fork(client: Client, said: multiprocessing.queues.Queue[str]) -> None:
    try:
        client.healthy()
    except RuntimeError as e:
        said.put(str(e))


def test_a_fork(client: Client) -> None:
    assert client.healthy()
    fork = multiprocessing.get_context("fork")
    said = fork.Queue()
    child = fork.Process(target=_in_a_fork, args=(client, said))
    child.start()
    assert "before the process forked" in said.get(timeout=30)
    child.join(30)


def test_a_busy_context(client: Client, tmp_path: Path, hearthd: Hearthd) -> None:
    settings = {"max-jobs-per-context": 1}
    with shop(client, tmp_path, "narrow", **settings) as ctx:
        first = running(ctx.submit("shop.Waits"))
        with Client(url_of(hearthd), retries=Retries(seconds=0)) as hasty:
            narrow = hasty.context("narrow", binaries="shop")
            with pytest.raises(hearth_client.Busy) as busy:
                narrow.submit("shop.Count")
        assert busy.value.status == 503
        assert busy.value.code == "no_slots_available"
        # A patient one tries again until there is a slot.
        ender = threading.Timer(0.5, first.cancel)
        ender.start()
        assert ctx.submit("shop.Count").result(60)
        ender.join()
        second = running(ctx.submit("shop.Waits"))
        queued = ctx.submit("shop.Count", queue=True, priority=5)
        assert queued.report().queued == 1
        second.cancel()
        assert queued.result(60)

"""The Python client for asyncio, against a real server."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import hearth_client
from conftest import StartHearthd
from hearth_client import (
    AsyncClient,
    AsyncContext,
    AsyncJob,
    Client,
    Context,
    Job,
    JobFailed,
    JobKilled,
    JobTimeout,
    ResultStream,
    Stream,
)
from support.hearthd import Hearthd
from support.python import jobs
from support.python_client import PYTHON, WORDS, url_of
from support.spark import Spark

Work = Callable[[AsyncClient, AsyncContext], Awaitable[None]]


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    return start_shared_hearthd(default_spark)


@pytest.fixture(scope="module")
def run(
    hearthd: Hearthd, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Work], None]:
    """Runs a coroutine with a client and a context."""
    wheel = tmp_path_factory.mktemp("wheel") / "shop-1-py3-none-any.whl"
    wheel.write_bytes(jobs())

    def run(work: Work) -> None:
        async def session() -> None:
            async with AsyncClient(url_of(hearthd)) as client:
                ctx = client.context("async", kind="python", settings=PYTHON)
                await ctx.upload(wheel)
                async with ctx:
                    await work(client, ctx)

        asyncio.run(session())

    return run


def test_jobs(run: Callable[[Work], None]) -> None:
    async def work(client: AsyncClient, ctx: AsyncContext) -> None:
        job = await ctx.submit("shop.WordCount", WORDS)
        assert await job == {"a": 2, "b": 1}
        assert await job.result() == {"a": 2, "b": 1}
        assert await job.status() == "FINISHED"
        assert await job.config() == WORDS
        assert "FINISHED" in job._repr_html_()
        with pytest.raises(JobFailed, match="oh"):
            await (await ctx.submit("shop.Fails", {"message": "oh"}))
        waiting = await ctx.submit("shop.Waits")
        with pytest.raises(JobTimeout):
            await waiting.result(0.05)
        assert await waiting.cancel()
        with pytest.raises(JobKilled):
            await waiting
        assert [x.name for x in await client.contexts()] == ["async"]
        assert (await ctx.report()).state == "RUNNING"

    run(work)


def test_many(run: Callable[[Work], None]) -> None:
    async def work(client: AsyncClient, ctx: AsyncContext) -> None:
        queue = ctx.options(queue=True)
        configs = [{"count": n} for n in range(20)]
        started = [await queue.submit("shop.Numbers", x) for x in configs]
        assert len(await client.gather(started)) == 20
        assert {x async for x in client.as_completed(started)} == set(started)
        lengths = [len(x) async for x in ctx.map("shop.Numbers", configs)]
        assert lengths == list(range(20))
        listed = [x async for x in client.jobs(limit=3)]
        assert len(listed) == 3
        both = await asyncio.gather(*[(await ctx.submit("shop.Count")) for _ in "ab"])
        assert len(both) == 2

    run(work)


def test_streams_and_logs(run: Callable[[Work], None], tmp_path: Path) -> None:
    async def work(client: AsyncClient, ctx: AsyncContext) -> None:
        go = tmp_path / "go"
        async with ctx.stream("shop.InSteps", {"go": str(go)}) as stream:
            rows = []
            async for row in stream.items():
                rows.append(row[0])
                go.touch()
        assert rows == [0, 1, 2]
        job = await ctx.submit("shop.Waits")
        async for line in job.logs(follow=True):
            if "still waiting" in line:
                break
        await job.cancel()

    run(work)


def test_functions(run: Callable[[Work], None]) -> None:
    async def work(client: AsyncClient, ctx: AsyncContext) -> None:
        import textwrap

        assert await ctx.run(textwrap.indent, "a", "> ") == "> a"

    run(work)


def test_a_cancelled_wait_leaves_the_job(run: Callable[[Work], None]) -> None:
    async def work(client: AsyncClient, ctx: AsyncContext) -> None:
        job = await ctx.submit("shop.Waits")
        waits = [asyncio.ensure_future(job.result()) for _ in range(2)]
        await asyncio.sleep(0)
        waits[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits[0]
        assert not await job.done()
        await job.cancel()
        with pytest.raises(JobKilled):
            await waits[1]

    run(work)


def test_jobs_of_the_other_client_can_be_awaited(
    hearthd: Hearthd, tmp_path: Path
) -> None:
    wheel = tmp_path / "shop-1-py3-none-any.whl"
    wheel.write_bytes(jobs())
    with (
        Client(url_of(hearthd)) as client,
        client.context("await", kind="python", settings=PYTHON) as ctx,
    ):
        ctx.upload(wheel)

        async def session() -> Any:  # noqa: ANN401
            return await ctx.submit("shop.WordCount", WORDS)

        assert asyncio.run(session()) == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("sync", "other"),
    [
        (Client, AsyncClient),
        (Context, AsyncContext),
        (Job, AsyncJob),
        (ResultStream, Stream),
    ],
)
def test_both_have_the_same_names(sync: type, other: type) -> None:
    def calls(of: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(value).parameters)
            for name, value in vars(of).items()
            if not name.startswith("_") and inspect.isfunction(value)
        }

    theirs = calls(other)
    for inner in ("begin", "raw", "log_blocks"):
        theirs.pop(inner, None)
    assert calls(sync) == theirs
    for name in calls(sync):
        assert getattr(sync, name).__doc__ == getattr(other, name).__doc__, name


def test_everything_public_is_documented() -> None:
    for name in hearth_client.__all__:
        if name != "ABSENT":
            assert getattr(hearth_client, name).__doc__, name

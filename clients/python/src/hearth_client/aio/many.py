"""Several jobs at once."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sized
from typing import Any

from hearth_client.aio.job import AsyncJob
from hearth_client.bars import JobsBar
from hearth_client.errors import HearthError, JobTimeout


async def as_completed(
    jobs: Iterable[AsyncJob], timeout: float | None = None, *, progress: bool = False
) -> AsyncIterator[AsyncJob]:
    """The jobs in the order in which they end, well or not.

    :raises hearth_client.JobTimeout: if not all have ended after so many seconds
    """
    tasks = {asyncio.ensure_future(job.wait()): job for job in jobs}
    waiting = set(tasks)
    give_up = None if timeout is None else time.monotonic() + timeout
    try:
        with JobsBar(progress, len(tasks)) as bar:
            while waiting:
                left = None if give_up is None else max(give_up - time.monotonic(), 0)
                ended, waiting = await asyncio.wait(
                    waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED
                )
                if not ended:
                    raise JobTimeout(
                        f"{len(waiting)} of {len(tasks)} jobs have not ended after "
                        f"{timeout:g} s; they go on"
                    )
                bar.ended += len(ended)
                for task in ended:
                    task.exception()  # its result() raises it, too
                    yield tasks[task]
            bar.finish(f"{len(tasks)} jobs have ended")
    finally:
        for task in waiting:
            task.cancel()


async def gather(
    jobs: Iterable[AsyncJob],
    *,
    timeout: float | None = None,
    return_exceptions: bool = False,
    progress: bool = False,
) -> list[Any]:
    """The results of the jobs, in the order of the jobs.

    :param return_exceptions: puts the error of a failed job into the list; else
        the first one is raised, and the other jobs go on
    :raises hearth_client.JobTimeout: if not all have ended after so many seconds
    """
    wanted = list(jobs)
    results: dict[AsyncJob, Any] = {}
    async for job in as_completed(wanted, timeout, progress=progress):
        try:
            results[job] = await job.result()
        except HearthError as e:
            if not return_exceptions:
                raise
            results[job] = e
    return [results[job] for job in wanted]


async def map_jobs(
    start: Callable[[Any], Awaitable[AsyncJob]],
    items: Iterable[Any],
    *,
    window: int,
    return_exceptions: bool,
    progress: bool,
) -> AsyncIterator[Any]:
    """Starts a job for each item, and gives the results in the order of the items.

    If one fails, or the caller stops reading, those that have not ended are killed.
    """
    if window < 1:
        raise ValueError("window must be at least 1")
    if progress:
        items = list(items)
    total = len(items) if isinstance(items, Sized) else 0
    running: deque[asyncio.Task[tuple[AsyncJob, Any]]] = deque()
    jobs: set[AsyncJob] = set()

    async def one(item: object) -> Any:  # noqa: ANN401
        job = await start(item)
        jobs.add(job)
        await job.wait()
        jobs.discard(job)
        bar.ended += 1
        return await job.result()

    async def outcome(task: asyncio.Task[Any]) -> Any:  # noqa: ANN401
        try:
            return await task
        except HearthError as e:
            if not return_exceptions:
                raise
            return e

    try:
        with JobsBar(progress, total) as bar:
            for item in items:
                running.append(asyncio.ensure_future(one(item)))
                if len(running) >= window:
                    yield await outcome(running.popleft())
            while running:
                yield await outcome(running.popleft())
            bar.finish(f"{bar.ended} jobs have ended")
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.gather(*(job.cancel() for job in jobs), return_exceptions=True)

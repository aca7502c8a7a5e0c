"""Waits for the ends of jobs: one watch for all jobs of a client.

The number of its requests does not depend on the number of jobs. Up to four jobs,
those that were asked for first, have a request that the server holds back until
the job has ended. All further ones are looked up together in the server's lists of
live jobs; those that are on none of them are asked for their report.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import time
from collections.abc import Iterable

from hearth_client.errors import HearthError, Unreachable
from hearth_client.reports import ABSENT, JobReport
from hearth_client.transport import Flow, Transport

POLLS = 4
HOLD = 20
"""For how many seconds the server is asked to hold a request back."""

SHORTEST_PAUSE = 0.02
LONGEST_PAUSE = 1.0

READERS = 8
"""So many reports are read at the same time."""

TRIES = 3
"""So often a report is asked for whose text breaks off."""

LARGE = 1 << 20
"""A report beyond so many bytes is read only by those who want the result."""

_LIVE = ("running", "started", "restarting")
_SHORT_LIST = 255
_LONG_LIST = 10_000


class Watch:
    """The jobs of a client whose ends somebody waits for."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._waiting: dict[str, _Waiting] = {}
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._sweep: asyncio.Task[None] | None = None
        self._looked_at: set[str] = set()
        """Those whose reports the sweep reads now."""
        self._events: asyncio.Event | None = None
        self._closed = False

    async def end_of(self, job: str) -> JobReport:
        """The report of a job that has ended.

        A result of more than a MiB is not in it: it is ABSENT then.
        """
        if self._closed:
            raise RuntimeError("the client is closed")
        waiting = self._waiting.get(job)
        if waiting is None:
            waiting = self._waiting[job] = _Waiting()
            self._news.set()
        waiting.number += 1
        self._start_tasks()
        try:
            # Others may wait for the same job.
            return await asyncio.shield(waiting.end)
        finally:
            waiting.number -= 1
            if waiting.number == 0 and self._waiting.get(job) is waiting:
                self._forget(job)

    async def close(self) -> None:
        """Ends all requests; whoever still waits gets an error."""
        self._closed = True
        tasks = [*self._polls.values(), *([self._sweep] if self._sweep else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for job in list(self._waiting):
            self._fail(job, HearthError("the client was closed", code="closed"))

    @property
    def _news(self) -> asyncio.Event:
        """Is set by each further job."""
        if self._events is None:  # before Python 3.10 it has to be made in the loop
            self._events = asyncio.Event()
        return self._events

    # -- tasks -------------------------------------------------------------------

    def _start_tasks(self) -> None:
        if self._closed:
            return
        for job in self._waiting:
            if len(self._polls) >= POLLS:
                break
            if job not in self._polls and job not in self._looked_at:
                task = asyncio.ensure_future(self._poll(job))
                self._polls[job] = task
                task.add_done_callback(functools.partial(self._polled, job))
        if len(self._waiting) > len(self._polls) and self._sweep is None:
            self._sweep = asyncio.ensure_future(self._keep_sweeping())

    def _polled(self, job: str, _: asyncio.Task[None]) -> None:
        self._polls.pop(job, None)
        self._start_tasks()

    async def _poll(self, job: str) -> None:
        """Asks for one job until it has ended."""
        pause = SHORTEST_PAUSE
        while job in self._waiting:
            asked = time.monotonic()
            try:
                report = await self.report(job, wait=HOLD)
            except Exception as e:
                return self._fail(job, e)
            if report.done:
                return self._finish(job, report)
            # A server that does not hold requests back answers at once.
            if time.monotonic() - asked < HOLD / 2:
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)
        return None

    async def _keep_sweeping(self) -> None:
        """Looks for the ends of all jobs without a request of their own."""
        pause = SHORTEST_PAUSE
        try:
            while unpolled := [x for x in self._waiting if x not in self._polls]:
                begun = time.monotonic()
                ended = await self._sweep_once(unpolled)
                cost = time.monotonic() - begun
                pause = SHORTEST_PAUSE if ended else min(pause * 1.5, LONGEST_PAUSE)
                if self._news.is_set():
                    self._news.clear()
                    pause = SHORTEST_PAUSE
                # A server for which lists are much work has few to make.
                await self._sleep(max(pause, 4 * cost))
        except Exception as e:
            for job in [x for x in self._waiting if x not in self._polls]:
                self._fail(job, e)
        finally:
            self._sweep = None

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, SHORTEST_PAUSE))
        if seconds > SHORTEST_PAUSE:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds - SHORTEST_PAUSE)

    async def _sweep_once(self, jobs: Iterable[str]) -> bool:
        """Whether one of these jobs has ended."""
        live = await self._live_jobs()
        gone = [
            job
            for job in jobs
            if job not in live and job in self._waiting and job not in self._polls
        ]
        self._looked_at = set(gone)
        places = asyncio.Semaphore(READERS)

        async def look(job: str) -> bool:
            async with places:
                if job not in self._waiting:
                    return True
                try:
                    report = await self.report(job)
                except Exception as e:
                    self._fail(job, e)
                    return True
                # Between two lists it may have got another state.
                if report.done:
                    self._finish(job, report)
                return report.done

        try:
            return any(await asyncio.gather(*map(look, gone)))
        finally:
            self._looked_at = set()
            self._start_tasks()

    async def _live_jobs(self) -> set[str]:
        live: set[str] = set()
        for status in _LIVE:
            for limit in (_SHORT_LIST, _LONG_LIST):
                answer = await self._transport.send(
                    "GET", ["jobs"], {"status": status, "limit": limit}
                )
                found = [str(x["jobId"]) for x in answer.json()]
                if len(found) < limit:
                    break
            live.update(found)
        return live

    # -- reports -----------------------------------------------------------------

    async def report(
        self, job: str, *, wait: int | None = None, whole: bool = False
    ) -> JobReport:
        """What the server says about a job.

        :param wait: for how many seconds the server may wait for its end
        :param whole: with its result, however large that is
        """
        tries = 0
        while True:
            try:
                return await self._read_report(job, wait, whole)
            except Unreachable:
                # The answer broke off half-way.
                tries += 1
                if tries == TRIES or self._transport.retries.seconds <= 0:
                    raise

    async def _read_report(self, job: str, wait: int | None, whole: bool) -> JobReport:
        async with self._transport.stream(
            "GET", ["jobs", job], {"wait": wait}, timeout=60 + (wait or 0)
        ) as flow:
            body = bytearray()
            async for part in flow.parts():
                body += part
                if len(body) > LARGE and not whole:
                    return _report_without_result(bytes(body), job, flow)
        return JobReport.of(json.loads(bytes(body)), flow.request_id)

    # -- what came out -----------------------------------------------------------

    def _finish(self, job: str, report: JobReport) -> None:
        waiting = self._forget(job)
        if waiting is not None and not waiting.end.done():
            waiting.end.set_result(report)

    def _fail(self, job: str, error: Exception) -> None:
        waiting = self._forget(job)
        if waiting is not None and not waiting.end.done():
            waiting.end.set_exception(error)
            waiting.end.exception()  # nobody may be left who looks at it

    def _forget(self, job: str) -> _Waiting | None:
        waiting = self._waiting.pop(job, None)
        poll = self._polls.get(job)
        if poll is not None and poll is not _current_task():
            poll.cancel()
        return waiting


class _Waiting:
    """Those who wait for one job."""

    def __init__(self) -> None:
        self.end: asyncio.Future[JobReport] = asyncio.get_running_loop().create_future()
        self.number = 0


def _current_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _report_without_result(body: bytes, job: str, flow: Flow) -> JobReport:
    """Reads what stands before a large result: only a finished job has one."""
    head, found, _ = body.partition(b'"result":')
    fields = json.loads(head.rstrip(b",") + b"}") if found else {}
    fields.update(jobId=job, status="FINISHED", result=ABSENT)
    return JobReport.of(fields, flow.request_id)

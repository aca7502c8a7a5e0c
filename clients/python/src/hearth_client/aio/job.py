"""A job of the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Generator
from typing import Any

from hearth_client.aio.core import Core
from hearth_client.bars import JobBar, job_html
from hearth_client.errors import JobTimeout, NotFound
from hearth_client.reports import ABSENT, JobReport, Progress, Step
from hearth_client.results import REPORT_TAIL, Stream, job_error


class AsyncJob:
    """A job of the server, which may have ended. `await job` is its result."""

    def __init__(self, core: Core, id: str, report: JobReport | None = None) -> None:
        self._core = core
        self.id = id
        self._last = report
        self._seen: Progress | None = None

    def __repr__(self) -> str:
        status = f" {self._last.status}" if self._last else ""
        return f"<job {self.id}{status}>"

    def _repr_html_(self) -> str:
        return job_html(self.id, self._last, self._seen)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AsyncJob) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __await__(self) -> Generator[Any, None, Any]:
        return self.result().__await__()

    @property
    def last_report(self) -> JobReport | None:
        """What the server last said about it; nothing is asked."""
        return self._last

    # -- its state ---------------------------------------------------------------

    async def report(self) -> JobReport:
        """What the server says about it now. Large results are left out."""
        if self._last is None or not self._last.done:
            self._last = await self._core.watch.report(self.id)
        return self._last

    async def status(self) -> str:
        """Its state: STARTED, RUNNING, RESTARTING, FINISHED, ERROR or KILLED."""
        return (await self.report()).status

    async def done(self) -> bool:
        """Whether it has ended."""
        return (await self.report()).done

    async def progress(self) -> Progress:
        """How far it is, as it reports itself or as Spark counts tasks."""
        answer = await self._core.transport.send("GET", ["jobs", self.id, "progress"])
        self._seen = Progress.of(answer.json())
        return self._seen

    async def history(self) -> list[Step]:
        """What became of it, and when."""
        answer = await self._core.transport.send("GET", ["jobs", self.id, "history"])
        return [Step.of(x) for x in answer.json()["history"]]

    async def config(self) -> Any:  # noqa: ANN401
        """The configuration that it was given."""
        answer = await self._core.transport.send("GET", ["jobs", self.id, "config"])
        return answer.json()

    # -- its end -----------------------------------------------------------------

    async def wait(
        self, timeout: float | None = None, *, progress: bool = False
    ) -> JobReport:
        """Its report once it has ended, well or not.

        :param timeout: how many seconds to wait; None: for as long as it takes
        :param progress: whether to show a bar, in a terminal or a notebook
        :raises hearth_client.JobTimeout: if it has not ended by then; it goes on
        """
        if self._last is not None and self._last.done:
            return self._last
        try:
            with JobBar(self, progress) as bar:
                self._last = await asyncio.wait_for(
                    self._core.watch.end_of(self.id), timeout
                )
                status = self._last.status
                bar.finish(f"job {self.id} {status}", status == "FINISHED")
        except asyncio.TimeoutError:
            raise JobTimeout(
                f"job {self.id} has not ended after {timeout:g} s; it goes on",
                job_id=self.id,
            ) from None
        return self._last

    async def result(
        self, timeout: float | None = None, *, progress: bool = False
    ) -> Any:  # noqa: ANN401
        """Its result, once it is finished.

        :param timeout: how many seconds to wait; None: for as long as it takes
        :param progress: whether to show a bar, in a terminal or a notebook
        :raises hearth_client.JobFailed: if it ended in ERROR
        :raises hearth_client.JobKilled: if it was killed
        :raises hearth_client.JobTimeout: if it has not ended by then; it goes on
        """
        report = await self.wait(timeout, progress=progress)
        if report.status != "FINISHED":
            raise job_error(report)
        if report.result is ABSENT:
            whole = await self._core.watch.report(self.id, whole=True)
            return whole.result
        return report.result

    @contextlib.asynccontextmanager
    async def stream(self, timeout: float | None = None) -> AsyncIterator[Stream]:
        """Its result once it is finished, read piece by piece.

        To read the result of a running job, start the job with `Context.stream`.
        """
        report = await self.wait(timeout)
        if report.status != "FINISHED":
            raise job_error(report)
        async with self._core.transport.stream("GET", ["jobs", self.id]) as flow:
            stream = Stream(
                flow.parts(), flow.request_id, self._core.watch.report, REPORT_TAIL
            )
            yield await stream.begin()

    async def cancel(self, *, force: bool = False) -> bool:
        """Kills it, and returns once it has ended.

        :param force: ends the process of its context at once, with all its jobs
        :returns: whether it was killed; False if it had ended in another way
        """
        try:
            answer = await self._core.transport.send(
                "DELETE",
                ["jobs", self.id],
                {"force": True} if force else None,
                timeout=None,
            )
        except NotFound:
            # It had ended, unless there is no such job: then this raises.
            return (await self.report()).status == "KILLED"
        return bool(answer.json().get("status") == "KILLED")

    # -- what it says ------------------------------------------------------------

    async def logs(
        self, *, follow: bool = False, lines: int = 1000
    ) -> AsyncIterator[str]:
        """The lines of its log.

        :param follow: goes on with what it logs from now on, until it has ended
        :param lines: how many of the last lines to begin with
        """
        async for block in self.log_blocks(follow, lines):
            for line in block:
                yield line

    def log_blocks(self, follow: bool, lines: int) -> AsyncIterator[list[str]]:
        """The same, with the lines together that arrive together."""
        return read_log(self._core, ["jobs", self.id, "logs"], follow, lines)


async def read_log(
    core: Core, path: list[str], follow: bool, lines: int
) -> AsyncIterator[list[str]]:
    """The lines of a log, without their ends, as they arrive."""
    query = {"lines": lines, "follow": True if follow else None}
    timeout = None if follow else 60
    rest = b""
    async with core.transport.stream("GET", path, query, timeout=timeout) as flow:
        async for part in flow.parts():
            *whole, rest = (rest + part).split(b"\n")
            if whole:
                yield [line.decode(errors="replace") for line in whole]
    if rest:
        yield [rest.decode(errors="replace")]


def job_of(core: Core, body: bytes) -> AsyncJob:
    """The job that an answer to `POST /jobs` names."""
    report = JobReport.of(json.loads(body))
    return AsyncJob(core, report.id, report)

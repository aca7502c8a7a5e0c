"""A job of the server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Generator, Iterator
from typing import Any

from hearth_client.aio.job import AsyncJob
from hearth_client.bars import job_html
from hearth_client.errors import HearthError
from hearth_client.portal import Portal
from hearth_client.reports import JobReport, Progress, Step
from hearth_client.sync.stream import ResultStream


class Job:
    """A job of the server, which may have ended. `await job` is its result, too.

    `inner` is the same job for asyncio, in the thread of its client.
    """

    def __init__(self, portal: Portal, inner: AsyncJob) -> None:
        self._portal = portal
        self.inner = inner

    @property
    def id(self) -> str:
        """Its id."""
        return self.inner.id

    def __repr__(self) -> str:
        return repr(self.inner)

    def _repr_html_(self) -> str:
        """Its state now, in a notebook."""
        seen = None
        with contextlib.suppress(HearthError, RuntimeError):
            if not self.report().done:
                seen = self.progress()
        return job_html(self.id, self.inner.last_report, seen)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __await__(self) -> Generator[Any, None, Any]:
        future = self._portal.start(self.inner.result())
        return asyncio.wrap_future(future).__await__()

    # -- its state ---------------------------------------------------------------

    def report(self) -> JobReport:
        """What the server says about it now. Large results are left out."""
        return self._portal.run(self.inner.report())

    def status(self) -> str:
        """Its state: STARTED, RUNNING, RESTARTING, FINISHED, ERROR or KILLED."""
        return self._portal.run(self.inner.status())

    def done(self) -> bool:
        """Whether it has ended."""
        return self._portal.run(self.inner.done())

    def progress(self) -> Progress:
        """How far it is, as it reports itself or as Spark counts tasks."""
        return self._portal.run(self.inner.progress())

    def history(self) -> list[Step]:
        """What became of it, and when."""
        return self._portal.run(self.inner.history())

    def config(self) -> Any:  # noqa: ANN401
        """The configuration that it was given."""
        return self._portal.run(self.inner.config())

    # -- its end -----------------------------------------------------------------

    def wait(
        self, timeout: float | None = None, *, progress: bool = False
    ) -> JobReport:
        """Its report once it has ended, well or not.

        :param timeout: how many seconds to wait; None: for as long as it takes
        :param progress: whether to show a bar, in a terminal or a notebook
        :raises hearth_client.JobTimeout: if it has not ended by then; it goes on
        """
        return self._portal.run(self.inner.wait(timeout, progress=progress))

    def result(self, timeout: float | None = None, *, progress: bool = False) -> Any:  # noqa: ANN401
        """Its result, once it is finished.

        :param timeout: how many seconds to wait; None: for as long as it takes
        :param progress: whether to show a bar, in a terminal or a notebook
        :raises hearth_client.JobFailed: if it ended in ERROR
        :raises hearth_client.JobKilled: if it was killed
        :raises hearth_client.JobTimeout: if it has not ended by then; it goes on
        """
        return self._portal.run(self.inner.result(timeout, progress=progress))

    @contextlib.contextmanager
    def stream(self, timeout: float | None = None) -> Iterator[ResultStream]:
        """Its result once it is finished, read piece by piece.

        To read the result of a running job, start the job with `Context.stream`.
        """
        with self._portal.enter(self.inner.stream(timeout)) as stream:
            yield ResultStream(self._portal, stream)

    def cancel(self, *, force: bool = False) -> bool:
        """Kills it, and returns once it has ended.

        :param force: ends the process of its context at once, with all its jobs
        :returns: whether it was killed; False if it had ended in another way
        """
        return self._portal.run(self.inner.cancel(force=force))

    # -- what it says ------------------------------------------------------------

    def logs(self, *, follow: bool = False, lines: int = 1000) -> Iterator[str]:
        """The lines of its log.

        :param follow: goes on with what it logs from now on, until it has ended
        :param lines: how many of the last lines to begin with
        """
        for block in self._portal.iterate(self.inner.log_blocks(follow, lines)):
            yield from block

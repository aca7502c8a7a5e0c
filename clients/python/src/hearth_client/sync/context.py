"""A context of the server: where jobs run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, overload

from hearth_client.aio.context import AsyncContext
from hearth_client.aio.core import Key
from hearth_client.aio.options import Names
from hearth_client.aio.starter import LONGEST_SYNC
from hearth_client.encoding import Config
from hearth_client.portal import Portal
from hearth_client.reports import Binary, ContextReport, Step
from hearth_client.sync.job import Job
from hearth_client.sync.stream import ResultStream


class Context:
    """A context of the server, by its name. Nothing is asked until it is used.

    As a `with` block it starts the context, unless it is there already. The end of
    the block stops the context, if the block has started it.
    """

    def __init__(self, portal: Portal, inner: AsyncContext) -> None:
        self._portal = portal
        self._inner = inner

    @property
    def name(self) -> str:
        """Its name."""
        return self._inner.name

    def __repr__(self) -> str:
        return repr(self._inner)

    def __enter__(self) -> Context:
        self._portal.run(self._inner.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._portal.run(self._inner.__aexit__(kind, error, trace))

    # -- its life ----------------------------------------------------------------

    def start(self) -> bool:
        """Starts it, and returns once it takes jobs.

        :returns: False if it was there already
        :raises hearth_client.ContextFailed: if it cannot start
        """
        return self._portal.run(self._inner.start())

    def stop(self, *, force: bool = False) -> None:
        """Stops it, and returns once it has ended.

        :param force: ends its process at once
        """
        self._portal.run(self._inner.stop(force=force))

    def restart(self, *, jobs: str = "wait") -> None:
        """Gives it another process, and returns once it takes jobs again.

        :param jobs: what jobs that arrive meanwhile do: "wait", or "refuse"
        """
        self._portal.run(self._inner.restart(jobs=jobs))

    def report(self) -> ContextReport:
        """What the server says about it; also of one that has ended."""
        return self._portal.run(self._inner.report())

    def history(self) -> list[Step]:
        """What became of it, and when."""
        return self._portal.run(self._inner.history())

    def logs(self, *, follow: bool = False, lines: int = 1000) -> Iterator[str]:
        """The lines of its log.

        :param follow: goes on with what it logs from now on, until it has ended
        :param lines: how many of the last lines to begin with
        """
        for block in self._portal.iterate(self._inner.log_blocks(follow, lines)):
            yield from block

    # -- jobs --------------------------------------------------------------------

    def options(
        self,
        *,
        binaries: Names | None = None,
        queue: bool | None = None,
        priority: int | None = None,
        max_wait: int | None = None,
        key: Key | None = None,
    ) -> Context:
        """The same context, with other options for the jobs that it is given.

        :param binaries: names of binaries, and URIs, that have the jobs' classes
        :param queue: whether a job waits where all slots of the context are taken
        :param priority: in that queue, -1000 to 1000; higher goes first
        :param max_wait: how many seconds a job may wait in that queue
        :param key: the idempotency key; True: each job has one, False: none has
        """
        other = self._inner.options(
            binaries=binaries,
            queue=queue,
            priority=priority,
            max_wait=max_wait,
            key=key,
        )
        return Context(self._portal, other)

    def upload(
        self, path: str | Path, name: str | None = None, *, type: str | None = None
    ) -> Binary:
        """Uploads a binary, and takes its jobs from now on.

        It is not sent if the server has the same content under that name.

        :param name: without it, the name of the file without version and ending
        :param type: jar, wheel, egg or native, if the file's name does not say it
        """
        return self._portal.run(self._inner.upload(path, name, type=type))

    @overload
    def submit(
        self,
        target: str,
        config: Config = None,
        *,
        binaries: Names | None = None,
        queue: bool | None = None,
        priority: int | None = None,
        max_wait: int | None = None,
        key: Key | None = None,
    ) -> Job: ...

    @overload
    def submit(
        self,
        target: Callable[..., Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> Job: ...

    def submit(
        self,
        target: str | Callable[..., Any],
        *args: Any,
        **kwargs: Any,
    ) -> Job:
        """Starts a job, and returns once it is accepted.

        With the name of a class, the second argument is the job's configuration: a
        dict, or a text in HOCON. With a function, all further arguments are the
        function's; its code is sent, too.

        :raises hearth_client.ValidationFailed: if the job's validation says no
        :raises hearth_client.Busy: if all slots of the context stay taken
        """
        started = self._portal.run(self._inner.submit(target, *args, **kwargs))
        return Job(self._portal, started)

    def run(
        self,
        function: Callable[..., Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Runs a function of your program in the context, and returns its result.

        The module of the function is sent as a wheel, with those modules of your own
        that it imports. The result goes through JSON. Parameters of the function with
        the names `context` and `runtime` get what jobs get, unless you pass them.
        If the wait is interrupted, the job is killed.
        """
        return self._portal.run(self._inner.run(function, *args, **kwargs))

    def map(
        self,
        target: str | Callable[..., Any],
        items: Iterable[Any],
        *,
        window: int = 64,
        return_exceptions: bool = False,
        progress: bool = False,
    ) -> Iterator[Any]:
        """Starts a job for each item, and gives the results in the items' order.

        It begins when the first result is asked for. Jobs wait where all slots of the
        context are taken. If one fails, or you stop reading, those that have not
        ended are killed.

        :param target: the name of a class, whose configurations the items are; or a
            function, whose one argument each item is
        :param window: how many jobs may be under way at the same time
        :param return_exceptions: gives the error of a failed job as its result
        """
        return self._portal.iterate(
            self._inner.map(
                target,
                items,
                window=window,
                return_exceptions=return_exceptions,
                progress=progress,
            )
        )

    @contextlib.contextmanager
    def stream(
        self, main_class: str, config: Config = None, *, timeout: float = LONGEST_SYNC
    ) -> Iterator[ResultStream]:
        """Runs a job, and reads its result while the job makes it.

        If you leave before the end, the job ends in ERROR.

        :param timeout: how many seconds the job may take until it has a result
        """
        block = self._inner.stream(main_class, config, timeout=timeout)
        with self._portal.enter(block) as stream:
            yield ResultStream(self._portal, stream)

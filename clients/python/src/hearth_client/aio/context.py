"""A context of the server: where jobs run."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, overload

from hearth_client import shipping
from hearth_client.aio import binaries
from hearth_client.aio.core import Core, Key, key_of
from hearth_client.aio.job import AsyncJob, read_log
from hearth_client.aio.many import map_jobs
from hearth_client.aio.options import Names, Options, names, settings_of
from hearth_client.aio.starter import LONGEST_SYNC, Starter
from hearth_client.encoding import Config, settings_text
from hearth_client.errors import HearthError, Refused
from hearth_client.reports import Binary, ContextReport, Step
from hearth_client.results import Stream


class AsyncContext:
    """A context of the server, by its name. Nothing is asked until it is used.

    As an `async with` block it starts the context, unless it is there already. The
    end of the block stops the context, if the block has started it.
    """

    def __init__(
        self,
        core: Core,
        name: str,
        *,
        kind: str | None = None,
        cores: int | None = None,
        memory: str | None = None,
        binaries: Names = (),
        settings: Mapping[str, object] | None = None,
        keep: bool = False,
    ) -> None:
        self._core = core
        self.name = name
        self._settings = settings_of(kind, cores, memory, settings)
        self._keep = keep
        self._mine = False
        self._starter = Starter(core, name, Options(names(binaries)))

    def __repr__(self) -> str:
        return f"<context {self.name}>"

    async def __aenter__(self) -> AsyncContext:
        self._mine = await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._mine and not self._keep:
            self._mine = False
            await self.stop()

    # -- its life ----------------------------------------------------------------

    async def start(self) -> bool:
        """Starts it, and returns once it takes jobs.

        :returns: False if it was there already
        :raises hearth_client.ContextFailed: if it cannot start
        """
        try:
            await self._core.transport.send(
                "POST",
                ["contexts", self.name],
                body=settings_text(self._settings) if self._settings else b"",
                key=key_of(True),
                timeout=None,
            )
        except Refused as e:
            if e.message == f"context {self.name} exists":
                return False
            raise
        return True

    async def stop(self, *, force: bool = False) -> None:
        """Stops it, and returns once it has ended.

        :param force: ends its process at once
        """
        answer = await self._core.transport.send(
            "DELETE",
            ["contexts", self.name],
            {"force": True} if force else None,
            timeout=None,
        )
        while answer.status == 202 and not (await self.report()).ended:
            await asyncio.sleep(0.5)

    async def restart(self, *, jobs: str = "wait") -> None:
        """Gives it another process, and returns once it takes jobs again.

        :param jobs: what jobs that arrive meanwhile do: "wait", or "refuse"
        """
        await self._core.transport.send(
            "POST", ["contexts", self.name, "restart"], {"jobs": jobs}, timeout=None
        )

    async def report(self) -> ContextReport:
        """What the server says about it; also of one that has ended."""
        answer = await self._core.transport.send("GET", ["contexts", self.name])
        return ContextReport.of(answer.json())

    async def history(self) -> list[Step]:
        """What became of it, and when."""
        answer = await self._core.transport.send(
            "GET", ["contexts", self.name, "history"]
        )
        return [Step.of(x) for x in answer.json()["history"]]

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
        return read_log(self._core, ["contexts", self.name, "logs"], follow, lines)

    # -- jobs --------------------------------------------------------------------

    def options(
        self,
        *,
        binaries: Names | None = None,
        queue: bool | None = None,
        priority: int | None = None,
        max_wait: int | None = None,
        key: Key | None = None,
    ) -> AsyncContext:
        """The same context, with other options for the jobs that it is given.

        :param binaries: names of binaries, and URIs, that have the jobs' classes
        :param queue: whether a job waits where all slots of the context are taken
        :param priority: in that queue, -1000 to 1000; higher goes first
        :param max_wait: how many seconds a job may wait in that queue
        :param key: the idempotency key; True: each job has one, False: none has
        """
        other = copy.copy(self)
        other._mine = False
        other._starter = self._starter.with_options(
            binaries=binaries,
            queue=queue,
            priority=priority,
            max_wait=max_wait,
            key=key,
        )
        return other

    async def upload(
        self, path: str | Path, name: str | None = None, *, type: str | None = None
    ) -> Binary:
        """Uploads a binary, and takes its jobs from now on.

        It is not sent if the server has the same content under that name.

        :param name: without it, the name of the file without version and ending
        :param type: jar, wheel, egg or native, if the file's name does not say it
        """
        found = await binaries.upload(self._core, Path(path), name, type)
        known = self._starter.options.binaries
        if found.name not in known:
            self._starter = self._starter.with_options(binaries=(*known, found.name))
        return found

    @overload
    async def submit(
        self,
        target: str,
        config: Config = None,
        *,
        binaries: Names | None = None,
        queue: bool | None = None,
        priority: int | None = None,
        max_wait: int | None = None,
        key: Key | None = None,
    ) -> AsyncJob: ...

    @overload
    async def submit(
        self,
        target: Callable[..., Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> AsyncJob: ...

    async def submit(
        self,
        target: str | Callable[..., Any],
        *args: Any,
        **kwargs: Any,
    ) -> AsyncJob:
        """Starts a job, and returns once it is accepted.

        With the name of a class, the second argument is the job's configuration: a
        dict, or a text in HOCON. With a function, all further arguments are the
        function's; its code is sent, too.

        :raises hearth_client.ValidationFailed: if the job's validation says no
        :raises hearth_client.Busy: if all slots of the context stay taken
        """
        if isinstance(target, str):
            return await self._starter.submit_class(target, *args, **kwargs)
        return await self._starter.submit_function(target, args, kwargs)

    async def run(
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
        if isinstance(function, str):
            raise TypeError("run takes a function; submit takes the name of a class")
        starting = asyncio.ensure_future(
            self._starter.submit_function(function, args, kwargs)
        )
        try:
            job = await asyncio.shield(starting)
            return await job.result()
        except asyncio.CancelledError:
            with contextlib.suppress(HearthError):
                await (await starting).cancel()
            raise

    async def map(
        self,
        target: str | Callable[..., Any],
        items: Iterable[Any],
        *,
        window: int = 64,
        return_exceptions: bool = False,
        progress: bool = False,
    ) -> AsyncIterator[Any]:
        """Starts a job for each item, and gives the results in the items' order.

        It begins when the first result is asked for. Jobs wait where all slots of the
        context are taken. If one fails, or you stop reading, those that have not
        ended are killed.

        :param target: the name of a class, whose configurations the items are; or a
            function, whose one argument each item is
        :param window: how many jobs may be under way at the same time
        :param return_exceptions: gives the error of a failed job as its result
        """
        on = self._starter
        if on.options.queue is None:
            on = on.with_options(queue=True)
        start = await _starting(on, target)
        async for result in map_jobs(
            start,
            items,
            window=window,
            return_exceptions=return_exceptions,
            progress=progress,
        ):
            yield result

    @contextlib.asynccontextmanager
    async def stream(
        self,
        main_class: str,
        config: Config = None,
        *,
        timeout: float = LONGEST_SYNC,
    ) -> AsyncIterator[Stream]:
        """Runs a job, and reads its result while the job makes it.

        If you leave before the end, the job ends in ERROR.

        :param timeout: how many seconds the job may take until it has a result
        """
        async with self._starter.stream(main_class, config, timeout) as stream:
            yield stream


async def _starting(
    on: Starter, target: str | Callable[..., Any]
) -> Callable[[Any], Awaitable[AsyncJob]]:
    """Starts jobs of a class, or of a function, which is packed once."""
    if isinstance(target, str):
        return functools.partial(on.submit_class, target)
    function, args, kwargs = shipping.without_partial(target, (), {})
    code = await asyncio.to_thread(shipping.pack, function)

    def start(item: object) -> Awaitable[AsyncJob]:
        return on.call(code, (*args, item), kwargs)

    return start

"""Runs coroutines of a client in a thread of its own, for programs without asyncio."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import threading
import weakref
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

T = TypeVar("T")

_END: Any = object()

INTERRUPTED = 5.0
"""After an interrupt, a call has so many seconds to end what it has begun."""


class Portal:
    """An event loop in a thread, which ends with the client. Threads may share it."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="hearth-client", daemon=True
        )
        self._thread.start()
        # Also for a client that nobody closes, and at the end of the program.
        self._end = weakref.finalize(
            self, _end, self._loop, self._thread, self._process
        )

    def start(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Starts a coroutine."""
        try:
            self._check()
        except RuntimeError:
            work.close()
            raise
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine. It is cancelled if the wait is interrupted."""
        ended = threading.Event()

        async def followed() -> T:
            try:
                return await work
            finally:
                ended.set()

        try:
            future = self.start(followed())
        except RuntimeError:
            work.close()
            raise
        try:
            return future.result()
        except BaseException:
            if not future.done():
                future.cancel()
                ended.wait(INTERRUPTED)  # it may have something to put in order
            raise

    def iterate(self, items: AsyncIterator[T]) -> Generator[T, None, None]:
        """What an asynchronous iterator gives."""

        async def following() -> T:
            try:
                return await items.__anext__()
            except StopAsyncIteration:
                end: T = _END
                return end

        try:
            while (item := self.run(following())) is not _END:
                yield item
        finally:
            self._close(items)

    def _close(self, items: AsyncIterator[Any]) -> None:
        close = getattr(items, "aclose", None)
        if close is None or not self.alive:
            return
        if threading.current_thread() is self._thread:
            self._loop.create_task(close())  # by the collector of garbage
        else:
            self.run(close())

    @contextlib.contextmanager
    def enter(self, block: AbstractAsyncContextManager[T]) -> Iterator[T]:
        """An asynchronous `with` block."""
        value: T = self.run(_call(block.__aenter__()))
        try:
            yield value
        except BaseException as e:
            if not self.run(_call(block.__aexit__(type(e), e, e.__traceback__))):
                raise
        else:
            self.run(_call(block.__aexit__(None, None, None)))

    @property
    def alive(self) -> bool:
        """Whether it can be used, in this process."""
        return not self._loop.is_closed() and self._process == os.getpid()

    def close(self) -> None:
        """Ends the thread."""
        self._end()

    def _check(self) -> None:
        if self._process != os.getpid():
            raise RuntimeError(
                "this client was made before the process forked: make one after it"
            )
        if self._loop.is_closed():
            raise RuntimeError("the client is closed")
        if threading.current_thread() is self._thread:
            raise RuntimeError("the client waits for itself: use AsyncClient here")


def _end(
    loop: asyncio.AbstractEventLoop, thread: threading.Thread, process: int
) -> None:
    if process != os.getpid() or threading.current_thread() is thread:
        return
    asyncio.run_coroutine_threadsafe(_cancel_all(), loop)
    thread.join()
    loop.close()


async def _cancel_all() -> None:
    """Ends what still runs, and then the loop."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks or {asyncio.ensure_future(asyncio.sleep(0))}, timeout=5)
    # In here, for the caller's thread may have a running loop of its own, as in
    # notebooks.
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    loop.stop()


async def _call(awaitable: Any) -> Any:  # noqa: ANN401
    return await awaitable

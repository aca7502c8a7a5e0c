"""Waits for sockets and times; the agent does everything else in one thread."""

from __future__ import annotations

import heapq
import itertools
import selectors
import time
from collections.abc import Callable

Action = Callable[[], None]


class Timer:
    """A call that is due at a time, unless it is cancelled."""

    __slots__ = ("action",)

    def __init__(self, action: Action) -> None:
        self.action: Action | None = action

    def cancel(self) -> None:
        """Takes the call back. May be called more than once."""
        self.action = None


class Loop:
    """Calls what is due until it is stopped. Not thread-safe."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = itertools.count()
        self._soon: list[Action] = []
        self._running = False

    def watch(self, fd: int, on_read: Action | None, on_write: Action | None) -> None:
        """Calls these whenever the descriptor is ready; None for what is not wanted.

        It replaces what was wanted before. With two None it is not watched.
        """
        events = (selectors.EVENT_READ if on_read else 0) | (
            selectors.EVENT_WRITE if on_write else 0
        )
        known = fd in self._selector.get_map()
        if not events:
            if known:
                self._selector.unregister(fd)
        elif known:
            self._selector.modify(fd, events, (on_read, on_write))
        else:
            self._selector.register(fd, events, (on_read, on_write))

    def after(self, seconds: float, action: Action) -> Timer:
        """Calls this once, after that time."""
        timer = Timer(action)
        due = time.monotonic() + seconds
        heapq.heappush(self._timers, (due, next(self._count), timer))
        return timer

    def soon(self, action: Action) -> None:
        """Calls this before the loop waits again."""
        self._soon.append(action)

    def stop(self) -> None:
        """Makes `run` return."""
        self._running = False

    def run(self) -> None:
        """Waits and calls until `stop`."""
        self._running = True
        while self._running:
            self._call_soon()
            if not self._running:
                break
            for key, events in self._selector.select(self._time_left()):
                on_read, on_write = key.data
                if events & selectors.EVENT_WRITE and on_write:
                    on_write()
                # An action may have changed what is watched.
                if (
                    events & selectors.EVENT_READ
                    and on_read
                    and self._selector.get_map().get(key.fd) is not None
                ):
                    on_read()
            self._call_due()

    def close(self) -> None:
        """Frees its descriptor."""
        self._selector.close()

    def _call_soon(self) -> None:
        while self._soon:
            actions, self._soon = self._soon, []
            for action in actions:
                action()

    def _call_due(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            action, timer.action = timer.action, None
            if action is not None:
                action()

    def _time_left(self) -> float | None:
        while self._timers and self._timers[0][2].action is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return None
        return max(self._timers[0][0] - time.monotonic(), 0)

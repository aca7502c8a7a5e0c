"""Interrupts the job that runs in the main thread, and nothing else."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from hearth.errors import JobCancelled

_SIGNAL = signal.SIGRTMIN + 3
"""One that neither Python nor libraries use."""


class Interrupts:
    """Raises `JobCancelled` in the main thread, once for a job.

    The signal's handler runs in the main thread between two steps of the
    interpreter, and a blocking call is ended by the signal. It raises only while
    the code of that job runs. What must not be cut short, as the writing of a
    frame, is done in `held`.
    """

    def __init__(self) -> None:
        self._main = threading.get_ident()
        self._job: str | None = None
        self._target: str | None = None
        self._held = 0
        self._pending = False
        self.delivered = False
        """Whether the job was interrupted."""
        signal.signal(_SIGNAL, self._handle)

    @contextmanager
    def allowed(self, job: str) -> Iterator[None]:
        """The code of that job runs in here."""
        self.delivered = False
        self._pending = False
        self._job = job
        try:
            yield
        finally:
            self._job = None

    def forbid(self) -> None:
        """The code of the job has ended."""
        self._job = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """What happens in here is not interrupted, but what follows it is."""
        if threading.get_ident() != self._main:
            yield
            return
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._pending and not self._held and self._job is not None:
            self._raise()

    def interrupt(self, job: str) -> None:
        """Interrupts that job if it is the one that runs. Any thread may call it."""
        self._target = job
        signal.pthread_kill(self._main, _SIGNAL)

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        if self._job is None or self._job != self._target or self.delivered:
            return
        if self._held:
            self._pending = True
        else:
            self._raise()

    def _raise(self) -> None:
        self._pending = False
        self.delivered = True
        raise JobCancelled("the job was killed")

"""One run of a job in this process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from hearth.agent.frames import Kind
from hearth.config import Config
from hearth.errors import DataFileError, HearthError, clean
from hearth.runtime import NamedObjects, Runtime
from hearth.worker.channel import Channel

_PROGRESS_PAUSE = 0.2


class Run(Runtime):
    """The surroundings of the job, and what the agent may say about it."""

    def __init__(
        self,
        job_id: str,
        channel: Channel,
        context_name: str,
        context_config: Config,
        make_objects: Callable[[Callable[..., dict[str, Any]]], NamedObjects],
    ) -> None:
        self.job_id = job_id
        self.context_name = context_name
        self.context_config = context_config
        self.named_objects = make_objects(self.ask)
        self.logger = logging.getLogger("hearth.job")
        self._channel = channel
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._validated = False
        self._late = False
        self._over = False
        self._reported = 0.0

    # -- for the job ------------------------------------------------------------

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def wait_cancelled(self, seconds: float) -> bool:
        return self._cancelled.wait(seconds)

    def progress(self, done: int, total: int, text: str = "") -> None:
        now = time.monotonic()
        if now < self._reported + _PROGRESS_PAUSE and done != total:
            return
        self._reported = now
        header = {
            "job": self.job_id,
            "done": int(done),
            "total": int(total),
            "text": clean(str(text)),
        }
        with self._lock:
            if not self._over:
                self._channel.send(Kind.JOB_PROGRESS, header)

    def data_file(self, name: str) -> str:
        answer = self.ask("data", name=str(name))
        if "error" in answer:
            raise DataFileError(answer["error"])
        path: str = answer["path"]
        return path

    def ask(self, what: str, **header: object) -> dict[str, Any]:
        """Asks the agent for something."""
        if self._over:
            raise HearthError("the job has ended")
        return self._channel.request(what, job=self.job_id, **header)

    # -- for the worker ---------------------------------------------------------

    def validated(self) -> None:
        """The validation has passed."""
        with self._lock:
            self._validated = True
            if self._late:
                self._say_started()

    def say_started(self) -> None:
        """The agent wants to know that it runs, now or once it is validated."""
        with self._lock:
            self._late = True
            if self._validated:
                self._say_started()

    def cancel(self) -> None:
        """A client has killed it."""
        self._cancelled.set()

    def end(self) -> None:
        """Nothing more is said about it, but its end."""
        with self._lock:
            self._over = True

    def _say_started(self) -> None:
        if not self._over:
            self._channel.send(Kind.JOB_STARTED, {"job": self.job_id})

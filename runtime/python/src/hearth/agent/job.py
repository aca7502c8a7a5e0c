"""One job, from the request for it until the server has stored its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

from hearth.agent.frames import MAX_PART, Frame, Kind
from hearth.agent.link import Link
from hearth.agent.loop import Timer
from hearth.agent.result import Result
from hearth.errors import Failure, simple_failure

RUN_AHEAD = 4 * 1024 * 1024
"""How far a stream may be ahead of the client that reads it, bytes."""


class Job:
    """What is known about it, and what the server was told over this connection.

    waiting --> running --> over --> (stored: forgotten)
       |                     ^
       +-- killed, refused --+
    """

    def __init__(self, request: Frame, folder: Path) -> None:
        self.id = request.text("job")
        self.request = request.header
        self.config = request.payload
        self.binaries: list[dict[str, Any]] = request.header.get("binaries", [])
        self.validated = False
        self.killed = False
        self.streamed = False
        self.result = Result(folder)
        self.timer: Timer | None = None  # of its start, or of its kill
        self.on_credit: Callable[[], None] | None = None
        self._end: tuple[int, dict[str, object]] | None = None
        self._initial_credit = request.number("credit", 0)
        self.connected()

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._end is not None

    @property
    def is_ahead(self) -> bool:
        """Whether its stream has to wait for the client."""
        return self.streamed and self.result.size - self._sent > RUN_AHEAD

    def connected(self) -> None:
        """There is a new connection: everything is sent again."""
        self._credit = self._initial_credit
        self._sent = 0
        self._started_sent = False
        self._end_sent = False

    def add_credit(self, amount: int) -> None:
        """The server takes so many more bytes of the result."""
        self._credit += amount

    def finished(self) -> None:
        """It has ended with the result that was given."""
        self._finish(Kind.JOB_ENDED, {"job": self.id, "outcome": "finished"})

    def failed(self, failure: Failure) -> None:
        """It has ended with an error."""
        self.result.discard()
        header = {"job": self.id, "outcome": "error", **failure.header()}
        self._finish(Kind.JOB_ENDED, header)

    def refused(self, reason: str, failure: Failure) -> None:
        """It did not run."""
        self.result.discard()
        header = {"job": self.id, "reason": reason, **failure.header()}
        self._finish(Kind.JOB_REFUSED, header)

    def was_killed(self) -> None:
        """It has ended because a client killed it."""
        self.result.discard()
        header = {"job": self.id, "outcome": "killed", **killed_failure(self.id)}
        self._finish(Kind.JOB_ENDED, header)

    def say_started(self, link: Link) -> None:
        """Tells the server that it runs, if that is so and was not said."""
        if self.validated and not self.over:
            self._send_started(link)

    def _send_started(self, link: Link) -> None:
        if not self._started_sent:
            self._started_sent = True
            link.send(Kind.JOB_STARTED, {"job": self.id})

    def say_progress(self, link: Link, header: dict[str, Any]) -> None:
        """Passes a report of its progress on."""
        if not self.over:
            self.validated = True
            self.say_started(link)
            link.send(Kind.JOB_PROGRESS, {**header, "job": self.id})

    def deliver(self, link: Link) -> None:
        """Sends what may be sent now: parts of its result, and its end."""
        if not link.is_open or self._end_sent:
            return
        if self.streamed or self.over:
            self._send_parts(link)
        left = self.result.size - self._sent
        if self._end is not None and left <= MAX_PART and not link.is_congested:
            self._end_sent = True
            kind, header = self._end
            link.send(kind, header, self.result.read(self._sent, left))

    def repeat(self, link: Link) -> None:
        """Tells the server again what it asks for by a request that it repeats."""
        if self.over:
            self._end_sent = False
            self.deliver(link)
        else:
            self._started_sent = False
            self.say_started(link)

    def _send_parts(self, link: Link) -> None:
        header: dict[str, object] = {"job": self.id}
        if self.streamed:
            header["streamed"] = True
        while not link.is_congested:
            left = self.result.size - self._sent
            if self.over and left <= MAX_PART:
                break
            length = min(left, MAX_PART, self._credit)
            if length <= 0:
                break
            self._send_started(link)  # of a job that is over, too: parts follow it
            part = self.result.read(self._sent, length)
            self._credit -= length
            self._sent += length
            link.send(Kind.RESULT_PART, header, part)

    def _finish(self, kind: int, header: dict[str, object]) -> None:
        self.stop_timer()
        self._end = (kind, header)
        self.config = b""

    def stop_timer(self) -> None:
        """Cancels what was due."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


def killed_failure(job: str) -> dict[str, object]:
    """What the end of a killed job says."""
    return simple_failure(f"Job {job} killed", "hearth.JobCancelled").header()

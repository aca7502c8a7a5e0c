"""How workers get to the JVM: each has a gateway of its own there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hearth.agent.frames import Frame, Kind

Answer = Callable[[dict[str, Any]], None]
Send = Callable[[int, dict[str, object]], None]


class Gateways:
    """Asks the driver for gateways, and gives back those of workers that ended.

    One gateway for all workers would not do: it has one port for callbacks, and a
    worker that is killed would leave its objects in it.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: dict[int, list[Answer]] = {}
        self._open: set[int] = set()

    @property
    def open(self) -> list[int]:
        """The workers that have gateways, or wait for them."""
        return sorted(self._open | set(self._waiting))

    def get(self, worker: int, answer: Answer) -> None:
        """Answers with `{"port", "secret"}` or `{"error"}`."""
        waiting = self._waiting.setdefault(worker, [])
        waiting.append(answer)
        if len(waiting) == 1:
            self._send(Kind.GATEWAY, {"worker": worker})

    def ready(self, frame: Frame) -> None:
        """The driver's answer."""
        worker = frame.number("worker")
        answers = self._waiting.pop(worker, [])
        if "error" in frame.header:
            result: dict[str, Any] = {"error": frame.text("error")}
        else:
            self._open.add(worker)
            result = {"port": frame.number("port"), "secret": frame.text("secret")}
        for answer in answers:
            answer(result)

    def gone(self, worker: int, job: str) -> None:
        """A worker has ended, perhaps in the middle of a job.

        Since its process is gone, the job can submit nothing more to Spark. The
        driver cancels what the job has submitted, and then closes the gateway.
        """
        if worker in self._open or worker in self._waiting:
            self._open.discard(worker)
            self._waiting.pop(worker, None)
            self._send(Kind.WORKER_GONE, {"worker": worker, "job": job})

    def repeat_all(self) -> None:
        """Asks again for what an earlier connection may have lost."""
        for worker in self._waiting:
            self._send(Kind.GATEWAY, {"worker": worker})

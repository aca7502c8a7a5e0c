"""The processes that run the jobs, as the agent sees them."""

from __future__ import annotations

import os
import signal
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping

from hearth.agent.frames import FROM_WORKER, Frame
from hearth.agent.loop import Loop
from hearth.agent.wire import Wire
from hearth.agent.zygote import Zygote

IDLE_TIME = 60.0
"""How many seconds a worker without a job is kept."""

_MAX_TRACE = 64 * 1024

Key = tuple[str, ...]


class WorkerEvents(ABC):
    """What a worker tells the agent."""

    @abstractmethod
    def worker_says(self, worker: Worker, frame: Frame) -> None:
        """A frame of the worker has come."""

    @abstractmethod
    def worker_gone(self, worker: Worker) -> None:
        """Its process has ended, and all that it had sent has been handled."""


class Worker:
    """One process. It runs one job at a time, all of one version of their code."""

    def __init__(
        self, pool: Workers, number: int, key: Key, loop: Loop, events: WorkerEvents
    ) -> None:
        self.number = number
        self.key = key
        self.job: str = ""
        """The job that it runs; "" if it is idle."""
        self.last_job = ""
        """The job that it ran last, or runs."""
        self.retired = False
        """Whether it gets no more jobs."""
        self.how = ""
        """How it ended, for people."""
        self.trace = ""
        """The stacks that it had when it crashed."""
        self.idle_since = 0.0
        self._nonsense = ""
        self._pool = pool
        work, self._work_end = socket.socketpair()
        control, self._control_end = socket.socketpair()
        self._faults = os.memfd_create("faults")
        self.wire = Wire(
            loop,
            work,
            FROM_WORKER,
            lambda frame: events.worker_says(self, frame),
            self._broken,
        )
        self._control = Wire(loop, control, range(0), _ignore, _ignore_end)

    def fds(self) -> list[int]:
        """What its process gets: work, control, and the file for crashes."""
        return [self._work_end.fileno(), self._control_end.fileno(), self._faults]

    def forked(self) -> None:
        """Its process has its descriptors."""
        self._work_end.close()
        self._control_end.close()

    def send(
        self, kind: int, header: Mapping[str, object], payload: bytes = b""
    ) -> None:
        """Sends it a frame that its job's thread reads."""
        self.wire.send(kind, header, payload)

    def control(
        self, kind: int, header: Mapping[str, object], payload: bytes = b""
    ) -> None:
        """Sends it a frame that it reads while its job runs."""
        self._control.send(kind, header, payload)

    def kill(self) -> None:
        """Ends its process, and all that it has started."""
        self.retired = True
        self._pool.signal(self, signal.SIGKILL)

    def gone(self, how: str) -> None:
        """Its process has ended."""
        self.wire.resume()
        self.wire.drain()
        self.how = self._nonsense or how
        self.trace = self._read_trace()
        self.wire.close()
        self._control.close()
        os.close(self._faults)

    def _broken(self, reason: str, nonsense: bool) -> None:
        """It cannot be talked to any more."""
        if nonsense and not self.retired:
            self._nonsense = (
                f"its process wrote nonsense where the agent listens: {reason}"
            )
        self.kill()

    def _read_trace(self) -> str:
        size = min(os.fstat(self._faults).st_size, _MAX_TRACE)
        return os.pread(self._faults, size, 0).decode("utf-8", "replace")


class Workers:
    """Makes workers, keeps idle ones warm, and hears of their ends."""

    def __init__(
        self,
        loop: Loop,
        zygote: Zygote,
        limit: int,
        events: WorkerEvents,
        idle_time: float = IDLE_TIME,
    ) -> None:
        self._loop = loop
        self._zygote = zygote
        self._limit = limit
        self._events = events
        self._idle_time = idle_time
        self._all: dict[int, Worker] = {}
        self._idle: list[Worker] = []  # the one that became idle last is at the end
        self._count = 0
        self._sweeping = False

    def __len__(self) -> int:
        return len(self._all)

    def take(self, key: Key) -> Worker | None:
        """A worker for that version of code; None if all are busy.

        :raises OSError: if no process can be made
        """
        for worker in reversed(self._idle):
            if worker.key == key:
                self._idle.remove(worker)
                return worker
        if self._busy() >= self._limit:
            return None
        while len(self._all) - self._ending() >= self._limit and self._idle:
            # A worker of another version makes room: the one that is idle longest.
            self._retire(self._idle[0])
        return self._make(key)

    def free(self, worker: Worker) -> None:
        """Its job has ended, and it may run the next."""
        worker.job = ""
        if worker.retired:
            return
        worker.idle_since = time.monotonic()
        self._idle.append(worker)
        self._plan_sweep()

    def exited(self, number: int, how: str) -> None:
        """The zygote reports the end of a worker's process."""
        worker = self._all.pop(number, None)
        if worker is None:
            return
        if worker in self._idle:
            self._idle.remove(worker)
        worker.retired = True
        worker.gone(how)
        self._events.worker_gone(worker)

    def signal(self, worker: Worker, signum: int) -> None:
        """Sends a signal to a worker's process and all that it has started."""
        if worker.number in self._all:
            self._zygote.signal(worker.number, signum)

    def all(self) -> list[Worker]:
        """All workers whose processes have not ended."""
        return list(self._all.values())

    def _busy(self) -> int:
        return sum(1 for worker in self._all.values() if worker.job)

    def _ending(self) -> int:
        return sum(1 for worker in self._all.values() if worker.retired)

    def _make(self, key: Key) -> Worker:
        self._count += 1
        worker = Worker(self, self._count, key, self._loop, self._events)
        self._all[worker.number] = worker
        try:
            self._zygote.fork(worker.number, worker.fds())
        finally:
            worker.forked()
        return worker

    def _retire(self, worker: Worker) -> None:
        self._idle.remove(worker)
        worker.kill()

    def _plan_sweep(self) -> None:
        """One timer serves all workers, since they become idle with each job."""
        if self._idle and not self._sweeping:
            self._sweeping = True
            self._loop.after(self._idle_time / 4, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = False
        oldest = time.monotonic() - self._idle_time
        for worker in [x for x in self._idle if x.idle_since <= oldest]:
            self._retire(worker)
        self._plan_sweep()


def how_it_ended(status: int) -> str:
    """What the status of a process says."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        try:
            name = f" ({signal.Signals(number).name})"
        except ValueError:
            name = ""
        return f"its process was ended by signal {number}{name}"
    code = os.WEXITSTATUS(status)
    return f"its process ended with code {code} before the job was done"


def _ignore(_: Frame) -> None:
    pass


def _ignore_end(_: str, __: bool) -> None:
    pass

"""Which worker gets a job, without processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from hearth.agent.frames import Frame
from hearth.agent.loop import Loop
from hearth.agent.workers import Worker, WorkerEvents, Workers, how_it_ended
from hearth.agent.zygote import Zygote


class NoZygote(Zygote):
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.forked: list[int] = []
        self.signalled: list[tuple[int, int]] = []
        self.on_signal: Any = None
        self.kept: list[int] = []
        """The workers' ends of their sockets, which would have their processes."""

    def fork(self, number: int, fds: list[int]) -> None:
        assert len(fds) == 3
        self.forked.append(number)
        self.kept += map(os.dup, fds)

    def signal(self, number: int, signum: int) -> None:
        self.signalled.append((number, signum))
        if self.on_signal is not None:
            self.on_signal()


class NoEvents(WorkerEvents):
    """Notes which workers are gone."""

    def __init__(self) -> None:
        self.gone: list[tuple[int, str]] = []

    def worker_says(self, worker: Worker, frame: Frame) -> None:
        raise AssertionError("no worker says anything")

    def worker_gone(self, worker: Worker) -> None:
        self.gone.append((worker.number, worker.how))


class Pool:
    """Two workers at most."""

    def __init__(self, idle_time: float = 60) -> None:
        self.loop = Loop()
        self.zygote = NoZygote()
        self.events = NoEvents()
        self.workers = Workers(self.loop, self.zygote, 2, self.events, idle_time)

    def take(self, version: str, job: str = "j") -> Worker:
        """A worker that has a job."""
        worker = self.workers.take((version,))
        assert worker is not None
        worker.job = job
        return worker

    def close(self) -> None:
        """Closes what processes would have."""
        for fd in self.zygote.kept:
            os.close(fd)
        self.loop.close()


@pytest.fixture
def pool() -> Iterator[Pool]:
    """A pool."""
    made = Pool()
    yield made
    made.close()


def test_an_idle_worker_of_the_version_is_taken(pool: Pool) -> None:
    first, second = pool.take("a"), pool.take("a")
    assert first is not second
    assert pool.workers.take(("a",)) is None
    pool.workers.free(first)
    pool.workers.free(second)
    # The warmest one.
    assert pool.take("a") is second
    assert pool.take("a") is first
    assert pool.zygote.forked == [1, 2]


def test_another_version_makes_room(pool: Pool) -> None:
    first, second = pool.take("a"), pool.take("b")
    pool.workers.free(first)
    third = pool.take("c")
    assert pool.zygote.signalled == [(first.number, signal.SIGKILL)]
    assert pool.workers.take(("a",)) is None, "two have jobs"
    pool.workers.exited(first.number, "killed")
    assert pool.workers.all() == [second, third]
    assert pool.events.gone == [(first.number, "killed")]


def test_a_retired_worker_gets_no_job(pool: Pool) -> None:
    worker = pool.take("a")
    worker.kill()
    pool.workers.free(worker)
    assert pool.take("a") is not worker


def test_idle_workers_end() -> None:
    pool = Pool(idle_time=0.01)
    worker, busy = pool.take("a"), pool.take("b")
    pool.workers.free(worker)
    pool.zygote.on_signal = pool.loop.stop
    pool.loop.run()
    assert pool.zygote.signalled == [(worker.number, signal.SIGKILL)]
    assert busy in pool.workers.all()
    pool.close()


def test_unknown_workers_are_left_alone(pool: Pool) -> None:
    pool.workers.exited(7, "killed")
    assert pool.events.gone == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (9, "its process was ended by signal 9 (SIGKILL)"),
        (50, "its process was ended by signal 50"),
        (3 << 8, "its process ended with code 3 before the job was done"),
    ],
)
def test_how_it_ended(status: int, words: str) -> None:
    assert how_it_ended(status) == words

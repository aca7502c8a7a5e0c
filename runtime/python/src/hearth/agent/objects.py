"""The table of named objects. Workers write and read the objects themselves."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from hearth.agent.loop import Loop, Timer

Answer = Callable[[dict[str, Any]], None]


class _Entry(NamedTuple):
    file: str
    generation: int


class _Waiter:
    """A worker that waits for an object that another one makes."""

    def __init__(
        self, owner: object, scope: str, create: bool, deadline: float, answer: Answer
    ) -> None:
        self.owner = owner
        self.scope = scope
        self.create = create
        self.deadline = deadline
        self.answer = answer
        self.timer: Timer | None = None

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


class Objects:
    """Files with pickled objects by name and scope.

    The scope is the version of the job's code if the object depends on it, and
    else "". A worker that asks for an object gets the one of its own scope, or
    else the common one.

    One worker at a time makes an object of a name; others wait until it is stored
    or given up. A worker that ends gives up what it was making.
    """

    def __init__(self, loop: Loop, folder: Path) -> None:
        self._loop = loop
        self._folder = folder
        self._entries: dict[tuple[str, str], _Entry] = {}
        self._makers: dict[str, object] = {}
        self._waiting: dict[str, list[_Waiter]] = {}
        self._generations = itertools.count(1)

    def get(
        self,
        owner: object,
        name: str,
        scope: str,
        create: bool,
        timeout: float,
        answer: Answer,
    ) -> None:
        """Answers with an object, now or later.

        `{"file", "generation"}` if there is one; `{}` if there is none;
        `{"create": file}` if the worker has to make it and store it in that file;
        `{"timeout": true}` if another worker makes it and takes too long.
        """
        found = self._find(name, scope)
        if found is not None:
            answer({"file": found.file, "generation": found.generation})
        elif name in self._makers:
            deadline = time.monotonic() + timeout
            self._wait(_Waiter(owner, scope, create, deadline, answer), name)
        elif create:
            self._makers[name] = owner
            answer({"create": self.new_file()})
        else:
            answer({})

    def put(self, name: str, scope: str, file: str) -> int:
        """Stores the object in that file; returns its generation."""
        generation = next(self._generations)
        self._remove((name, scope))
        self._entries[(name, scope)] = _Entry(file, generation)
        self._release(name)
        return generation

    def give_up(self, owner: object, name: str) -> None:
        """The worker could not make the object."""
        if self._makers.get(name) is owner:
            self._release(name)

    def forget(self, name: str, scope: str) -> None:
        """Removes the object that a worker of that scope sees."""
        self._remove((name, scope) if (name, scope) in self._entries else (name, ""))

    def names(self, scope: str) -> list[str]:
        """The names that a worker of that scope sees."""
        return sorted({name for name, own in self._entries if own in ("", scope)})

    def left(self, owner: object) -> None:
        """That worker has no job any more that could store or wait."""
        for name, waiters in list(self._waiting.items()):
            for waiter in [x for x in waiters if x.owner is owner]:
                waiter.stop_timer()
                self._drop(waiter, name)
        for name in [name for name, maker in self._makers.items() if maker is owner]:
            self._release(name)

    def new_file(self) -> str:
        """A name for a file that does not exist yet."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return str(self._folder / f"object-{next(self._generations)}.pickle")

    def _find(self, name: str, scope: str) -> _Entry | None:
        return self._entries.get((name, scope)) or self._entries.get((name, ""))

    def _remove(self, key: tuple[str, str]) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            with contextlib.suppress(OSError):
                Path(entry.file).unlink()

    def _wait(self, waiter: _Waiter, name: str) -> None:
        self._waiting.setdefault(name, []).append(waiter)
        left = max(waiter.deadline - time.monotonic(), 0)
        waiter.timer = self._loop.after(left, lambda: self._expire(waiter, name))

    def _expire(self, waiter: _Waiter, name: str) -> None:
        self._drop(waiter, name)
        waiter.answer({"timeout": True})

    def _drop(self, waiter: _Waiter, name: str) -> None:
        waiters = self._waiting.get(name, [])
        waiters.remove(waiter)
        if not waiters:
            self._waiting.pop(name, None)

    def _release(self, name: str) -> None:
        """Nobody makes that object any more: those that wait ask again."""
        self._makers.pop(name, None)
        for waiter in self._waiting.pop(name, []):
            waiter.stop_timer()
            left = waiter.deadline - time.monotonic()
            self.get(
                waiter.owner, name, waiter.scope, waiter.create, left, waiter.answer
            )

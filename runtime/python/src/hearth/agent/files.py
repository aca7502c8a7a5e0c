"""Files of the server that this process cannot read itself."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hearth.agent.frames import MAX_BLOCK, Frame, Kind
from hearth.agent.loop import Loop, Timer

_TIMEOUT = 60.0

Answer = Callable[[dict[str, Any]], None]
Send = Callable[[int, dict[str, object]], None]


class ServerFiles:
    """Gets files over the link, a part at a time, and keeps copies of them.

    Answers are `{"path"}` or `{"error"}`.
    """

    def __init__(self, loop: Loop, folder: Path, send: Send) -> None:
        self._loop = loop
        self._folder = folder
        self._send = send
        self._requests: dict[int, _Copy] = {}
        self._copies: dict[str, _Copy] = {}
        self._numbers = itertools.count(1)

    def data(self, job: str, name: str, answer: Answer) -> None:
        """A file that was uploaded to `/data`."""
        parts = name.split("/")
        if ".." in parts or not parts[-1]:
            answer(
                {
                    "error": f"'{name}' is no data file: POST /data answers, and GET "
                    "/data lists, the path of each"
                }
            )
        elif name.startswith("/") and Path(name).is_file() and os.access(name, os.R_OK):
            answer({"path": name})
        else:
            target = self._folder / "data" / parts[-1]
            self._copy(name, job, {"data": name}, target, "", answer)

    def binary(self, job: str, digest: str, path: str, answer: Answer) -> None:
        """A binary of the job."""
        if os.access(path, os.R_OK):
            answer({"path": path})
        else:
            target = self._folder / "binaries" / (digest + Path(path).suffix)
            self._copy(digest, job, {"digest": digest}, target, digest, answer)

    def received(self, block: Frame) -> None:
        """Takes a part that has come."""
        copy = self._requests.pop(block.number("request"), None)
        if copy is not None:
            copy.take(block)

    def repeat_all(self) -> None:
        """Asks again for what an earlier connection may have lost."""
        for copy in self._requests.values():
            self._send(Kind.READ_FILE, copy.header)

    def left(self, job: str) -> None:
        """The job has ended; the server sends it no more files."""
        for copy in [x for x in self._copies.values() if x.job == job]:
            copy.fail("the job that read it has ended")

    def _copy(
        self,
        name: str,
        job: str,
        what: dict[str, object],
        target: Path,
        digest: str,
        answer: Answer,
    ) -> None:
        if target.exists():
            answer({"path": str(target)})
            return
        copy = self._copies.get(name)
        if copy is None:
            try:
                copy = _Copy(self, name, job, what, target, digest)
            except OSError as e:
                answer({"error": str(e)})
                return
            self._copies[name] = copy
            copy.answers.append(answer)
            copy.ask()
        else:
            copy.answers.append(answer)

    def request(self, copy: _Copy, header: dict[str, object]) -> dict[str, object]:
        """Sends a request, which the next connection repeats."""
        number = next(self._numbers)
        header = {**header, "request": number}
        self._requests[number] = copy
        self._send(Kind.READ_FILE, header)
        return header

    def after_timeout(self, action: Callable[[], None]) -> Timer:
        """Calls this if the server takes too long."""
        return self._loop.after(_TIMEOUT, action)

    def ended(self, copy: _Copy) -> None:
        """That copy is made, or cannot be made."""
        self._copies.pop(copy.name, None)
        for number in [n for n, x in self._requests.items() if x is copy]:
            del self._requests[number]


class _Copy:
    """One file that is under way."""

    def __init__(
        self,
        files: ServerFiles,
        name: str,
        job: str,
        what: dict[str, object],
        target: Path,
        digest: str,
    ) -> None:
        self.name = name
        self.job = job
        self.answers: list[Answer] = []
        self.header: dict[str, object] = {}
        self._files = files
        self._what = what
        self._target = target
        self._digest = digest
        self._hash = hashlib.sha256()
        self._offset = 0
        self._timer: Timer | None = None
        target.parent.mkdir(parents=True, exist_ok=True)
        fd, self._part = tempfile.mkstemp("", "part-", target.parent)
        self._file = os.fdopen(fd, "wb")

    def ask(self) -> None:
        self.header = self._files.request(
            self,
            {
                "job": self.job,
                **self._what,
                "offset": self._offset,
                "length": MAX_BLOCK,
            },
        )
        self._timer = self._files.after_timeout(
            lambda: self.fail("the server did not send it in time")
        )

    def take(self, block: Frame) -> None:
        if self._timer is not None:
            self._timer.cancel()
        error = block.text("error", "")
        if error:
            self.fail(error)
            return
        try:
            self._file.write(block.payload)
        except OSError as e:
            self.fail(str(e))
            return
        self._hash.update(block.payload)
        self._offset += len(block.payload)
        if self._offset >= block.number("size"):
            self._finish()
        elif not block.payload:
            self.fail("the server sent no more of the file than a part")
        else:
            self.ask()

    def fail(self, reason: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._file.close()
        with contextlib.suppress(OSError):
            Path(self._part).unlink()
        self._end({"error": f"{self.name} cannot be read: {reason}"})

    def _finish(self) -> None:
        if self._digest and self._hash.hexdigest() != self._digest:
            self.fail(f"it came with the digest {self._hash.hexdigest()}")
            return
        try:
            self._file.close()
            Path(self._part).replace(self._target)
        except OSError as e:
            self.fail(str(e))
            return
        self._end({"path": str(self._target)})

    def _end(self, result: dict[str, Any]) -> None:
        self._files.ended(self)
        for answer in self.answers:
            answer(result)

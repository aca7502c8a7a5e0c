"""The bytes of a job's result, kept until the server has stored them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hearth.agent.frames import MAX_PART


class Result:
    """Up to what one frame carries is kept in memory, more of it in a file.

    So a result of any size can be sent again to a server that comes back.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memory = b""
        self._fd = -1
        self.size = 0

    def append(self, data: bytes) -> None:
        """Adds bytes at the end.

        :raises OSError: if the disk does not take them
        """
        if self._fd < 0 and self.size + len(data) <= MAX_PART:
            self._memory = self._memory + data if self._memory else data
        else:
            if self._fd < 0:
                self._open()
            _write_all(self._fd, data)
        self.size += len(data)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes from an offset on.

        :raises OSError: if the file was cut
        """
        if self._fd < 0:
            return self._memory[offset : offset + length]
        pieces = []
        while length > 0:
            data = os.pread(self._fd, length, offset)
            if not data:
                raise OSError("the file of the result was cut")
            pieces.append(data)
            offset += len(data)
            length -= len(data)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def discard(self) -> None:
        """Forgets all bytes."""
        self._memory = b""
        self.size = 0
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> None:
        fd, name = tempfile.mkstemp(".json", "result-", self._folder)
        Path(name).unlink()  # only this process needs it
        self._fd = fd
        _write_all(fd, self._memory)
        self._memory = b""


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]

"""Sends the result of a job to the agent."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from hearth.agent.frames import MAX_PART, Kind
from hearth.errors import ResultTooLarge
from hearth.results import pieces_of, to_json
from hearth.worker.channel import Channel

_FLUSH_PAUSE = 0.05
_FLUSH_SIZE = 32 * 1024


def send_result(channel: Channel, job: str, limit: int, value: object) -> bytes:
    """Sends a result, but for its last bytes.

    :returns: the last bytes, which the end of the job has
    :raises ResultTooLarge: if it has more bytes than `limit`
    :raises ResultError: if it cannot be made JSON
    """
    pieces = pieces_of(value)
    if pieces is not None:
        del value
        _Stream(channel, job, limit).send(pieces)
        return b""
    data = to_json(value)
    if len(data) > limit:
        raise ResultTooLarge(str(len(data)), limit)
    at = 0
    while len(data) - at > MAX_PART:
        channel.send(Kind.RESULT_PART, {"job": job}, data[at : at + MAX_PART])
        at += MAX_PART
    return data[at:] if at else data


class _Stream:
    """Sends pieces as they come; small ones that come in a row go together."""

    def __init__(self, channel: Channel, job: str, limit: int) -> None:
        self._channel = channel
        self._header = {"job": job, "streamed": True}
        self._limit = limit
        self._size = 0
        self._lock = threading.Lock()
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._done = threading.Event()

    def send(self, pieces: Iterator[bytes]) -> None:
        flusher = threading.Thread(target=self._flush_often, daemon=True)
        flusher.start()
        try:
            for piece in pieces:
                self._count(len(piece))
                self._add(piece)
            self._flush()
        finally:
            self._done.set()
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
            flusher.join()

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > self._limit:
            raise ResultTooLarge(f"at least {self._size}", self._limit)

    def _add(self, piece: bytes) -> None:
        with self._lock:
            self._waiting.append(piece)
            self._waiting_size += len(piece)
            if self._waiting_size < _FLUSH_SIZE:
                return
            self._write()

    def _flush(self) -> None:
        with self._lock:
            self._write()

    def _flush_often(self) -> None:
        while not self._done.wait(_FLUSH_PAUSE):
            self._flush()

    def _write(self) -> None:
        data = b"".join(self._waiting)
        self._waiting = []
        self._waiting_size = 0
        for at in range(0, len(data), MAX_PART):
            self._channel.send(Kind.RESULT_PART, self._header, data[at : at + MAX_PART])

"""A socket that carries frames, and never makes the loop wait."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Mapping

from hearth.agent.frames import Frame, FrameReader, ProtocolError, encode_head
from hearth.agent.loop import Loop

_READ_SIZE = 256 * 1024
_SMALL = 16 * 1024
_FULL = 1024 * 1024


class Wire:
    """Owns a socket. Frames that are sent in one round of the loop go out together.

    `on_end` is called once, from the loop, when the peer is gone; never after
    `close`. It gets a reason, and whether the peer has sent nonsense.
    """

    def __init__(
        self,
        loop: Loop,
        sock: socket.socket,
        allowed: range | frozenset[int],
        on_frame: Callable[[Frame], None],
        on_end: Callable[[str, bool], None],
    ) -> None:
        self._loop = loop
        self._socket = sock
        self._fd = sock.fileno()
        self._reader = FrameReader(allowed)
        self._on_frame = on_frame
        self._on_end = on_end
        self._out: deque[bytes] = deque()
        self._flush_planned = False
        self._writable = True
        self._paused = False
        self._open = True
        self.unsent = 0
        """How many bytes wait to be written."""
        self.on_written: Callable[[], None] | None = None
        """Called when everything was written, if the peer was slow to take it."""
        sock.setblocking(False)
        self._watch()

    @property
    def is_open(self) -> bool:
        """Whether neither side has ended it."""
        return self._open

    def send(
        self, kind: int, header: Mapping[str, object], payload: bytes = b""
    ) -> None:
        """Sends a frame; nothing if the wire is closed."""
        if not self._open:
            return
        head = encode_head(kind, header, len(payload))
        if len(payload) <= _SMALL:
            self._out.append(head + payload)
        else:
            self._out.append(head)
            self._out.append(payload)
        self.unsent += len(head) + len(payload)
        if self._writable and not self._flush_planned:
            self._flush_planned = True
            self._loop.soon(self._planned_flush)

    def pause(self) -> None:
        """Reads no more until `resume`."""
        if not self._paused:
            self._paused = True
            self._watch()

    def resume(self) -> None:
        """Reads again."""
        if self._paused:
            self._paused = False
            self._watch()

    def drain(self) -> None:
        """Handles all that has arrived, although the peer may be gone."""
        while self._open and self._read_once():
            pass

    def flush_now(self, seconds: float) -> None:
        """Writes everything, waiting for the peer for at most that time."""
        if not self._open:
            return
        try:
            self._socket.settimeout(seconds)
            while self._out:
                self._socket.sendall(self._out.popleft())
        except OSError:
            pass

    def close(self) -> None:
        """Ends it; what was not written yet is lost."""
        if self._open:
            self._open = False
            self._loop.watch(self._fd, None, None)
            self._socket.close()
            self._out.clear()
            self.unsent = 0

    def _watch(self) -> None:
        if self._open:
            self._loop.watch(
                self._fd,
                None if self._paused else self._readable,
                None if self._writable else self._flush,
            )

    def _end(self, reason: str, nonsense: bool = False) -> None:
        if self._open:
            self.close()
            self._on_end(reason, nonsense)

    def _readable(self) -> None:
        self._read_once()

    def _read_once(self) -> bool:
        """Reads once; False if there was nothing."""
        try:
            data = self._socket.recv(_READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as e:
            self._end(str(e))
            return False
        if not data:
            self._end("")
            return False
        self._reader.feed(data)
        try:
            for frame in self._reader.frames():
                self._on_frame(frame)
                if not self._open:
                    break
        except ProtocolError as e:
            self._end(str(e), nonsense=True)
        return True

    def _planned_flush(self) -> None:
        self._flush_planned = False
        if self._writable:
            self._flush()

    def _flush(self) -> None:
        was_full = not self._writable or self.unsent > _FULL
        while self._open and self._out:
            data = self._out[0] if len(self._out) == 1 else self._gathered()
            try:
                sent = self._socket.send(data)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError as e:
                self._end(str(e))
                return
            self.unsent -= sent
            if sent < len(data):
                self._out[0] = data[sent:]
                self._set_writable(False)
                return
            self._out.popleft()
        self._set_writable(True)
        if was_full and self._open and self.on_written is not None:
            self.on_written()

    def _gathered(self) -> bytes:
        """Joins the small pieces at the beginning into one."""
        pieces = []
        size = 0
        while self._out and size + len(self._out[0]) <= 4 * _SMALL:
            size += len(self._out[0])
            pieces.append(self._out.popleft())
        if pieces:
            self._out.appendleft(b"".join(pieces))
        return self._out[0]

    def _set_writable(self, writable: bool) -> None:
        if writable != self._writable:
            self._writable = writable
            self._watch()

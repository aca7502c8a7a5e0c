"""The one connection to the server: dials, dials again, keeps up the heartbeat."""

from __future__ import annotations

import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from hearth.agent.frames import FROM_SERVER, PROTOCOL_VERSION, Frame, Kind
from hearth.agent.log import log_line
from hearth.agent.loop import Loop, Timer
from hearth.agent.start_file import StartFile
from hearth.agent.wire import Wire

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0
_DIAL_TIMEOUT = 5.0
_WELCOME_TIMEOUT = 10.0
_SILENT_BEATS = 3
_CONGESTED = 4 * 1024 * 1024


class LinkEvents(ABC):
    """What the link tells the agent."""

    @abstractmethod
    def hello(self) -> dict[str, object]:
        """The header with which the agent introduces itself."""

    @abstractmethod
    def welcomed(self) -> None:
        """All that the server may have missed has to be sent again."""

    @abstractmethod
    def received(self, frame: Frame) -> None:
        """A frame has come that the link does not handle itself."""

    @abstractmethod
    def lost(self) -> None:
        """The connection is gone, and the link dials again."""

    @abstractmethod
    def drained(self) -> None:
        """Everything that was sent has left this process."""

    @abstractmethod
    def ended(self, reason: str) -> None:
        """The server has refused the agent, or there was none for too long."""


class Link:
    """Not thread-safe: the loop calls it."""

    def __init__(self, loop: Loop, start: StartFile, events: LinkEvents) -> None:
        self._loop = loop
        self._start = start
        self._events = events
        self._heartbeat = start.heartbeat
        self._wire: Wire | None = None
        self._welcomed = False
        self._last_seen = time.monotonic()
        self._heard = 0.0
        self._sent = 0.0
        self._pings = 0
        self._pause = _FIRST_PAUSE
        self._timer: Timer | None = None
        self._closed = False

    @property
    def is_open(self) -> bool:
        """Whether the server has accepted the agent on this connection."""
        return self._welcomed

    @property
    def is_congested(self) -> bool:
        """Whether the server takes frames more slowly than they are made."""
        return self._wire is not None and self._wire.unsent > _CONGESTED

    def start(self) -> None:
        """Dials."""
        self._dial()

    def send(
        self, kind: int, header: Mapping[str, object], payload: bytes = b""
    ) -> None:
        """Sends a frame; nothing if there is no connection."""
        if self._welcomed and self._wire is not None:
            self._sent = time.monotonic()
            self._wire.send(kind, header, payload)

    def close(self, flush: float = 0) -> None:
        """Ends the connection and does not dial again.

        :param flush: how many seconds to wait until everything is written
        """
        self._closed = True
        self._set_timer(None)
        if self._wire is not None:
            if flush:
                self._wire.flush_now(flush)
            self._wire.close()
            self._wire = None
        self._welcomed = False

    def _dial(self) -> None:
        sock = dial(self._start.endpoint_socket, self._start.endpoint_file)
        if sock is None:
            self._try_again()
            return
        self._heard = self._sent = time.monotonic()
        self._wire = Wire(self._loop, sock, FROM_SERVER, self._take, self._lost)
        self._wire.on_written = self._events.drained
        self._wire.send(Kind.HELLO, self._events.hello())
        self._set_timer(
            self._loop.after(_WELCOME_TIMEOUT, lambda: self._hang_up("no welcome"))
        )

    def _take(self, frame: Frame) -> None:
        self._heard = time.monotonic()
        if not self._welcomed:
            self._take_first(frame)
        elif frame.kind == Kind.SERVER_PING:
            self.send(Kind.AGENT_PONG, {"seq": frame.number("seq")})
        elif frame.kind != Kind.SERVER_PONG:
            self._events.received(frame)

    def _take_first(self, frame: Frame) -> None:
        if frame.kind == Kind.REJECT:
            self.close()
            self._events.ended(f"the server refused: {frame.text('message')}")
        elif frame.kind == Kind.WELCOME:
            beat = frame.number("heartbeatMs", 0)
            if beat > 0:
                self._heartbeat = beat / 1000
            if frame.number("protocol", PROTOCOL_VERSION) != PROTOCOL_VERSION:
                self._hang_up("the server speaks another version of the protocol")
                return
            self._welcomed = True
            self._pause = _FIRST_PAUSE
            self._keep_alive()
            self._events.welcomed()
        else:
            self._hang_up("its first frame is no welcome")

    def _keep_alive(self) -> None:
        now = time.monotonic()
        if now - self._heard > _SILENT_BEATS * self._heartbeat:
            self._hang_up("the server is silent")
            return
        if now - self._sent >= self._heartbeat:
            self._pings += 1
            self.send(Kind.AGENT_PING, {"seq": self._pings})
        self._set_timer(self._loop.after(self._heartbeat / 2, self._keep_alive))

    def _hang_up(self, reason: str) -> None:
        if self._wire is not None:
            self._wire.close()
        self._lost(reason)

    def _lost(self, reason: str, nonsense: bool = False) -> None:
        if nonsense:
            log_line("ERROR", f"the server broke the protocol: {reason}")
        elif reason:
            log_line("WARN", f"the connection to the server has ended: {reason}")
        self._wire = None
        self._set_timer(None)
        if self._welcomed:
            self._welcomed = False
            self._last_seen = time.monotonic()
            self._events.lost()
        self._try_again()

    def _try_again(self) -> None:
        if self._closed:
            return
        alone = time.monotonic() - self._last_seen
        if alone >= self._start.orphan_timeout:
            self._closed = True
            self._events.ended(f"no server for {alone * 1000:.0f} ms")
            return
        pause = min(self._pause, self._start.orphan_timeout - alone)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        self._set_timer(self._loop.after(pause, self._dial))

    def _set_timer(self, timer: Timer | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer


def dial(endpoint_socket: str, endpoint_file: str) -> socket.socket | None:
    """Connects to the server by its Unix socket, or else by TCP; None if neither."""
    if endpoint_socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(_DIAL_TIMEOUT)
            sock.connect(endpoint_socket)
            return sock
        except OSError:
            sock.close()
    try:
        lines = Path(endpoint_file).read_text().splitlines()
        host, _, port = lines[0].rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        sock = socket.create_connection((host, int(port)), _DIAL_TIMEOUT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    except (OSError, IndexError, ValueError):
        return None

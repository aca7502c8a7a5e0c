"""The worker's two sockets to the agent."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from hearth.agent.frames import TO_WORKER, Frame, FrameReader, Kind, encode_head
from hearth.worker.interrupts import Interrupts

_READ_SIZE = 64 * 1024


class AgentGone(Exception):
    """The agent has ended, and this process has to."""


class Channel:
    """Sends frames of any thread, and reads those of the job's thread."""

    def __init__(self, work: socket.socket, interrupts: Interrupts) -> None:
        self._socket = work
        self._reader = FrameReader(TO_WORKER)
        self._interrupts = interrupts
        self._lock = threading.Lock()
        self._requests: dict[int, Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)

    def read(self) -> Frame:
        """Waits for the next frame.

        :raises AgentGone: if there will be none
        """
        while True:
            for frame in self._reader.frames():
                return frame
            try:
                data = self._socket.recv(_READ_SIZE)
            except OSError as e:
                raise AgentGone(str(e)) from None
            if not data:
                raise AgentGone("the agent is gone")
            self._reader.feed(data)

    def send(
        self, kind: int, header: Mapping[str, object], payload: bytes = b""
    ) -> None:
        """Sends a frame. An interruption of the job waits until it is sent."""
        head = encode_head(kind, header, len(payload))
        with self._interrupts.held(), self._lock:
            try:
                if len(payload) < _READ_SIZE:
                    self._socket.sendall(head + payload)
                else:
                    self._socket.sendall(head)
                    self._socket.sendall(payload)
            except OSError as e:
                raise AgentGone(str(e)) from None

    def request(self, what: str, **header: object) -> dict[str, Any]:
        """Asks the agent, and waits for its answer."""
        number = next(self._numbers)
        answer: Future[dict[str, Any]] = Future()
        self._requests[number] = answer
        try:
            self.send(Kind.REQUEST, {"request": number, "what": what, **header})
            return answer.result()
        finally:
            self._requests.pop(number, None)

    def answered(self, frame: Frame) -> None:
        """An answer has come; the thread of the control socket calls it."""
        request = self._requests.get(frame.number("request"))
        if request is not None:
            request.set_result(frame.header)


def serve_control(
    control: socket.socket, handle: Callable[[Frame], None], gone: Callable[[], None]
) -> threading.Thread:
    """Starts the thread that reads what the agent says while a job runs."""

    def serve() -> None:
        reader = FrameReader(TO_WORKER)
        while True:
            try:
                data = control.recv(_READ_SIZE)
            except OSError:
                data = b""
            if not data:
                break
            reader.feed(data)
            for frame in reader.frames():
                handle(frame)
        gone()

    thread = threading.Thread(target=serve, name="hearth-control", daemon=True)
    thread.start()
    return thread

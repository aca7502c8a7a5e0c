"""A stretch of network between a client and a server, which counts requests and can
lose answers.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from typing import Self

_BLOCK = 1 << 16


class LossyNetwork:
    """Listens on a port of its own, and passes everything on to the server's."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[str] = []
        """The first line of each request."""
        self._lose: list[re.Pattern[str]] = []
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        with self._lock:
            for connection in self._open:
                connection.close()

    def lose_answer(self, pattern: str) -> None:
        """The next request like that reaches the server; its answer gets lost."""
        with self._lock:
            self._lose.append(re.compile(pattern))

    def count(self, pattern: str) -> int:
        """How many requests there were whose first lines are like that."""
        return sum(bool(re.match(pattern, line)) for line in self.requests)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            with self._lock:
                self._open |= {client, server}
            lost = threading.Event()
            for work in (self._to_server, self._to_client):
                threading.Thread(
                    target=work, args=(client, server, lost), daemon=True
                ).start()

    def _to_server(
        self, client: socket.socket, server: socket.socket, lost: threading.Event
    ) -> None:
        while data := _read(client):
            lines = re.findall(rb"^([A-Z]+ /\S* HTTP/1\.1)\r$", data, re.MULTILINE)
            for line in lines:
                self.requests.append(line.decode())
                if self._is_to_be_lost(line.decode()):
                    lost.set()
            server.sendall(data)
        _close(server)

    def _to_client(
        self, client: socket.socket, server: socket.socket, lost: threading.Event
    ) -> None:
        while data := _read(server):
            if lost.is_set():
                break
            client.sendall(data)
        _close(client)
        _close(server)

    def _is_to_be_lost(self, line: str) -> bool:
        with self._lock:
            for pattern in self._lose:
                if pattern.match(line):
                    self._lose.remove(pattern)
                    return True
        return False


def _read(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_BLOCK)
    except OSError:
        return b""


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()

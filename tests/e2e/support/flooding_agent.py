"""An agent that misbehaves, as a program: `hearth.native.agent` names it.

The setting `flood` of its context says what it does once a job is sent to it.
It speaks the protocol of runtime/protocol/README.md, and needs only Python.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path
from typing import Any

READY, STARTED, PROGRESS, LOG, PART, ENDED, READ_FILE = 2, 4, 6, 7, 8, 9, 13
RUN_JOB, STOP = 66, 68
SECONDS = 3
"""How long a flood lasts, unless the server ends it."""
MOST = 1 << 30
"""How many bytes it has at most."""


def frame(kind: int, header: dict[str, Any], payload: bytes = b"") -> bytes:
    """The bytes of one frame."""
    head = json.dumps(header).encode()
    size = 4 + len(head) + len(payload)
    return (
        size.to_bytes(4, "big")
        + bytes([kind])
        + len(head).to_bytes(3, "big")
        + head
        + payload
    )


class Link:
    """The connection to the server."""

    def __init__(self, start: dict[str, Any]) -> None:
        if start["endpointSocket"]:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(start["endpointSocket"])
        else:
            where = Path(start["endpointFile"]).read_text().strip()
            host, _, port = where.rpartition(":")
            self._socket = socket.create_connection((host, int(port)))
        self._file = self._socket.makefile("rb")

    def send(self, data: bytes) -> None:
        """Sends bytes; waits until the server takes them."""
        self._socket.sendall(data)

    def receive(self) -> tuple[int, dict[str, Any]]:
        """The next frame; ends the program once the server has closed."""
        prefix = self._file.read(8)
        if len(prefix) < 8:
            sys.exit(0)
        size = int.from_bytes(prefix[:4], "big")
        head = int.from_bytes(prefix[5:8], "big")
        body = self._file.read(size - 4)
        return prefix[4], json.loads(body[:head])


def flood_of(what: str, job: str, file: str) -> bytes:
    """About a megabyte of frames. `file` is the one that is asked for."""
    one = {
        "progress": frame(PROGRESS, {"job": job, "done": 1, "total": 2, "text": ""}),
        "log": frame(LOG, {"level": "info", "text": ""}),
        "parts": frame(PART, {"job": job}, b"1" * 200_000),
        "files": frame(
            READ_FILE,
            {"job": job, "request": 1, "data": file, "offset": 0, "length": 1 << 20},
        ),
        "starts": frame(STARTED, {"job": job}),
    }[what]
    return one * (1_000_000 // len(one))


def main() -> None:
    start = json.loads(Path(sys.argv[1]).read_text())
    link = Link(start)
    hello = {
        "protocol": 1,
        "contextId": start["contextId"],
        "token": start["token"],
        "pid": 1,
        "runtime": "flood",
        "ready": True,
        "running": [],
        "ended": [],
    }
    link.send(frame(1, hello))
    link.send(frame(READY, {"applicationId": "", "webUrl": "", "version": ""}))
    while True:
        kind, header = link.receive()
        if kind == STOP:
            return
        if kind != RUN_JOB:
            continue
        job = header["job"]
        link.send(frame(STARTED, {"job": job}))
        settings = start["settings"]
        flood = flood_of(settings["flood"], job, settings.get("file", ""))
        end = time.monotonic() + SECONDS
        sent = 0
        while time.monotonic() < end and sent < MOST:
            link.send(flood)
            sent += len(flood)
        last = {"job": job, "done": sent, "total": sent, "text": "the last"}
        link.send(frame(PROGRESS, last))
        outcome = {
            "job": job,
            "outcome": "finished",
            "message": "",
            "errorClass": "",
            "stack": "",
        }
        link.send(frame(ENDED, outcome, str(sent).encode()))


if __name__ == "__main__":
    main()

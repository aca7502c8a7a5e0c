"""Plays the server for a real agent process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from hearth.agent.frames import Frame, FrameReader, Kind, encode

SOURCES = Path(__file__).resolve().parents[2] / "src"
DEADLINE = 90.0

ANYTHING = range(256)


class Server:
    """Starts an agent, accepts its connection and talks to it."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, object] | None = None,
        jars: Iterable[str] = (),
        *,
        tcp: bool = False,
        environment: Mapping[str, str] | None = None,
        context_factory: str = "hearth.python",
        stdin: int = subprocess.DEVNULL,
        heartbeat_ms: int = 5000,
        orphan_ms: int = 60000,
    ) -> None:
        self.folder = folder
        self.log_file = folder / "driver.log"
        self._listener = self._listen(tcp)
        start = folder / "agent.json"
        start.write_text(
            json.dumps(
                {
                    "contextId": "c-1",
                    "contextName": "sales",
                    "token": "00ff",
                    "endpointFile": str(folder / "endpoint"),
                    "endpointSocket": "" if tcp else str(folder / "socket"),
                    "contextFactory": context_factory,
                    "settings": dict(settings or {}),
                    "sparkConf": {},
                    "hadoopConf": {},
                    "jars": list(jars),
                    "orphanTimeoutMs": orphan_ms,
                    "heartbeatMs": heartbeat_ms,
                }
            )
        )
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(SOURCES / "hearth_agent.py"), str(start)],
                cwd=folder,
                stdin=stdin,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        self.link: Link

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            print(self.log)
        self._listener.close()
        self.process.kill()
        self.process.wait()

    @property
    def log(self) -> str:
        """The log of the context."""
        return self.log_file.read_text()

    def accept(self) -> Frame:
        """Takes the next connection; returns the agent's hello."""
        self._listener.settimeout(DEADLINE)
        sock, _ = self._listener.accept()
        self.link = Link(sock)
        return self.link.expect(Kind.HELLO)

    def welcome(self) -> Frame:
        """Welcomes the agent; returns its `context_ready`."""
        self.accept()
        self.link.send(Kind.WELCOME, {"protocol": 1, "heartbeatMs": 0})
        return self.link.expect(Kind.CONTEXT_READY)

    def exit_code(self) -> int:
        """Waits for the end of the agent."""
        return self.process.wait(DEADLINE)

    def _listen(self, tcp: bool) -> socket.socket:
        if not tcp:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(self.folder / "socket"))
        else:
            listener = socket.create_server(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            (self.folder / "endpoint").write_text(f"127.0.0.1:{port}\n")
        listener.listen()
        return listener


class Link:
    """One connection, from the server's side."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._reader = FrameReader(ANYTHING)
        self._frames: list[Frame] = []
        self.answers_pings = True
        self.handlers: dict[int, Callable[[Frame], None]] = {}
        """Take frames of some kinds, which `next` then leaves out."""

    def send(
        self, kind: int, header: Mapping[str, object], payload: bytes = b""
    ) -> None:
        """Sends a frame."""
        self.socket.sendall(encode(kind, header, payload))

    def next(self, seconds: float = DEADLINE) -> Frame | None:
        """The next frame that is no ping; None at the end of the connection."""
        deadline = time.monotonic() + seconds
        while True:
            while not self._frames:
                self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
                try:
                    data = self.socket.recv(1 << 20)
                except socket.timeout as e:  # before Python 3.10 it is another class
                    raise TimeoutError("no frame in time") from e
                if not data:
                    return None
                self._reader.feed(data)
                self._frames += self._reader.frames()
            frame = self._frames.pop(0)
            handler = self.handlers.get(frame.kind)
            if handler is not None:
                handler(frame)
            elif frame.kind != Kind.AGENT_PING:
                return frame
            elif self.answers_pings:
                self.send(Kind.SERVER_PONG, frame.header)

    def expect(self, kind: int) -> Frame:
        """The next frame, which has to be of that kind."""
        frame = self.next()
        assert frame is not None, "the agent has closed the connection"
        assert frame.kind == kind, frame
        return frame

    def run(
        self,
        job: str,
        main_class: str,
        config: object = None,
        binaries: Iterable[tuple[str, Path]] = (),
        **more: object,
    ) -> None:
        """Asks for a run of a job."""
        header: dict[str, object] = {
            "job": job,
            "mainClass": main_class,
            "binaries": [
                {"name": "b", "type": "Wheel", "digest": digest, "path": str(path)}
                for digest, path in binaries
            ],
            "maxResult": 1 << 30,
            "credit": 1 << 30,
            "user": "",
            "startedAfterMs": 60000,
            **more,
        }
        payload = json.dumps({} if config is None else config).encode()
        self.send(Kind.RUN_JOB, header, payload)

    def end(self, job: str) -> Ended:
        """Waits for the end of a job; collects the parts of its result."""
        result = b""
        while True:
            frame = self.next()
            assert frame is not None, "the agent has closed the connection"
            if frame.header.get("job") != job:
                continue
            if frame.kind == Kind.RESULT_PART:
                result += frame.payload
            if frame.kind in (Kind.JOB_ENDED, Kind.JOB_REFUSED):
                return Ended(frame, result + frame.payload)


class Ended:
    """How a job ended."""

    def __init__(self, frame: Frame, result: bytes) -> None:
        self.frame = frame
        self.result = result

    @property
    def outcome(self) -> str:
        """`finished`, `error`, `killed`, or the reason of a refusal."""
        key = "outcome" if self.frame.kind == Kind.JOB_ENDED else "reason"
        return str(self.frame.header[key])

    @property
    def value(self) -> Any:  # noqa: ANN401
        """The result of a job that has finished."""
        assert self.outcome == "finished", self.frame
        return json.loads(self.result)

    @property
    def message(self) -> str:
        """Of its failure."""
        return str(self.frame.header["message"])

    @property
    def error_class(self) -> str:
        """Of its failure."""
        return str(self.frame.header["errorClass"])

    @property
    def stack(self) -> str:
        """Of its failure."""
        return str(self.frame.header["stack"])


def zip_of(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """A zip file, as wheels and eggs are."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def alive(pid: int) -> bool:
    """Whether a process lives; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def wait_until(condition: Any, what: str) -> None:  # noqa: ANN401
    """Waits for something that no event tells."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.01)

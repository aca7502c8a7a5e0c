"""A server that answers as a test wants, for what no good server would say."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Says:
    """One answer."""

    body: object = b""
    """Bytes as they are, anything else as JSON."""
    status: int = 200
    after: float = 0
    """Seconds to wait first."""
    headers: dict[str, str] = field(default_factory=dict)
    parts: tuple[bytes, ...] = ()
    """Chunks to send instead of the body."""

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else _dump(self.body)


@dataclass
class Scripted:
    """The answers to each `METHOD path`; of several the last one stays."""

    answers: dict[str, list[Says]]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Says:
        self.asked.append(asked)
        key = f"{asked.method} {asked.path.split('?')[0]}"
        left = self.answers.get(key)
        if not left:
            return Says({"status": "ERROR", "result": f"nothing at {key}"}, 404)
        return left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def scripted(answers: dict[str, Says | list[Says]]) -> Iterator[Scripted]:
    """Runs such a server on a free port."""
    script = Scripted(
        {k: v if isinstance(v, list) else [v] for k, v in answers.items()}
    )

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            headers = {k.lower(): v for k, v in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(size))
            says = script.answer(asked)
            threading.Event().wait(says.after)
            self.send_response(says.status)
            for name, value in says.headers.items():
                self.send_header(name, value)
            if says.parts:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for part in (*says.parts, b""):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                return
            content = says.content()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_PUT = handle_one

        def log_message(self, *_: Any) -> None:  # noqa: ANN401
            """Says nothing: the test tells what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Silent:
    """A server that takes requests and never answers them."""

    url: str
    asked: list[str] = field(default_factory=list)
    """Request lines, as they came."""
    left: list[str] = field(default_factory=list)
    """Request lines whose client has gone."""

    @property
    def hanging(self) -> list[str]:
        """Requests whose clients still wait."""
        return self.asked[len(self.left) :]


@contextmanager
def silent() -> Iterator[Silent]:
    """Runs such a server on a free port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline().decode("latin-1").strip()
            script.asked.append(line)
            try:
                while self.rfile.readline():
                    pass
            except OSError:
                pass
            script.left.append(line)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        script = Silent(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()


def _dump(value: object) -> bytes:
    return json.dumps(value).encode()

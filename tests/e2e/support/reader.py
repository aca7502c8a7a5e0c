"""A client of a sync job that reads its answer when it is told to."""

from __future__ import annotations

import http.client
import json
import socket

from support.client import Client


class Reader:
    """Sends the job at once; its answer waits."""

    def __init__(
        self, client: Client, app: str, main_class: str, context: str, config: object
    ) -> None:
        self.socket = socket.socket()
        # Small, so that the kernel does not hide that nobody reads.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self.socket.settimeout(120)
        self.socket.connect(("127.0.0.1", client.port))
        body = json.dumps(config)
        self.socket.sendall(
            (
                f"POST /jobs?cp={app}&mainClass={main_class}&context={context}"
                "&sync=true&timeout=120 HTTP/1.1\r\n"
                f"Host: localhost\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            ).encode()
        )
        self.response = http.client.HTTPResponse(self.socket)

    def begin(self) -> None:
        """Waits for the first bytes."""
        self.response.begin()
        assert self.response.status == 200
        assert self.response.getheader("Transfer-Encoding") == "chunked"

    def leave(self) -> None:
        """Closes the connection."""
        self.response.close()
        self.socket.close()

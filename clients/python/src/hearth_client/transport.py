"""Sends requests over one pool of connections, and repeats them where that is safe.

A request is repeated

* if the answer is 503 or 429, after the time that `Retry-After` asks for;
* if the connection was lost, or could not be made although this client had reached
  the server before. Requests that change something carry an `Idempotency-Key`, so
  the server does nothing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import platform
import random
import socket
import ssl
import time
import urllib.request
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from hearth_client._http import httpx
from hearth_client.address import Server
from hearth_client.errors import Refused, Unreachable, refusal

VERSION = "0.1.0"

Query = Mapping[str, object]

_AGAIN = {429, 503}
_BLOCK = 1 << 18


@dataclass(frozen=True)
class Retries:
    """How patient a client is with a server that is busy or away."""

    seconds: float = 30
    """After this time the last error is raised; 0: at once."""
    first: float = 0.1
    """The first pause, which doubles with each try."""
    longest: float = 5
    """The longest pause, unless the server asks for a longer one."""

    def pause(self, tries: int, wanted: float | None) -> float:
        """How long to wait after that many tries.

        :param wanted: what the server asked for
        """
        pause = min(self.first * 2.0 ** min(tries, 20), self.longest)
        # A random part, so that clients that failed together do not come back
        # together.
        return max(pause * random.uniform(0.5, 1.0), wanted or 0.0)


@dataclass(frozen=True)
class Answer:
    """A good answer of the server."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    request_id: str

    def json(self) -> Any:  # noqa: ANN401
        """The body as JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refused(
                "the answer is no JSON; is this a job server?",
                status=self.status,
                code="bad_answer",
                request_id=self.request_id,
            ) from None


class Transport:
    """The connections to one server. Used by one event loop."""

    def __init__(
        self,
        server: Server,
        *,
        retries: Retries,
        max_connections: int = 100,
        connect_timeout: float = 5,
        ca_file: str | Path | None = None,
    ) -> None:
        self.server = server
        self.retries = retries
        verify = True if ca_file is None else ssl.create_default_context(cafile=ca_file)
        limits = httpx.Limits(
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=30,
        )
        headers = {
            "User-Agent": f"hearth-client/{VERSION} Python/{platform.python_version()}",
            "Accept-Encoding": "identity",
        }
        if server.authorization:
            headers["Authorization"] = server.authorization
        self._connect_timeout = connect_timeout
        self._reached = False
        self._http = httpx.AsyncClient(
            headers=headers,
            verify=verify,
            limits=limits,
            follow_redirects=False,
            transport=_direct(verify, limits),
        )

    async def close(self) -> None:
        """Closes all connections."""
        await self._http.aclose()

    async def send(
        self,
        method: str,
        path: Sequence[str],
        query: Query | None = None,
        *,
        body: bytes | Path | None = None,
        content_type: str | None = None,
        key: str | None = None,
        timeout: float | None = 60,
        repeatable: bool = True,
    ) -> Answer:
        """Sends a request and returns the answer, if it is a good one.

        :param path: segments
        :param body: bytes, or the file that has them
        :param key: the idempotency key
        :param timeout: how long the server may be silent; None: for ever
        :param repeatable: whether a request whose answer was lost may be sent again
        :raises hearth_client.Refused: if the answer is an error
        :raises hearth_client.Unreachable: if there is none
        """
        async with self.stream(
            method,
            path,
            query,
            body=body,
            content_type=content_type,
            key=key,
            timeout=timeout,
            repeatable=repeatable,
            whole=True,
        ) as flow:
            return Answer(flow.status, flow.headers, await flow.read(), flow.request_id)

    @contextlib.asynccontextmanager
    async def stream(
        self,
        method: str,
        path: Sequence[str],
        query: Query | None = None,
        *,
        body: bytes | Path | None = None,
        content_type: str | None = None,
        key: str | None = None,
        timeout: float | None = 60,
        repeatable: bool = True,
        whole: bool = False,
    ) -> AsyncIterator[Flow]:
        """The same with a body that is read while it arrives.

        :param whole: reads the body at once, so that a request whose answer breaks
            off is sent again, too
        """
        request_id = uuid.uuid4().hex
        headers = {"X-Request-Id": request_id}
        if key:
            headers["Idempotency-Key"] = key
        if content_type:
            headers["Content-Type"] = content_type
        times = httpx.Timeout(timeout, connect=self._connect_timeout, pool=None)
        url = self._url(path, query)
        give_up = time.monotonic() + self.retries.seconds
        tries = 0
        while True:
            content, size = _content(body)
            if size is not None:
                headers["Content-Length"] = str(size)
            request = self._http.build_request(
                method, url, content=content, headers=headers, timeout=times
            )
            flow, lost = await self._try(request, request_id, whole)
            if flow is not None and flow.status not in _AGAIN:
                break
            wanted = flow.retry_after if flow is not None else None
            pause = self.retries.pause(tries, wanted)
            may_repeat = flow is not None or self._may_repeat(lost, repeatable)
            if not may_repeat or time.monotonic() + pause > give_up:
                break
            if flow is not None:
                await flow.close()
            await asyncio.sleep(pause)
            tries += 1
        if flow is None:
            raise self._unreachable(lost, request_id) from None
        try:
            if not 200 <= flow.status < 300:
                raise await flow.refusal()
            yield flow
        finally:
            await flow.close()

    async def _try(
        self, request: httpx.Request, request_id: str, whole: bool
    ) -> tuple[Flow | None, Exception | None]:
        try:
            response = await self._http.send(request, stream=True)
            self._reached = True
            flow = Flow(self, response, request_id)
            if whole or response.status_code >= 300:
                await flow.read()
            return flow, None
        except httpx.TransportError as e:
            return None, e
        except httpx.InvalidURL as e:
            raise ValueError(str(e)) from None

    def _may_repeat(self, lost: Exception | None, repeatable: bool) -> bool:
        if isinstance(lost, (httpx.ConnectError, httpx.ConnectTimeout)):
            # A wrong address is told at once.
            return self._reached
        if isinstance(lost, (httpx.UnsupportedProtocol, httpx.LocalProtocolError)):
            return False
        return repeatable

    def _unreachable(self, lost: Exception | None, request_id: str) -> Unreachable:
        what = "the connection was lost" if self._reached else "cannot be reached"
        why = str(lost) or type(lost).__name__
        return Unreachable(f"{self.server.url}: {what}: {why}", request_id=request_id)

    def lost(self, error: Exception, request_id: str) -> Unreachable:
        """The exception for a body that broke off."""
        return self._unreachable(error, request_id)

    def _url(self, path: Sequence[str], query: Query | None) -> str:
        url = self.server.url + "".join(f"/{_segment(x)}" for x in path)
        pairs = [(k, _text(v)) for k, v in (query or {}).items() if v is not None]
        return f"{url}?{urlencode(pairs, quote_via=quote)}" if pairs else url


class Flow:
    """An answer whose body is still arriving."""

    def __init__(
        self, transport: Transport, response: httpx.Response, request_id: str
    ) -> None:
        self._transport = transport
        self._response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.request_id = response.headers.get("x-request-id") or request_id

    @property
    def retry_after(self) -> float | None:
        """How many seconds the server asks to wait."""
        try:
            return max(0.0, float(self.headers.get("retry-after", "")))
        except ValueError:
            return None

    async def read(self) -> bytes:
        """The whole body."""
        body: bytes = await self._response.aread()
        return body

    async def parts(self) -> AsyncIterator[bytes]:
        """The body, as it comes.

        :raises hearth_client.Unreachable: if it breaks off
        """
        try:
            async for part in self._response.aiter_bytes():
                yield part
        except httpx.TransportError as e:
            raise self._transport.lost(e, self.request_id) from None

    async def refusal(self) -> Refused:
        """The exception for an answer that is an error."""
        text = (await self.read()).decode(errors="replace")
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        return refusal(self.status, body, text, self.request_id)

    async def close(self) -> None:
        """Lets go of the connection, or closes it if the body was not read."""
        await self._response.aclose()


def _direct(
    verify: ssl.SSLContext | bool, limits: httpx.Limits
) -> httpx.AsyncHTTPTransport | None:
    """Connections that notice a dead server while they wait, where no proxy is set."""
    if urllib.request.getproxies():
        return None
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    options.append((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1))
    return httpx.AsyncHTTPTransport(
        verify=verify, limits=limits, socket_options=options
    )


def _content(
    body: bytes | Path | None,
) -> tuple[bytes | AsyncIterator[bytes] | None, int | None]:
    if isinstance(body, Path):
        return _blocks(body), body.stat().st_size
    return body, None


async def _blocks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as content:
        while block := await asyncio.to_thread(content.read, _BLOCK):
            yield block


def _segment(text: str) -> str:
    # HTTP libraries would remove "." and "..".
    return text.replace(".", "%2E") if text in (".", "..") else quote(text, safe="")


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)

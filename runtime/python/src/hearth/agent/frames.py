"""Frames of the agent protocol, as bytes.

runtime/protocol/README.md describes them. The agent talks to its workers in
frames of the same form, some of which have kinds of their own.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MAX_FRAME = 16 * 1024 * 1024
MAX_HEADER = 1024 * 1024
MAX_PART = 256 * 1024
"""How many bytes of a result one frame has at most."""
MAX_BLOCK = 1024 * 1024
"""How many bytes of a file one frame has at most."""

PROTOCOL_VERSION = 1

_HEAD = struct.Struct(">II")  # the length; the kind and the header's length
_EXTRA = 4  # what the length counts beside header and payload


class Kind:
    """The kinds of frames."""

    HELLO = 1
    CONTEXT_READY = 2
    CONTEXT_FAILED = 3
    JOB_STARTED = 4
    JOB_REFUSED = 5
    JOB_PROGRESS = 6
    LOG = 7
    RESULT_PART = 8
    JOB_ENDED = 9
    AGENT_PONG = 10
    AGENT_PING = 11
    STOPPING = 12
    READ_FILE = 13
    # To the JVM of a context with Spark only, which stands for the server.
    GATEWAY = 14
    WORKER_GONE = 15

    WELCOME = 64
    REJECT = 65
    RUN_JOB = 66
    KILL_JOB = 67
    STOP = 68
    SERVER_PING = 69
    SERVER_PONG = 70
    CREDIT = 71
    JOB_STORED = 72
    FILE_BLOCK = 73
    GATEWAY_READY = 74

    # Between the agent and its workers only.
    REQUEST = 128
    ANSWER = 129
    CANCEL = 130
    INTERRUPT = 131
    SAY_STARTED = 132


FROM_SERVER = range(Kind.WELCOME, Kind.GATEWAY_READY + 1)
FROM_WORKER = frozenset(
    {
        Kind.JOB_STARTED,
        Kind.JOB_REFUSED,
        Kind.JOB_PROGRESS,
        Kind.RESULT_PART,
        Kind.JOB_ENDED,
        Kind.REQUEST,
    }
)
TO_WORKER = frozenset(
    {
        Kind.RUN_JOB,
        Kind.ANSWER,
        Kind.CANCEL,
        Kind.INTERRUPT,
        Kind.SAY_STARTED,
    }
)


class ProtocolError(Exception):
    """The peer sent bytes that are no frame, or a frame that it must not send."""


class Frame(NamedTuple):
    """One message."""

    kind: int
    header: dict[str, Any]
    payload: bytes = b""

    def text(self, key: str, default: str | None = None) -> str:
        """A text of the header.

        :raises ProtocolError: if it is missing and has no default, or is no text
        """
        value = self.header.get(key, default)
        if not isinstance(value, str):
            raise ProtocolError(f"a frame of kind {self.kind} without the text '{key}'")
        return value

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number of the header.

        :raises ProtocolError: if it is missing and has no default, or is no number
        """
        value = self.header.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ProtocolError(
                f"a frame of kind {self.kind} without the number '{key}'"
            )
        return value


def encode_head(kind: int, header: Mapping[str, object], payload_size: int) -> bytes:
    """A frame without its payload.

    :raises ProtocolError: if it is too large
    """
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) > MAX_HEADER:
        raise ProtocolError(f"a header of {len(text)} bytes")
    length = _EXTRA + len(text) + payload_size
    if length > MAX_FRAME:
        raise ProtocolError(f"a frame of {length} bytes")
    return _HEAD.pack(length, kind << 24 | len(text)) + text


def encode(kind: int, header: Mapping[str, object], payload: bytes = b"") -> bytes:
    """The bytes of a frame.

    :raises ProtocolError: if it is too large
    """
    return encode_head(kind, header, len(payload)) + payload


class FrameReader:
    """Makes frames of bytes that arrive in pieces of any size."""

    def __init__(self, allowed: range | frozenset[int]) -> None:
        """:param allowed: the kinds that the peer may send"""
        self._allowed = allowed
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes the bytes that have arrived."""
        self._bytes += data

    def frames(self) -> Iterator[Frame]:
        """The frames that are complete.

        :raises ProtocolError: if the bytes are no frames
        """
        data = self._bytes
        at = 0
        try:
            while len(data) - at >= _HEAD.size:
                length, kind_and_size = _HEAD.unpack_from(data, at)
                kind, size = kind_and_size >> 24, kind_and_size & 0xFFFFFF
                self._check(length, kind, size)
                begin = at + _HEAD.size
                end = at + 4 + length
                if len(data) < end:
                    return
                header = _parse_header(bytes(data[begin : begin + size]), kind)
                payload = bytes(data[begin + size : end])
                at = end
                yield Frame(kind, header, payload)
        finally:
            if at:
                del data[:at]

    def _check(self, length: int, kind: int, size: int) -> None:
        if length > MAX_FRAME or length < _EXTRA:
            raise ProtocolError(f"a frame of {length} bytes")
        if size > MAX_HEADER or size > length - _EXTRA:
            raise ProtocolError(f"a header of {size} bytes in a frame of {length}")
        if kind not in self._allowed:
            raise ProtocolError(f"a frame of the kind {kind}")


def _parse_header(text: bytes, kind: int) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except ValueError as e:
        raise ProtocolError(f"the header of a frame of kind {kind}: {e}") from None
    if not isinstance(header, dict):
        raise ProtocolError(f"the header of a frame of kind {kind} is no object")
    return header

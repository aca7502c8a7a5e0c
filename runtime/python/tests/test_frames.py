"""The frames of the protocol, compared with the bytes that all agents share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hearth.agent import frames
from hearth.agent.frames import Frame, FrameReader, Kind, ProtocolError, encode

GOLDEN = Path(__file__).resolve().parents[2] / "protocol" / "golden.txt"

FAILURE = {"message": "boom", "errorClass": "E", "stack": "at y"}
RUN = {
    "job": "j-1",
    "mainClass": "spark.jobserver.WordCountExample",
    "binaries": [
        {"name": "wc", "type": "Jar", "digest": "ab12", "path": "/data/ab12.jar"},
        {"name": "dep", "type": "Jar", "digest": "cd34", "path": "/data/cd34.jar"},
    ],
    "maxResult": 1073741824,
    "credit": 1048576,
    "user": "alice",
    "startedAfterMs": 20,
}

EXPECTED: dict[str, tuple[int, dict[str, Any], bytes]] = {
    "hello": (
        Kind.HELLO,
        {
            "protocol": 1,
            "contextId": "c-1",
            "token": "00ff",
            "pid": 4711,
            "runtime": "spark 3.5.7 scala 2.12",
            "ready": True,
            "running": ["j-1", "j-2"],
            "ended": ["j-3"],
        },
        b"",
    ),
    "context_ready": (
        Kind.CONTEXT_READY,
        {
            "applicationId": "local-1",
            "webUrl": "http://127.0.0.1:4040",
            "version": "3.5.7",
        },
        b"",
    ),
    "context_failed": (
        Kind.CONTEXT_FAILED,
        {"message": "no master", "errorClass": "E", "stack": "at x"},
        b"",
    ),
    "job_started": (Kind.JOB_STARTED, {"job": "j-1"}, b""),
    "job_refused": (
        Kind.JOB_REFUSED,
        {
            "job": "j-1",
            "reason": "validation-failed",
            "message": "no input.string",
            "errorClass": "V",
            "stack": "at v",
        },
        b"",
    ),
    "job_progress": (
        Kind.JOB_PROGRESS,
        {"job": "j-1", "done": 3, "total": 10, "text": "stage 1"},
        b"",
    ),
    "log": (Kind.LOG, {"level": "INFO", "text": "grüße", "job": "j-1"}, b""),
    "result_part": (Kind.RESULT_PART, {"job": "j-1"}, b"[1,2,"),
    "job_ended_finished": (
        Kind.JOB_ENDED,
        {"job": "j-1", "outcome": "finished"},
        b'{"a":1}',
    ),
    "job_ended_error": (
        Kind.JOB_ENDED,
        {"job": "j-1", "outcome": "error", **FAILURE},
        b"",
    ),
    "agent_pong": (Kind.AGENT_PONG, {"seq": 7}, b""),
    "agent_ping": (Kind.AGENT_PING, {"seq": 8}, b""),
    "stopping": (Kind.STOPPING, {}, b""),
    "read_file": (
        Kind.READ_FILE,
        {
            "job": "j-1",
            "request": 7,
            "data": "a.dat",
            "offset": 1048576,
            "length": 1048576,
        },
        b"",
    ),
    "welcome": (Kind.WELCOME, {"protocol": 1, "heartbeatMs": 5000}, b""),
    "reject": (Kind.REJECT, {"message": "wrong token"}, b""),
    "run_job": (Kind.RUN_JOB, RUN, b'{"input":{"string":"a b"}}'),
    "kill_job": (Kind.KILL_JOB, {"job": "j-1"}, b""),
    "stop": (Kind.STOP, {"graceMs": 10000}, b""),
    "server_ping": (Kind.SERVER_PING, {"seq": 9}, b""),
    "server_pong": (Kind.SERVER_PONG, {"seq": 8}, b""),
    "credit": (Kind.CREDIT, {"job": "j-1", "bytes": 262144}, b""),
    "job_stored": (Kind.JOB_STORED, {"job": "j-1"}, b""),
    "file_block": (Kind.FILE_BLOCK, {"request": 7, "size": 1048579}, b"end"),
}


def golden() -> dict[str, bytes]:
    """The frames of the file, by their names."""
    lines = GOLDEN.read_text().splitlines()
    pairs = [line.split() for line in lines if not line.startswith("#")]
    return {name: bytes.fromhex(data) for name, data in pairs}


def read(data: bytes, allowed: range = range(256)) -> list[Frame]:
    """The frames in these bytes."""
    reader = FrameReader(allowed)
    reader.feed(data)
    return list(reader.frames())


def test_every_golden_frame_is_expected_here() -> None:
    assert golden().keys() == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_golden_frames(name: str) -> None:
    data = golden()[name]
    frame = read(data)[0]
    assert (frame.kind, frame.header, frame.payload) == EXPECTED[name]
    # The keys of the file are in the order that is used here.
    assert encode(frame.kind, frame.header, frame.payload) == data


def test_frames_in_any_pieces() -> None:
    data = b"".join(golden().values())
    whole = read(data)
    for size in (1, 2, 3, 7, 100):
        reader = FrameReader(range(256))
        found: list[Frame] = []
        for at in range(0, len(data), size):
            reader.feed(data[at : at + size])
            found += reader.frames()
        assert found == whole


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xff\xff\xff\x01\x00\x00\x00", "a frame of 4294967295 bytes"),
        (b"\x00\x00\x00\x03\x01\x00\x00\x00", "a frame of 3 bytes"),
        (b"\x00\x00\x00\x06\x01\x00\x00\x03{}x", "a header of 3 bytes in a frame"),
        (b"\x00\x20\x00\x00\x01\x20\x00\x00", "a header of 2097152 bytes"),
        (b"\x00\x00\x00\x06\xc8\x00\x00\x02{}", "a frame of the kind 200"),
        (b"\x00\x00\x00\x06\x01\x00\x00\x02[]", "is no object"),
        (b"\x00\x00\x00\x06\x01\x00\x00\x02{x", "the header of a frame of kind 1"),
        (b"\x00\x00\x00\x06\x01\x00\x00\x02\xff\xff", "the header of a frame"),
    ],
)
def test_nonsense(data: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        read(data, range(100))


def test_too_large_to_send() -> None:
    with pytest.raises(ProtocolError, match="a header of"):
        encode(Kind.LOG, {"text": "x" * frames.MAX_HEADER})
    with pytest.raises(ProtocolError, match="a frame of"):
        encode(Kind.LOG, {}, b"x" * frames.MAX_FRAME)


def test_keys_are_checked() -> None:
    frame = Frame(Kind.CREDIT, {"job": 1, "bytes": "2", "flag": True})
    for call in (
        lambda: frame.text("job"),
        lambda: frame.text("missing"),
        lambda: frame.number("bytes"),
        lambda: frame.number("flag"),
    ):
        with pytest.raises(ProtocolError):
            call()
    assert frame.text("missing", "x") == "x"
    assert frame.number("missing", 3) == 3

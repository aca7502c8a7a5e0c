"""The loop, and the wires that it serves."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from hearth.agent.frames import Frame, FrameReader, Kind, encode
from hearth.agent.loop import Loop
from hearth.agent.wire import Wire

ANYTHING = range(256)


class End:
    """A wire, and what it has told."""

    def __init__(self, loop: Loop, sock: socket.socket) -> None:
        self.frames: list[Frame] = []
        self.ends: list[tuple[str, bool]] = []
        self.loop = loop
        self.wire = Wire(loop, sock, range(100), self.frames.append, self.ended)

    def ended(self, reason: str, nonsense: bool) -> None:
        """The peer is gone."""
        self.ends.append((reason, nonsense))
        self.loop.stop()


@pytest.fixture
def pair() -> Any:  # noqa: ANN401
    """A wire in a loop, and the other end of its socket."""
    loop = Loop()
    mine, theirs = socket.socketpair()
    theirs.settimeout(30)
    end = End(loop, mine)
    yield end, theirs
    end.wire.close()
    theirs.close()
    loop.close()


def test_times_are_in_order() -> None:
    loop = Loop()
    seen: list[str] = []
    loop.after(0.02, lambda: seen.append("late"))
    loop.after(0.03, loop.stop)
    loop.after(0.01, lambda: seen.append("early"))
    loop.after(0.001, lambda: seen.append("never")).cancel()
    loop.soon(lambda: seen.append("soon"))
    loop.run()
    assert seen == ["soon", "early", "late"]
    loop.close()


def test_frames_go_both_ways(pair: Any) -> None:  # noqa: ANN401
    end, other = pair
    end.wire.send(Kind.LOG, {"text": "a"})
    end.wire.send(Kind.LOG, {"text": "b"}, b"x" * 100_000)
    end.wire.send(Kind.LOG, {"text": "c"})
    other.sendall(encode(Kind.CREDIT, {"job": "j", "bytes": 1}))
    end.loop.after(0, end.loop.stop)
    while len(end.frames) < 1 or end.wire.unsent:
        end.loop.after(0.001, end.loop.stop)
        end.loop.run()
    reader = FrameReader(ANYTHING)
    found: list[Frame] = []
    while len(found) < 3:
        reader.feed(other.recv(1 << 20))
        found += reader.frames()
    assert [frame.header["text"] for frame in found] == ["a", "b", "c"]
    assert found[1].payload == b"x" * 100_000
    assert end.frames == [Frame(Kind.CREDIT, {"job": "j", "bytes": 1})]


def test_a_slow_reader_is_waited_for(pair: Any) -> None:  # noqa: ANN401
    end, other = pair
    written: list[int] = []
    end.wire.on_written = lambda: written.append(end.wire.unsent)
    size = 8 << 20
    end.wire.send(Kind.RESULT_PART, {}, b"x" * size)
    end.loop.after(0.05, end.loop.stop)
    end.loop.run()
    assert end.wire.unsent > 0
    assert not written
    end.loop.after(0, lambda: None)
    got = 0
    while got < size:
        end.loop.after(0.001, end.loop.stop)
        end.loop.run()
        got += len(other.recv(1 << 20))
    end.loop.after(0.001, end.loop.stop)
    end.loop.run()
    assert written == [0]


def test_a_paused_wire_reads_nothing(pair: Any) -> None:  # noqa: ANN401
    end, other = pair
    end.wire.pause()
    other.sendall(encode(Kind.LOG, {}))
    end.loop.after(0.02, end.loop.stop)
    end.loop.run()
    assert end.frames == []
    end.wire.resume()
    end.wire.drain()
    assert len(end.frames) == 1


def test_the_end_of_the_peer(pair: Any) -> None:  # noqa: ANN401
    end, other = pair
    other.sendall(encode(Kind.LOG, {"text": "last"}))
    other.close()
    end.loop.run()
    assert [frame.header for frame in end.frames] == [{"text": "last"}]
    assert end.ends == [("", False)]
    end.wire.send(Kind.LOG, {})  # no error
    assert not end.wire.is_open


def test_nonsense_of_the_peer(pair: Any) -> None:  # noqa: ANN401
    end, other = pair
    other.sendall(encode(200, {}))
    end.loop.run()
    assert end.ends == [("a frame of the kind 200", True)]

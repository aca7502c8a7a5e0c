"""The table of named objects, and the answers of the driver, without processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hearth.agent.frames import Frame, Kind
from hearth.agent.gateways import Gateways
from hearth.agent.loop import Loop
from hearth.agent.objects import Objects

ONE, TWO = object(), object()


class Table:
    """A table, and the answers that it has given."""

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.objects = Objects(self.loop, folder)
        self.answers: list[dict[str, Any]] = []

    def get(
        self,
        owner: object,
        name: str = "a",
        scope: str = "s",
        create: bool = True,
        timeout: float = 60,
    ) -> dict[str, Any] | None:
        """The answer if there is one already."""
        before = len(self.answers)
        self.objects.get(owner, name, scope, create, timeout, self.answers.append)
        return self.answers[-1] if len(self.answers) > before else None

    def store(self, name: str = "a", scope: str = "") -> str:
        """Stores an object in a file that is there."""
        file = self.objects.new_file()
        Path(file).write_text("")
        self.objects.put(name, scope, file)
        return file


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """An empty table."""
    return Table(tmp_path / "objects")


def test_one_makes_and_others_wait(table: Table) -> None:
    first = table.get(ONE)
    assert first is not None
    assert set(first) == {"create"}
    assert table.get(TWO) is None
    assert table.get(TWO, create=False) is None
    table.objects.put("a", "", first["create"])
    assert [x["file"] for x in table.answers[1:]] == [first["create"]] * 2
    assert table.answers[1]["generation"] == table.answers[2]["generation"]


def test_nothing_to_get(table: Table) -> None:
    assert table.get(ONE, create=False) == {}
    assert table.objects.names("s") == []
    table.objects.forget("a", "s")


def test_the_next_one_makes_it_if_the_maker_gives_up(table: Table) -> None:
    table.get(ONE)
    assert table.get(TWO) is None
    table.objects.give_up(TWO, "a")  # it is not the maker
    assert len(table.answers) == 1
    table.objects.give_up(ONE, "a")
    assert set(table.answers[1]) == {"create"}


def test_a_maker_that_leaves_makes_room(table: Table) -> None:
    table.get(ONE)
    table.get(TWO)
    table.objects.left(TWO)  # nobody waits any more
    table.objects.left(ONE)
    assert len(table.answers) == 1
    assert set(table.get(TWO) or {}) == {"create"}


def test_waiting_has_an_end(table: Table) -> None:
    table.get(ONE)
    table.get(TWO, timeout=0.01)
    table.loop.after(0.02, table.loop.stop)
    table.loop.run()
    assert table.answers[1:] == [{"timeout": True}]
    table.objects.give_up(ONE, "a")
    assert len(table.answers) == 2


def test_scopes(table: Table) -> None:
    own, common = table.store(scope="s"), table.store(scope="")
    assert (table.get(ONE, scope="s") or {})["file"] == own
    assert (table.get(ONE, scope="t") or {})["file"] == common
    table.store("b", "t")
    assert table.objects.names("s") == ["a"]
    assert table.objects.names("t") == ["a", "b"]
    table.objects.forget("a", "s")
    assert not Path(own).exists()
    assert (table.get(ONE, scope="s") or {})["file"] == common


def test_a_newer_object_replaces_the_older(table: Table) -> None:
    old, new = table.store(), table.store()
    assert not Path(old).exists()
    assert (table.get(ONE) or {})["file"] == new


# -- gateways ------------------------------------------------------------------


def test_gateways() -> None:
    sent: list[tuple[int, dict[str, object]]] = []
    answers: list[dict[str, Any]] = []
    gateways = Gateways(lambda kind, header: sent.append((kind, header)))
    gateways.get(1, answers.append)
    gateways.get(1, answers.append)
    gateways.get(2, answers.append)
    assert sent == [(Kind.GATEWAY, {"worker": 1}), (Kind.GATEWAY, {"worker": 2})]
    sent.clear()
    gateways.repeat_all()
    assert len(sent) == 2
    sent.clear()
    ready = {"worker": 1, "port": 5, "secret": "x"}
    gateways.ready(Frame(Kind.GATEWAY_READY, ready))
    gateways.ready(Frame(Kind.GATEWAY_READY, {"worker": 2, "error": "no port"}))
    assert answers == [
        {"port": 5, "secret": "x"},
        {"port": 5, "secret": "x"},
        {"error": "no port"},
    ]
    assert gateways.open == [1]
    gateways.gone(1, "j-1")
    gateways.gone(2, "j-2")
    gateways.gone(3, "j-3")
    assert sent == [(Kind.WORKER_GONE, {"worker": 1, "job": "j-1"})]
    assert gateways.open == []

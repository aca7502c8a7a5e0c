"""What becomes of the values that jobs return."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import json
import pathlib
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from hearth import ResultError, results


class Colour(enum.Enum):
    """An enum."""

    RED = "red"
    DEEP = ("a", 1)


class Size(enum.IntEnum):
    """An enum that is a number."""

    SMALL = 1


@dataclasses.dataclass
class Order:
    """A dataclass."""

    name: str
    items: list[Any]


Point = collections.namedtuple("Point", "x y")


class Words(str):
    """A kind of text."""


class Row(tuple[Any, ...]):
    """A row as Spark has it."""

    __fields__ = ("name", "age")


@pytest.fixture(params=["orjson", "json"])
def convert(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    """The conversion, with orjson and without it."""
    if request.param == "json":
        monkeypatch.setattr(results, "_orjson_dumps", None)
    elif results._orjson_dumps is None:
        pytest.skip("orjson is not installed")
    return results.to_json


UTC = datetime.timezone.utc
DAY = datetime.date(2026, 11, 30)
TIME = datetime.datetime(2026, 11, 30, 12, 5, 7, 120000, UTC)
ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (2**100, 2**100),
        (1.5, 1.5),
        ("grüße ☃", "grüße ☃"),
        ("half \ud83d pair", "half ? pair"),
        (float("nan"), None),
        ([float("inf"), -float("inf"), 1.0], [None, None, 1.0]),
        ((1, (2, [3])), [1, [2, [3]]]),
        ({"a": {"b": []}}, {"a": {"b": []}}),
        ({2: 2, None: 3, True: 4, 1.5: 5}, {"2": 2, "true": 4, "null": 3, "1.5": 5}),
        ({DAY: 1, Colour.RED: 2, ID: 3}, {"2026-11-30": 1, "red": 2, str(ID): 3}),
        ({1: "first", "1": "last"}, {"1": "last"}),
        ({7}, [7]),
        (frozenset([7]), [7]),
        (collections.deque([1, 2]), [1, 2]),
        (range(3), [0, 1, 2]),
        ({"a": 1}.keys(), ["a"]),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.ChainMap({"a": 1}), {"a": 1}),
        (
            Order("x", [Order("y", [])]),
            {"name": "x", "items": [{"name": "y", "items": []}]},
        ),
        (Point(1, Point(2, 3)), {"x": 1, "y": {"x": 2, "y": 3}}),
        (Row(("Ada", 36)), {"name": "Ada", "age": 36}),
        (decimal.Decimal("1.10"), "1.10"),
        (decimal.Decimal("NaN"), None),
        (DAY, "2026-11-30"),
        (TIME, "2026-11-30T12:05:07.120000+00:00"),
        (TIME.replace(tzinfo=None), "2026-11-30T12:05:07.120000"),
        (datetime.time(12, 5), "12:05:00"),
        (datetime.timedelta(minutes=1.5), 90.0),
        (Colour.RED, "red"),
        (Colour.DEEP, ["a", 1]),
        (Size.SMALL, 1),
        (ID, str(ID)),
        (pathlib.PurePosixPath("/a/b"), "/a/b"),
        (Words("kind"), "kind"),
        ({Words("kind"): 1}, {"kind": 1}),
    ],
)
def test_values(convert: Any, value: object, expected: object) -> None:  # noqa: ANN401
    assert json.loads(convert(value)) == expected


def test_iterators_inside(convert: Any) -> None:  # noqa: ANN401
    assert json.loads(convert({"a": iter([1, 2])})) == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("value", "path", "kind"),
    [
        (object(), "the result", "object"),
        ({"a": [1, {"b": 1j}]}, "the result['a'][1]['b']", "complex"),
        ([b"x"], "the result[0]", "1 bytes"),
        (print, "the result", "builtin_function_or_method"),
        (Order, "the result", "type"),
        (Order("x", [{2: object()}]), "the result['items'][0][2]", "object"),
    ],
)
def test_values_without_a_form(
    convert: Any,  # noqa: ANN401
    value: object,
    path: str,
    kind: str,
) -> None:
    with pytest.raises(ResultError) as e:
        convert(value)
    assert str(e.value).startswith(f"{path} is ")
    assert kind in str(e.value)


def test_keys_without_a_form(convert: Any) -> None:  # noqa: ANN401
    with pytest.raises(ResultError, match=r"the result\['a'\] has the key \(1, 2\)"):
        convert({"a": {(1, 2): 3}})


def test_values_that_contain_themselves(convert: Any) -> None:  # noqa: ANN401
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ResultError, match="contains itself"):
        convert(endless)
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(ResultError, match="nested more deeply than 200"):
        convert(deep)


def test_numpy(convert: Any) -> None:  # noqa: ANN401
    numpy = pytest.importorskip("numpy")
    value = {
        "scalars": [numpy.int64(3), numpy.float64(0.5), numpy.float32(0.1)],
        "bool": numpy.bool_(True),
        "text": numpy.str_("x"),
        "nan": numpy.float64("nan"),
        "array": numpy.array([[1, 2], [3, 4]]),
        "floats": numpy.array([1.0, float("nan")]),
        "objects": numpy.array([decimal.Decimal("1.5"), None], dtype=object),
        "day": numpy.datetime64("2026-11-30"),
        "days": numpy.array(["2026-11-30", "NaT"], dtype="datetime64[D]"),
        "span": numpy.timedelta64(1500, "ms"),
        "records": numpy.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        "long": numpy.longdouble(2.5),
        numpy.int64(9): 1,
    }
    assert json.loads(convert(value)) == {
        "scalars": [3, 0.5, 0.10000000149011612],
        "bool": True,
        "text": "x",
        "nan": None,
        "array": [[1, 2], [3, 4]],
        "floats": [1.0, None],
        "objects": ["1.5", None],
        "day": "2026-11-30",
        "days": ["2026-11-30", None],
        "span": 1.5,
        "records": [[1, 2.0]],
        "long": 2.5,
        "9": 1,
    }
    for wrong in (numpy.complex128(1j), numpy.array([1j]), numpy.bytes_(b"x")):
        with pytest.raises(ResultError):
            convert(wrong)


def test_pandas(convert: Any) -> None:  # noqa: ANN401
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "n": [1, 2],
            "x": [0.5, None],
            "when": [pandas.Timestamp("2026-11-30"), pandas.NaT],
            "kind": pandas.Categorical(["a", "b"]),
            "i": pandas.array([1, None], dtype="Int64"),
            7: ["s", None],
        }
    )
    assert json.loads(convert(frame)) == [
        {
            "n": 1,
            "x": 0.5,
            "when": "2026-11-30T00:00:00",
            "kind": "a",
            "i": 1,
            "7": "s",
        },
        {"n": 2, "x": None, "when": None, "kind": "b", "i": None, "7": None},
    ]
    assert json.loads(convert(frame["n"])) == [1, 2]
    assert json.loads(convert(frame.index)) == [0, 1]
    assert json.loads(convert(pandas.NA)) is None
    assert json.loads(convert(pandas.Timedelta("90s"))) == 90.0
    assert json.loads(convert(pandas.DataFrame(index=[1, 2]))) == [{}, {}]
    assert json.loads(convert(pandas.Period("2026-11"))) == "2026-11"
    with pytest.raises(ResultError, match="a column of the DataFrame has the key"):
        convert(pandas.DataFrame({("a", "b"): [1]}))


# -- streams -------------------------------------------------------------------


def pieces(value: object) -> list[bytes]:
    """The pieces of a result that is a stream."""
    found = results.pieces_of(value)
    assert found is not None
    return list(found)


def test_what_is_a_stream() -> None:
    for value in ([1], "text", {"a": 1}, (1,), None, range(3)):
        assert results.pieces_of(value) is None
    assert pieces(b"[1]") == [b"[1]"]
    assert pieces(iter(["[1,", "2]"])) == [b"[1,", b"2]"]
    assert pieces(iter([b"[1", bytearray(b"]")])) == [b"[1", b"]"]
    assert pieces(iter([1, {"a": DAY}])) == [b"[1", b',{"a":"2026-11-30"}', b"]"]
    assert pieces(iter([])) == [b"[]"]


def test_a_stream_is_made_while_it_is_read() -> None:
    made = []

    def make() -> Iterator[int]:
        try:
            for i in range(3):
                made.append(i)
                yield i
        finally:
            made.append(-1)

    stream = results.pieces_of(make())
    assert stream is not None
    assert next(stream) == b"[0"
    assert made == [0]
    stream.close()  # type: ignore[attr-defined]
    assert made == [0, -1]


def test_a_stream_of_texts_goes_on_with_texts() -> None:
    with pytest.raises(ResultError, match="went on with int"):
        pieces(iter(["[", 1]))

"""Makes JSON of the values that jobs return.

What becomes what:

* None, booleans, numbers, texts, lists, tuples and dicts become what JSON has for
  them; sets and other collections become arrays.
* NaN and the infinities, which JSON does not have, become null, as they do in
  Spark Job Server. So do pandas' NA and NaT.
* Dataclasses, named tuples and rows of Spark become objects, and a DataFrame of
  Spark becomes an array of its rows, of which there may not be too many.
* A Decimal becomes a string with all its digits. Dates and times become strings
  in ISO 8601, and a timedelta the number of its seconds.
* NumPy's and pandas' scalars become what their Python counterparts become, arrays
  and Series become arrays, and a DataFrame becomes an array of its rows, each an
  object.
* An enum becomes its value; a UUID and a path become strings.
* Keys of objects are made strings if they are numbers, booleans, None, dates,
  enums or UUIDs. Of several keys with one text the last counts.

Any other value is an error that says where in the result it is.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import decimal
import enum
import importlib
import json
import math
import pathlib
import sys
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from hearth.errors import ResultError, class_name

_orjson_dumps: Callable[..., bytes] | None = None
_ORJSON_OPTIONS = 0
with contextlib.suppress(ImportError):
    orjson: Any = importlib.import_module("orjson")
    _orjson_dumps = orjson.dumps
    _ORJSON_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME

MAX_ROWS = 100_000
"""How many rows a DataFrame of Spark may have in a result."""

MAX_DEPTH = 200
"""How deeply lists and objects may be nested."""


def to_json(value: object) -> bytes:
    """The JSON text of a value.

    :raises ResultError: if a value has no form in JSON; the message has its path
    """
    if _orjson_dumps is not None:
        try:
            return _orjson_dumps(value, _shallow, _ORJSON_OPTIONS)
        except (TypeError, ResultError):
            pass  # what it cannot do: long integers, keys, half surrogate pairs
    return _write(_plain(value, "the result", 0))


def pieces_of(value: object) -> Iterator[bytes] | None:
    """The bytes of a result that is made while it is read; None if it is not.

    Iterators are. If the first element is bytes or a text, the elements are
    taken for parts of the JSON text itself; else they are made the elements of a
    JSON array. Close the iterator if it is not read to its end.
    """
    if isinstance(value, (bytes, bytearray, memoryview)):
        return iter([bytes(value)])
    if isinstance(value, Iterator):
        return _stream(value)
    return None


def _stream(items: Iterator[Any]) -> Iterator[bytes]:
    try:
        first = next(items, _stream)
        if first is _stream:
            yield b"[]"
        elif isinstance(first, (bytes, bytearray, memoryview, str)):
            yield _text(first)
            for item in items:
                yield _text(item)
        else:
            yield b"[" + to_json(first)
            for item in items:
                yield b"," + to_json(item)
            yield b"]"
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()


def _text(item: object) -> bytes:
    if isinstance(item, str):
        return item.encode("utf-8", "replace")
    if isinstance(item, (bytes, bytearray, memoryview)):
        return bytes(item)
    raise ResultError(
        "the iterator that the job returned began with a part of the text, and "
        f"went on with {class_name(type(item))}; all have to be bytes or str"
    )


def _write(plain: object) -> bytes:
    if _orjson_dumps is not None:
        try:
            return _orjson_dumps(plain)
        except TypeError:
            pass
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _plain(value: object, path: str, depth: int) -> object:
    """Makes a value of what JSON has, at all levels."""
    kind = type(value)
    if value is None or kind is bool or kind is int:
        return value
    if kind is str:
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if depth >= MAX_DEPTH:
        raise ResultError(
            f"{path} is nested more deeply than {MAX_DEPTH} levels, or contains itself"
        )
    if isinstance(value, Mapping):
        return {
            _key(key, path): _plain(item, f"{path}[{key!r}]", depth + 1)
            for key, item in value.items()
        }
    if kind is list or kind is tuple:
        assert isinstance(value, (list, tuple))
        return [_plain(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]
    below = _one_level(value, path)
    return _plain(below, path, depth + 1)


def _shallow(value: object) -> object:
    return _one_level(value, "the result")


def _one_level(value: Any, path: str) -> object:  # noqa: ANN401
    """Makes a value of what JSON has; what it contains is left as it is."""
    for kind in type(value).__mro__:
        convert = _CONVERTERS.get(kind)
        if convert is not None:
            return convert(value)
    fields = getattr(type(value), "_fields", None)
    if isinstance(value, tuple):
        names = getattr(value, "__fields__", fields)  # a Row of Spark; a named tuple
        return dict(zip(names, value)) if names is not None else list(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {x.name: getattr(value, x.name) for x in dataclasses.fields(value)}
    found, result = _from_library(value)
    if found:
        return result
    if isinstance(value, (bytes, bytearray, memoryview)):
        raise ResultError(
            f"{path} is {len(value)} bytes, for which JSON has no form; decode them, "
            "e.g. with base64, or return bytes alone if they are the JSON text itself"
        )
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Collection):
        return list(value)
    if isinstance(value, Iterator):
        return list(value)
    raise ResultError(
        f"{path} is a {class_name(type(value))}, for which JSON has no form; "
        "convert it to numbers, texts, lists or dicts"
    )


def _from_library(value: Any) -> tuple[bool, object]:  # noqa: ANN401
    """What NumPy's and pandas' values become. Neither is imported for that."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.datetime64):
            return True, _date64(value)
        if isinstance(value, numpy.timedelta64):
            return True, _seconds64(value)
        if isinstance(value, (numpy.complexfloating, numpy.void)):
            return False, None
        if isinstance(value, numpy.floating):
            return True, float(value)
        if isinstance(value, numpy.generic):
            return True, value.item()
        if isinstance(value, numpy.ndarray):
            return True, _array(value)
    spark = sys.modules.get("pyspark.sql")
    if spark is not None and isinstance(value, spark.DataFrame):
        return True, _rows(value)
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        if value is pandas.NaT or value is pandas.NA:
            return True, None
        if isinstance(value, pandas.DataFrame):
            return True, _records(value)
        if isinstance(value, (pandas.Series, pandas.Index)):
            return True, value.tolist()
        if isinstance(value, pandas.api.extensions.ExtensionArray):
            return True, list(value)
        if isinstance(value, (pandas.Period, pandas.Interval)):
            return True, str(value)
    return False, None


def _rows(frame: Any) -> object:  # noqa: ANN401
    rows = frame.limit(MAX_ROWS + 1).collect()
    if len(rows) > MAX_ROWS:
        raise ResultError(
            f"the result has a DataFrame of Spark with more than {MAX_ROWS} rows; "
            "return frame.limit(n), or frame.toLocalIterator() for a stream of all"
        )
    return rows


def _array(value: Any) -> object:  # noqa: ANN401
    if value.dtype.kind in "mM":  # tolist() makes integers of nanoseconds
        return list(value) if value.ndim else value[()]
    if value.dtype.kind in "cV" and value.dtype.names is None:
        return list(value) if value.ndim else value[()]
    return value.tolist()


def _records(frame: Any) -> object:  # noqa: ANN401
    columns = [frame.iloc[:, i].tolist() for i in range(frame.shape[1])]
    names = [_key(name, "a column of the DataFrame") for name in frame.columns]
    if not columns:
        return [{} for _ in range(len(frame))]
    return [dict(zip(names, row)) for row in zip(*columns)]


def _date64(value: Any) -> object:  # noqa: ANN401
    text = str(value)
    return None if text == "NaT" else text


def _seconds64(value: Any) -> object:  # noqa: ANN401
    numpy = sys.modules["numpy"]
    if numpy.isnat(value):
        return None
    return float(value / numpy.timedelta64(1, "s"))


def _timestamp(value: datetime.datetime) -> object:
    return None if value != value else value.isoformat()  # NaT is a datetime


def _decimal(value: decimal.Decimal) -> object:
    return str(value) if value.is_finite() else None


def _key(key: Any, path: str) -> str:  # noqa: ANN401
    if isinstance(key, str) and not isinstance(key, enum.Enum):
        return str(key)
    if isinstance(key, enum.Enum):
        return _key(key.value, path)
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, (int, float, decimal.Decimal, uuid.UUID)):
        return str(key)
    if isinstance(key, (datetime.date, datetime.time)):
        return key.isoformat()
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(key, numpy.generic):
        return _key(key.item(), path)
    raise ResultError(
        f"{path} has the key {key!r}, which is a {class_name(type(key))}; the keys of "
        "an object have to be texts, numbers, booleans, None, dates, enums or UUIDs"
    )


def _set(value: Iterable[Any]) -> list[Any]:
    return list(value)


_CONVERTERS: dict[type, Callable[[Any], object]] = {
    datetime.datetime: _timestamp,
    datetime.date: datetime.date.isoformat,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: datetime.timedelta.total_seconds,
    decimal.Decimal: _decimal,
    uuid.UUID: str,
    pathlib.PurePath: str,
    enum.Enum: lambda value: value.value,
    set: _set,
    frozenset: _set,
    str: str,
    int: int,
    float: lambda value: float(value) if math.isfinite(value) else None,
    list: list,
}

"""Makes the JSON text of a configuration."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import os
import uuid
from collections.abc import Mapping
from typing import Any, Union

Config = Union[str, Mapping[str, Any], None]
"""HOCON or JSON as a text, or what JSON is made of."""


def config_text(config: Config) -> bytes:
    """The body of a request for a configuration.

    :raises TypeError: if a value has no form in JSON
    :raises ValueError: if a number is NaN or infinite
    """
    if config is None:
        return b""
    if isinstance(config, str):
        return config.encode()
    if not isinstance(config, Mapping):
        raise TypeError(
            "a configuration is a dict or a text in HOCON, not "
            f"a {type(config).__name__}"
        )
    return to_json(dict(config)).encode()


def to_json(value: object) -> str:
    """Its JSON. Dates, paths, dataclasses, enums and NumPy's values have one, too."""
    return json.dumps(
        value,
        default=_plain,
        allow_nan=False,
        ensure_ascii=False,
        separators=(",", ":"),
    )


def settings_text(settings: Mapping[str, object]) -> bytes:
    """The settings of a context as HOCON.

    Each has its own line, since Spark has settings such as `spark.speculation` and
    `spark.speculation.interval`, of which JSON could hold only one.
    """
    lines = ["spark.context-settings {"]
    for path, value in settings.items():
        name = ".".join(json.dumps(part) for part in path.split("."))
        lines.append(f"  {name} = {to_json(value)}")
    return "\n".join([*lines, "}"]).encode()


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return list(value)
    if hasattr(value, "tolist"):
        return value.tolist()  # of NumPy
    raise TypeError(f"a {type(value).__name__} has no form in JSON: {value!r:.200}")

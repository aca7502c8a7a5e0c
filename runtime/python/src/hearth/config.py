"""The configuration of a job, as jobs that were written for pyhocon use it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_MISSING: Any = object()
_PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]+)')
_TRUE = {"true", "yes", "on"}
_FALSE = {"false", "no", "off"}


class ConfigMissingError(KeyError):
    """A key that a job needs is not in its configuration."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        return f"the configuration has no key '{self.key}'"


class ConfigTypeError(TypeError):
    """The value of a key is of another type than the job needs."""

    def __init__(self, key: str, wanted: str, value: object) -> None:
        super().__init__(
            f"the key '{key}' of the configuration has to be {wanted}, "
            f"but is {_kind_of(value)}: {_short(value)}"
        )
        self.key = key


class Config(dict[str, Any]):
    """A tree of settings: a dict whose keys may be paths with dots.

    `config["input.strings"]` and `config.get("input.strings", default)` look a
    path up, and `"input.strings" in config` says whether it is there. A piece of
    a path that has dots itself is written in double quotes: `'hosts."a.b".port'`.
    A value that is null counts as missing for the functions `get_...`.
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        for key, value in (values or {}).items():
            super().__setitem__(key, _tree(value))

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Config:
        """The tree of settings whose keys are dotted paths."""
        tree = cls()
        for key, value in settings.items():
            tree.put(key, value)
        return tree

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401
        value = self._find(key)
        if value is _MISSING:
            raise ConfigMissingError(key)
        return value

    def __setitem__(self, key: str, value: object) -> None:
        super().__setitem__(key, _tree(value))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._find(key) is not _MISSING

    def get(self, key: str, default: Any = _MISSING) -> Any:  # noqa: ANN401
        """The value at that path. Without a default, a missing key is an error."""
        value = self._find(key)
        if value is not _MISSING:
            return value
        if default is _MISSING:
            raise ConfigMissingError(key)
        return default

    def put(self, key: str, value: object) -> None:
        """Sets the value at that path, and makes the trees that lead to it."""
        *way, last = pieces(key)
        tree = self
        for piece in way:
            below = dict.get(tree, piece)
            if not isinstance(below, Config):
                below = Config()
                dict.__setitem__(tree, piece, below)
            tree = below
        dict.__setitem__(tree, last, _tree(value))

    def get_string(self, key: str, default: Any = _MISSING) -> Any:  # noqa: ANN401
        """A text; numbers and booleans are given as they are written in JSON."""
        value = self._need(key, default)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return str(value)
        return self._checked(key, default, value, str, "a string")

    def get_int(self, key: str, default: Any = _MISSING) -> Any:  # noqa: ANN401
        """A whole number; a text that has one counts."""
        value = self._need(key, default)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, str):
            try:
                return int(value)
            except ValueError:
                raise ConfigTypeError(key, "a whole number", value) from None
        if isinstance(value, bool):
            raise ConfigTypeError(key, "a whole number", value)
        return self._checked(key, default, value, int, "a whole number")

    def get_float(self, key: str, default: Any = _MISSING) -> Any:  # noqa: ANN401
        """A number; a text that has one counts."""
        value = self._need(key, default)
        if isinstance(value, bool):
            raise ConfigTypeError(key, "a number", value)
        if isinstance(value, (int, str)):
            try:
                return float(value)
            except ValueError:
                raise ConfigTypeError(key, "a number", value) from None
        return self._checked(key, default, value, float, "a number")

    def get_bool(self, key: str, default: Any = _MISSING) -> Any:  # noqa: ANN401
        """A boolean; the texts true, yes, on, false, no and off count."""
        value = self._need(key, default)
        if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
            return value.lower() in _TRUE
        return self._checked(key, default, value, bool, "true or false")

    def get_list(self, key: str, default: Any = _MISSING) -> Any:  # noqa: ANN401
        """A list."""
        value = self._need(key, default)
        return self._checked(key, default, value, list, "a list")

    def get_config(self, key: str, default: Any = _MISSING) -> Any:  # noqa: ANN401
        """A tree."""
        value = self._need(key, default)
        return self._checked(key, default, value, Config, "an object")

    def as_plain_ordered_dict(self) -> dict[str, Any]:
        """A plain dict of plain dicts and lists."""
        return {key: _plain(value) for key, value in self.items()}

    def _find(self, key: str) -> Any:  # noqa: ANN401
        if dict.__contains__(self, key):
            return dict.__getitem__(self, key)
        value: Any = self
        for piece in pieces(key):
            if not isinstance(value, Config) or not dict.__contains__(value, piece):
                return _MISSING
            value = dict.__getitem__(value, piece)
        return value

    def _need(self, key: str, default: Any) -> Any:  # noqa: ANN401
        value = self._find(key)
        if value is _MISSING or value is None:
            if default is _MISSING:
                raise ConfigMissingError(key)
            return default
        return value

    @staticmethod
    def _checked(
        key: str, default: object, value: object, wanted: type, name: str
    ) -> object:
        if value is not default and not isinstance(value, wanted):
            raise ConfigTypeError(key, name, value)
        return value


def pieces(path: str) -> Iterable[str]:
    """The pieces of a path with dots; a quoted piece may have dots itself."""
    found = [
        re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[2]
        for match in _PIECE.finditer(path)
    ]
    return found or [path]


def _tree(value: object) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping) and not isinstance(value, Config):
        return Config(value)
    if isinstance(value, list):
        return [_tree(item) for item in value]
    return value


def _plain(value: object) -> object:
    if isinstance(value, Config):
        return value.as_plain_ordered_dict()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _kind_of(value: object) -> str:
    kinds = {bool: "a boolean", int: "a number", float: "a number", str: "a string"}
    kinds |= {list: "a list", Config: "an object", type(None): "null"}
    return kinds.get(type(value), type(value).__name__)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "…"

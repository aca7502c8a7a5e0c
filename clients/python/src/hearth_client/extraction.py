"""Makes a module of a function that was defined in a notebook, or in the program
that was started: neither can be imported elsewhere.

The module has the function, and the functions, classes, imports and simple values
of its surroundings that it uses.
"""

from __future__ import annotations

import ast
import builtins
import dis
import inspect
import linecache
import sys
import textwrap
import types
from collections.abc import Iterator
from typing import Any


def module_of(function: types.FunctionType) -> str:
    """The source of a module with the function and what it uses.

    :raises TypeError: if something that it uses cannot be sent
    """
    taken = _Taken(function.__module__)
    taken.add(function.__name__, function)
    lines = [*sorted(taken.imports), "", *taken.texts]
    return "\n".join(["from __future__ import annotations", *lines]) + "\n"


class _Taken:
    """What goes into the module, that which is used before that which uses it."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._names: dict[str, object] = {}
        self.imports: set[str] = set()
        self.texts: list[str] = []

    def add(self, name: str, value: Any) -> None:  # noqa: ANN401
        if name in self._names:
            return
        self._names[name] = value
        if isinstance(value, types.ModuleType):
            self.imports.add(f"import {value.__name__} as {name}")
        elif self._is_ours(value):
            self._add_definition(name, value)
        elif hasattr(value, "__module__") and hasattr(value, "__qualname__"):
            self._add_import(name, value)
        else:
            self._add_value(name, value)

    def _is_ours(self, value: Any) -> bool:  # noqa: ANN401
        """A function or a class of that module, also in a decorator's wrapper."""
        module = getattr(value, "__module__", None)
        return module == self._home and hasattr(value, "__qualname__")

    def _add_definition(self, name: str, value: Any) -> None:  # noqa: ANN401
        source = source_of(value)
        if name != value.__name__:
            source += f"\n{name} = {value.__name__}\n"
        surroundings = _globals_of(value)
        for used in sorted(names_used(source)):
            if used in surroundings:
                self.add(used, surroundings[used])
            elif not hasattr(builtins, used) and used != value.__name__:
                raise TypeError(f"{value.__name__} uses {used}, which is not defined")
        self.texts.append(source)

    def _add_import(self, name: str, value: Any) -> None:  # noqa: ANN401
        top, _, inner = value.__qualname__.partition(".")
        if not value.__module__ or "<" in value.__qualname__:
            raise self._cannot(name, value)
        self.imports.add(f"from {value.__module__} import {top}")
        if inner or name != top:
            self.texts.append(f"{name} = {value.__qualname__}")

    def _add_value(self, name: str, value: object) -> None:
        text = repr(value)
        try:
            same = bool(ast.literal_eval(text) == value)
        except (ValueError, SyntaxError, TypeError, MemoryError):
            same = False
        if not same:
            raise self._cannot(name, value)
        self.texts.append(f"{name} = {text}")

    def _cannot(self, name: str, value: object) -> TypeError:
        return TypeError(
            f"the function uses {name}, a {type(value).__name__}, which cannot be sent "
            "with it: pass it as an argument, or move the function and what it needs "
            "to a module"
        )


def source_of(value: Any) -> str:  # noqa: ANN401
    """The source of a function or a class."""
    linecache.checkcache()
    try:
        return textwrap.dedent(inspect.getsource(value))
    except (OSError, TypeError):
        raise TypeError(
            f"the source of {value.__qualname__} is not known: move it to a module"
        ) from None


def names_used(source: str) -> set[str]:
    """The names that code takes from its surroundings. Annotations do not count."""
    text = "from __future__ import annotations\n" + source
    found: set[str] = set()
    for code in _codes(compile(text, "<function>", "exec")):
        loads = {"LOAD_GLOBAL", "LOAD_NAME"}
        found.update(
            str(x.argval) for x in dis.get_instructions(code) if x.opname in loads
        )
    return found - {"__name__", "__annotations__", "__module__", "__qualname__"}


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _globals_of(value: Any) -> dict[str, Any]:  # noqa: ANN401
    if isinstance(value, types.FunctionType):
        return value.__globals__
    return vars(sys.modules[value.__module__])

"""Makes a job of a function: its code becomes a wheel, its arguments JSON."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import pickle
import re
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hearth_client import extraction, modules
from hearth_client.wheel import make_wheel

MAIN = "__main__"
CLIENT = "hearth_client"

_JOB = '''\
"""Calls {module}.{function}: made by hearth-client."""

import base64
import importlib
import inspect
import json
import pickle


class {name}:
    def run_job(self, context, runtime, data):
        function = importlib.import_module("{module}")
        for part in "{function}".split("."):
            function = getattr(function, part)
        if data["form"] == "pickle":
            args, kwargs = pickle.loads(base64.b64decode(data["arguments"]))
        else:
            args, kwargs = json.loads(data["arguments"])
        signature = inspect.signature(function)
        given = signature.bind_partial(*args, **kwargs).arguments
        for name, value in (("context", context), ("runtime", runtime)):
            if name in signature.parameters and name not in given:
                kwargs[name] = value
        return function(*args, **kwargs)
'''

_ABSENT_CLIENT = '''\
"""Stands for the client where it is not installed: made by hearth-client.

A module that starts jobs may also have the functions that run as jobs.
"""

import importlib.machinery
import importlib.util
import os
import sys

_folder = os.path.dirname(__path__[0])
_found = importlib.machinery.PathFinder.find_spec(
    __name__, [x for x in sys.path if os.path.abspath(x or ".") != _folder]
)
if _found is not None and _found.loader is not None:
    sys.modules[__name__] = importlib.util.module_from_spec(_found)
    _found.loader.exec_module(sys.modules[__name__])


class _Absent(type):
    def __getattr__(cls, name):
        raise AttributeError(f"hearth_client is not installed here: no {name}")

    def __call__(cls, *args, **kwargs):
        raise RuntimeError("hearth_client is not installed where jobs run")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return _Absent(name, (Exception,), {})
'''


@dataclass(frozen=True)
class Code:
    """The code of a function, as a binary that has a job which calls it."""

    name: str
    """Of the binary; it has the digest of its content."""
    wheel: bytes
    main_class: str


def pack(function: Callable[..., Any]) -> Code:
    """Packs a function with the code that it needs.

    :raises TypeError: if it cannot be sent
    """
    module, path = _place_of(function)
    if module == MAIN:
        module = f"main_{path}"
        source = extraction.module_of(_plain(function))
        files = {f"{module}.py": source.encode()}
        for top in modules.imported_by(source.encode()):
            files.update(modules.own_files(top, CLIENT))
    else:
        files = modules.own_files(module, CLIENT)
    if any(CLIENT in modules.imported_by(x) for x in files.values()):
        files[f"{CLIENT}/__init__.py"] = _ABSENT_CLIENT.encode()
    name = path.rpartition(".")[2]
    entry = f"run_{module.replace('.', '_')}"
    text = _JOB.format(module=module, function=path, name=name)
    files[f"{entry}.py"] = text.encode()
    binary = "run-" + re.sub(r"\W+", "_", name, flags=re.ASCII)[:100]
    wheel = make_wheel(binary, files)
    digest = hashlib.sha256(wheel).hexdigest()
    return Code(f"{binary}-{digest[:16]}", wheel, f"{entry}.{name}")


def without_partial(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    """The function in `functools.partial`, with all arguments."""
    while isinstance(function, functools.partial):
        args = (*function.args, *args)
        kwargs = {**function.keywords, **kwargs}
        function = function.func
    return function, args, kwargs


def _place_of(function: Callable[..., Any]) -> tuple[str, str]:
    """The module of the function, and its name there."""
    module = getattr(function, "__module__", None)
    path = getattr(function, "__qualname__", None)
    if not callable(function) or not module or not path:
        raise TypeError(f"{function!r:.200} is no function of a module")
    if "<lambda>" in path:
        raise TypeError("a lambda cannot be sent: give it a name with def")
    if "<locals>" in path:
        raise TypeError(
            f"{path} is defined inside of another function: define it at the top of "
            "its module"
        )
    owner = getattr(function, "__self__", None)
    if owner is not None and not isinstance(owner, (type, types.ModuleType)):
        raise TypeError(
            f"{path} is a method of an object: a function takes the object as argument"
        )
    return module, path


def _plain(function: Callable[..., Any]) -> types.FunctionType:
    if not isinstance(function, types.FunctionType) or "." in function.__qualname__:
        raise TypeError(
            f"{function!r:.200} is defined in the program itself: only its functions "
            "can be sent. Move it to a module."
        )
    return function


def arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, str]:
    """The configuration of a job that calls a function with these.

    As JSON if that keeps them as they are, and pickled if not.

    :raises TypeError: if one cannot be sent
    """
    if _is_json(list(args)) and _is_json(kwargs):
        text = json.dumps([list(args), kwargs], allow_nan=True)
        return {"form": "json", "arguments": text}
    try:
        data = pickle.dumps((args, kwargs), protocol=4)
    except Exception as e:
        raise TypeError(f"the arguments cannot be pickled: {e}") from e
    if b"__main__" in data:
        raise TypeError(
            "an argument is of a class that is defined in the program itself: move the "
            "class to a module"
        )
    return {"form": "pickle", "arguments": base64.b64encode(data).decode()}


def _is_json(value: object) -> bool:
    if type(value) is dict:
        return all(type(k) is str and _is_json(v) for k, v in value.items())
    if type(value) is list:
        return all(map(_is_json, value))
    return value is None or type(value) in (bool, int, float, str)

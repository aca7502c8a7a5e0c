"""The named objects, as a job in a worker sees them."""

from __future__ import annotations

import contextlib
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from types import BuiltinFunctionType, FunctionType
from typing import IO, Any

from hearth.errors import NamedObjectError, class_name
from hearth.runtime import DEFAULT_TIMEOUT, NamedObjects

Ask = Callable[..., dict[str, Any]]


class WorkerObjects(NamedObjects):
    """Asks the agent where an object is, and keeps the copies of this process.

    :param scope: the version of the job's code
    :param folder: has the unpacked binaries of jobs
    """

    ask: Ask
    """How the job that runs asks the agent."""

    def __init__(self, scope: str, folder: str) -> None:
        self._scope = scope
        self._folder = folder
        self._copies: dict[str, tuple[int, Any]] = {}

    def get(self, name: str, timeout: float = DEFAULT_TIMEOUT) -> Any:  # noqa: ANN401
        found, value, _ = self._look_up(name, create=False, timeout=timeout)
        return value if found else None

    def get_or_else_create(
        self, name: str, make: Callable[[], Any], timeout: float = DEFAULT_TIMEOUT
    ) -> Any:  # noqa: ANN401
        found, value, file = self._look_up(name, create=True, timeout=timeout)
        if found:
            return value
        try:
            made = make()
            self._store(name, made, file)
        except BaseException:
            self.ask("give-up", name=name)
            raise
        return made

    def update(self, name: str, value: Any) -> Any:  # noqa: ANN401
        made = value() if callable(value) else value
        self._store(name, made, self.ask("new-object")["create"])
        return made

    def forget(self, name: str) -> None:
        self._copies.pop(name, None)
        self.ask("forget", name=name, scope=self._scope)

    def get_names(self) -> list[str]:
        names: list[str] = self.ask("names", scope=self._scope)["names"]
        return names

    def _look_up(
        self, name: str, create: bool, timeout: float
    ) -> tuple[bool, Any, str]:
        """Whether there is one, the object, and the file to store it in."""
        while True:
            answer = self.ask(
                "object",
                name=name,
                scope=self._scope,
                create=create,
                timeoutMs=int(timeout * 1000),
            )
            if answer.get("timeout"):
                raise TimeoutError(
                    f"the named object '{name}' is being made by another job, which "
                    f"took longer than {timeout:g} s"
                )
            if "file" not in answer:
                self._copies.pop(name, None)
                return False, None, answer.get("create", "")
            copy = self._copies.get(name)
            if copy is not None and copy[0] == answer["generation"]:
                return True, copy[1], ""
            try:
                value = _load(name, answer["file"])
            except FileNotFoundError:
                continue  # another job has replaced it meanwhile
            self._copies[name] = (answer["generation"], value)
            return True, value, ""

    def _store(self, name: str, value: object, file: str) -> None:
        try:
            depends = _dump(value, file, self._folder)
        except BaseException as e:
            with contextlib.suppress(OSError):
                Path(file).unlink()
            if isinstance(e, OSError) or not isinstance(e, Exception):
                raise
            raise NamedObjectError(
                f"the named object '{name}', a {class_name(type(value))}, cannot be "
                f"shared, since it cannot be pickled: {e}. What cannot be pickled can "
                "be kept in a variable of a module, once for each worker"
            ) from e
        scope = self._scope if depends else ""
        answer = self.ask("store", name=name, scope=scope, file=file)
        self._copies[name] = (answer["generation"], value)


class _ScopedPickler(pickle.Pickler):
    """Notes whether what it pickles needs the modules of a job's binaries."""

    def __init__(self, file: IO[bytes], folder: str) -> None:
        super().__init__(file, protocol=5)
        self._folder = folder
        self._known: dict[str, bool] = {}
        self.depends = False

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401
        if not self.depends:
            named = isinstance(value, (type, FunctionType, BuiltinFunctionType))
            module = getattr(value if named else type(value), "__module__", None)
            self.depends = isinstance(module, str) and self._is_own(module)
        return NotImplemented

    def _is_own(self, module: str) -> bool:
        known = self._known.get(module)
        if known is None:
            file = getattr(sys.modules.get(module), "__file__", None) or ""
            known = self._known[module] = file.startswith(self._folder)
        return known


def _dump(value: object, path: str, folder: str) -> bool:
    """Writes it; returns whether it depends on the job's own modules."""
    with Path(path).open("wb", buffering=1 << 20) as file:
        pickler = _ScopedPickler(file, folder)
        pickler.dump(value)
        return pickler.depends


def _load(name: str, path: str) -> Any:  # noqa: ANN401
    with Path(path).open("rb") as file:
        try:
            return pickle.load(file)
        except Exception as e:
            raise NamedObjectError(
                f"the named object '{name}' cannot be read by this job: "
                f"{class_name(type(e))}: {e}"
            ) from e

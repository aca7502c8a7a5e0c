"""Runs jobs without a server, for their tests.

assert hearth.testing.run(WordCount, {"input": {"strings": ["a", "a"]}}) == {"a": 2}
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hearth import jobs
from hearth.config import Config
from hearth.errors import DataFileError
from hearth.results import pieces_of, to_json
from hearth.runtime import DEFAULT_TIMEOUT, NamedObjects, PythonContext, Runtime
from hearth.validation import ValidationProblem


class ValidationFailed(AssertionError):
    """The job's validation found problems."""

    def __init__(self, problems: list[ValidationProblem]) -> None:
        super().__init__("; ".join(problem.problem for problem in problems))
        self.problems = [problem.problem for problem in problems]


class LocalObjects(NamedObjects):
    """Named objects in this process. They are not pickled."""

    def __init__(self) -> None:
        self._objects: dict[str, Any] = {}
        self._lock = threading.RLock()

    def get(self, name: str, timeout: float = DEFAULT_TIMEOUT) -> Any:  # noqa: ANN401
        return self._objects.get(name)

    def get_or_else_create(
        self, name: str, make: Callable[[], Any], timeout: float = DEFAULT_TIMEOUT
    ) -> Any:  # noqa: ANN401
        with self._lock:
            if name not in self._objects:
                self._objects[name] = make()
            return self._objects[name]

    def update(self, name: str, value: Any) -> Any:  # noqa: ANN401
        made = value() if callable(value) else value
        self._objects[name] = made
        return made

    def forget(self, name: str) -> None:
        self._objects.pop(name, None)

    def get_names(self) -> list[str]:
        return sorted(self._objects)


class LocalRuntime(Runtime):
    """The surroundings of a job in a test.

    `reported` has the calls of `progress`; `cancel` kills the job as a client does.
    """

    def __init__(
        self,
        named_objects: NamedObjects | None = None,
        settings: Mapping[str, Any] | None = None,
        data_folder: str | Path | None = None,
    ) -> None:
        self.job_id = "test-job"
        self.context_name = "test"
        self.context_config = Config(settings)
        self.named_objects = named_objects or LocalObjects()
        self.logger = logging.getLogger("hearth.job")
        self.reported: list[tuple[int, int, str]] = []
        self._data_folder = Path(data_folder) if data_folder is not None else None
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def wait_cancelled(self, seconds: float) -> bool:
        return self._cancelled.wait(seconds)

    def cancel(self) -> None:
        """Makes `cancelled` true."""
        self._cancelled.set()

    def progress(self, done: int, total: int, text: str = "") -> None:
        self.reported.append((done, total, text))

    def data_file(self, name: str) -> str:
        path = Path(name)
        if self._data_folder is not None and not path.is_absolute():
            path = self._data_folder / path
        if not path.is_file():
            raise DataFileError(f"there is no data file {name}")
        return str(path)


def run(
    job: type | str,
    config: Mapping[str, Any] | None = None,
    *,
    context: object = None,
    runtime: Runtime | None = None,
) -> Any:  # noqa: ANN401
    """Validates and runs a job, and returns its result as a client gets it.

    The configuration and the result go through JSON, as they do with a server.

    :param job: the class, or its name
    :param context: what the job gets as its context, e.g. a SparkSession;
        without it, a context of plain Python jobs
    :raises ValidationFailed: if the validation finds problems
    :raises BaseException: what the job itself raises
    """
    kind = jobs.find_class(job) if isinstance(job, str) else job
    surroundings = runtime if runtime is not None else LocalRuntime()
    if context is None:
        context = PythonContext(
            surroundings.context_name, surroundings.context_config, 1
        )
    tree = Config(json.loads(json.dumps(dict(config or {}))))
    made = kind()
    problems, data = jobs.validate(made, context, surroundings, tree)
    if problems:
        raise ValidationFailed(problems)
    value = made.run_job(context, surroundings, data)
    pieces = pieces_of(value)
    return json.loads(to_json(value) if pieces is None else b"".join(pieces))

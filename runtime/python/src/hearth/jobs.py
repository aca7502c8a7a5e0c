"""Finds the class of a job, and takes it through its validation and its run."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from hearth.config import Config
from hearth.runtime import Runtime
from hearth.validation import ValidationProblem, problems_in


class Job:
    """A base class for jobs, which none needs: any class with its methods is a job.

    `validate` may be left out; the job then gets its configuration as its data.
    """

    def validate(self, context: Any, runtime: Runtime, config: Config) -> Any:  # noqa: ANN401
        """Checks the configuration.

        :returns: the data that `run_job` gets, or a list of `ValidationProblem`
        """
        return config

    def run_job(self, context: Any, runtime: Runtime, data: Any) -> Any:  # noqa: ANN401
        """Does the work, and returns the result."""
        raise NotImplementedError(f"{type(self).__qualname__} has no run_job")


class ClassNotFound(Exception):
    """The main class is in none of the job's binaries."""


class NotAJob(Exception):
    """The main class has no method `run_job`, or cannot be made without arguments."""


class WrongContext(Exception):
    """The job needs a context of another kind."""


def find_class(main_class: str) -> type:
    """The class with that name, e.g. `package.module.Class`.

    :raises ClassNotFound: if there is none
    :raises NotAJob: if that is no class of a job
    :raises BaseException: what the import of its module raised
    """
    module_name, dot, name = main_class.rpartition(".")
    if not dot or not module_name or not name:
        raise ClassNotFound(
            f"'{main_class}' is no name of a class; it has to be like "
            "package.module.Class"
        )
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as e:
        # Else a module that this one imports is missing.
        if e.name is not None and (module_name + ".").startswith(e.name + "."):
            raise ClassNotFound(
                f"there is no module {e.name} for the job {main_class} in the job's "
                "binaries, nor in those of its context"
            ) from None
        raise
    found = getattr(module, name, None)
    if found is None:
        raise ClassNotFound(f"the module {module_name} has no class {name}")
    if not isinstance(found, type):
        raise NotAJob(f"{main_class} is no class, but a {type(found).__name__}")
    if not callable(getattr(found, "run_job", None)):
        raise NotAJob(f"the class {main_class} is no job: it has no method run_job")
    return found


def check_kind(job: type, has_spark: bool) -> None:
    """Refuses a job that says by its base class that it needs Spark.

    :raises WrongContext: if the context has none
    """
    if has_spark:
        return
    for kind in job.__mro__:
        if f"{kind.__module__}.{kind.__name__}" == "sparkjobserver.api.SparkJob":
            raise WrongContext("Invalid job type for this context")


def validate(
    job: Any,  # noqa: ANN401
    context: object,
    runtime: Runtime,
    config: Config,
) -> tuple[list[ValidationProblem], Any]:
    """Runs the validation of a job.

    :returns: the problems, and the data for `run_job` if there are none
    """
    check: Callable[..., Any] | None = getattr(job, "validate", None)
    if check is None:
        return [], config
    data = check(context, runtime, config)
    return problems_in(data), data

"""The classes that Python jobs for Spark Job Server import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearth.config import Config
from hearth.runtime import NamedObjects, Runtime
from hearth.testing import LocalRuntime
from hearth.validation import ValidationProblem, build_problems

__all__ = [
    "JobEnvironment",
    "NamedObjects",
    "SparkJob",
    "ValidationProblem",
    "build_problems",
]


class SparkJob:
    """A job for a context with Spark."""

    def build_context(self, gateway: Any, jvmContext: Any, sparkConf: Any) -> Any:  # noqa: ANN401
        """Makes the context that the job wants; None for the usual one."""
        return None

    def validate(self, context: Any, runtime: Runtime, config: Config) -> Any:  # noqa: ANN401
        """Checks the configuration.

        :returns: the data that `run_job` gets, or a list of `ValidationProblem`
        """
        raise NotImplementedError("Concrete implementations should override validate")

    def run_job(self, context: Any, runtime: Runtime, data: Any) -> Any:  # noqa: ANN401
        """Does the work, and returns the result."""
        raise NotImplementedError("Concrete implementations should override run_job")


class JobEnvironment(LocalRuntime):
    """The surroundings of a job that a test makes itself.

    With a server, jobs get a `hearth.Runtime`, which has the same attributes.
    """

    def __init__(
        self,
        job_id: str,
        named_objects: NamedObjects | None,
        context_config: Mapping[str, Any] | None,
    ) -> None:
        super().__init__(named_objects, context_config)
        self.job_id = job_id

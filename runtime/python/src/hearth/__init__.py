"""Jobs in Python for Hearth.

A job is a class with the methods `validate(self, context, runtime, config)` and
`run_job(self, context, runtime, data)`. `hearth.testing.run` runs one without a
server.
"""

from hearth.config import Config, ConfigMissingError, ConfigTypeError
from hearth.errors import (
    DataFileError,
    HearthError,
    JobCancelled,
    NamedObjectError,
    ResultError,
    ResultTooLarge,
)
from hearth.jobs import Job
from hearth.runtime import NamedObjects, PythonContext, Runtime
from hearth.validation import ValidationProblem, build_problems

for _public in (
    Config,
    ConfigMissingError,
    ConfigTypeError,
    DataFileError,
    HearthError,
    Job,
    JobCancelled,
    NamedObjectError,
    NamedObjects,
    PythonContext,
    ResultError,
    ResultTooLarge,
    Runtime,
    ValidationProblem,
):
    # Tracebacks and answers of servers have the names that jobs import.
    _public.__module__ = "hearth"

__all__ = [
    "Config",
    "ConfigMissingError",
    "ConfigTypeError",
    "DataFileError",
    "HearthError",
    "Job",
    "JobCancelled",
    "NamedObjectError",
    "NamedObjects",
    "PythonContext",
    "ResultError",
    "ResultTooLarge",
    "Runtime",
    "ValidationProblem",
    "build_problems",
]

"""The exceptions of Hearth, and the form in which clients get any exception."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

_OWN_FOLDER = str(Path(__file__).resolve().parent)

MAX_TEXT = 64 * 1024
"""How many characters of a message or a stack are sent."""


class HearthError(Exception):
    """The base class of the errors of Hearth that a job may catch."""


class JobCancelled(BaseException):
    """The job was killed by a client.

    It is raised in the main thread of a job, wherever that is, if the job has not
    ended soon after `runtime.cancelled` became true. It is no `Exception`, so that
    a job that catches its own errors does not swallow it.
    """


class ResultError(HearthError):
    """The value that a job returned cannot be made JSON."""


class ResultTooLarge(HearthError):
    """The result has more bytes than the server allows."""

    def __init__(self, size: str, limit: int) -> None:
        super().__init__(
            f"The result has {size} bytes of JSON, which is over the limit of "
            f"{limit} bytes"
        )


class NamedObjectError(HearthError):
    """A named object cannot be stored, or cannot be read by this job."""


class DataFileError(HearthError, OSError):
    """A data file is not there, or cannot be read."""


class Failure(NamedTuple):
    """An exception in the form in which a client gets it."""

    message: str
    error_class: str
    stack: str

    def header(self) -> dict[str, object]:
        """The keys of a message of the agent protocol."""
        return {
            "message": self.message,
            "errorClass": self.error_class,
            "stack": self.stack,
        }


def clean(text: str) -> str:
    """A text that can be written as UTF-8, cut to the length that is sent."""
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + "…"
    return text.encode("utf-8", "replace").decode()


def class_name(kind: type) -> str:
    """The name of a class as Python shows it: `ValueError`, `shop.BadOrder`."""
    if kind.__module__ in ("builtins", "__main__"):
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def failure_of(error: BaseException) -> Failure:
    """What a client is told about an exception.

    The frames of Hearth itself above those of the user's code are left out.
    """
    try:
        message = _java_message(error) or str(error) or class_name(type(error))
    except Exception as e:  # the exception is the job's own class
        message = f"(str() of the exception failed: {class_name(type(e))})"
    try:
        stack = _stack_of(error)
    except Exception:
        stack = f"{class_name(type(error))}: {message}"
    return Failure(clean(message), class_name(type(error)), clean(stack))


def _java_message(error: BaseException) -> str | None:
    """What the JVM's exception says; py4j's own text is mostly its stack."""
    java = getattr(error, "java_exception", None)
    if java is None or type(error).__name__ != "Py4JJavaError":
        return None
    return str(java.toString())


def simple_failure(message: str, error_class: str) -> Failure:
    """A failure that is no exception of the job."""
    return Failure(clean(message), error_class, clean(f"{error_class}: {message}"))


def _stack_of(error: BaseException) -> str:
    own, error.__traceback__ = error.__traceback__, users_part(error.__traceback__)
    try:
        return "".join(
            traceback.format_exception(type(error), error, error.__traceback__)
        ).rstrip("\n")
    finally:
        error.__traceback__ = own


def users_part(trace: TracebackType | None) -> TracebackType | None:
    """A traceback from the first frame that is not Hearth's own."""
    for part in _parts(trace):
        file = part.tb_frame.f_code.co_filename
        if not file.startswith((_OWN_FOLDER, "<frozen importlib")):
            return part
    return None


def _parts(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next

"""What can go wrong. Every exception has the same attributes.

try:
    job.result()
except JobFailed as e:
    print(e.error_class, e.message, e.stack)
"""

from __future__ import annotations

import http
from collections.abc import Mapping
from typing import Any


class HearthError(Exception):
    """The base of all exceptions of this package."""

    status: int | None
    """The status of the HTTP answer; None if there was none."""
    code: str
    """A short name of the reason for programs, such as `validation_failed`."""
    message: str
    """What went wrong, for people."""
    error_class: str | None
    """The class of the exception on the server's side, such as `ValueError`."""
    stack: str | None
    """The stack of that exception."""
    request_id: str | None
    """The id that the request had, also in `X-Request-Id`."""
    job_id: str | None
    """The job that it is about, if it is about one."""

    _code = "error"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        error_class: str | None = None,
        stack: str | None = None,
        request_id: str | None = None,
        job_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code or self._code
        self.error_class = error_class
        self.stack = stack
        self.request_id = request_id
        self.job_id = job_id
        if stack:
            # Shown above this exception's own traceback, as Python does it for
            # exceptions of processes in a pool.
            self.__cause__ = RemoteTraceback(stack)

    def __str__(self) -> str:
        text = self.message
        if self.error_class and self.error_class not in text:
            text = f"{self.error_class}: {text}" if text else self.error_class
        if self.job_id and self.job_id not in text:
            text += f" (job {self.job_id})"
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {
            name: getattr(self, name)
            for name in (
                "status",
                "code",
                "error_class",
                "stack",
                "request_id",
                "job_id",
            )
        }
        return _rebuild, (type(self), self.message, fields)


class RemoteTraceback(Exception):
    """The stack of an exception on the server's side, as a text."""

    def __str__(self) -> str:
        return "\n" + str(self.args[0]).rstrip()


class Unreachable(HearthError):
    """There is no server, or the connection to it was lost."""

    _code = "unreachable"


class JobTimeout(HearthError, TimeoutError):
    """The job has not ended in the time that the caller waited. It goes on."""

    _code = "timeout"


class JobFailed(HearthError):
    """The job ended in ERROR."""

    _code = "job_failed"


class JobKilled(JobFailed):
    """The job was killed."""

    _code = "job_killed"


class Refused(HearthError):
    """The server's answer is an error."""


class ValidationFailed(Refused):
    """The job's validation found problems."""

    @property
    def problems(self) -> list[str]:
        """One text for each problem."""
        return self.message.splitlines()


class LoadingFailed(Refused):
    """The class of the job cannot be loaded."""


class ContextFailed(Refused):
    """The context could not start."""


class NotFound(Refused):
    """There is no such job, context, binary or class."""


class AccessDenied(Refused):
    """The user is not known, or lacks the permission."""


class Busy(Refused):
    """The server or the context takes nothing more now. The request had no effect."""


_BY_CODE: dict[str, type[Refused]] = {
    "validation_failed": ValidationFailed,
    "job_loading_failed": LoadingFailed,
    "context_init_error": ContextFailed,
}

_BY_STATUS: dict[int, type[Refused]] = {
    401: AccessDenied,
    403: AccessDenied,
    404: NotFound,
    503: Busy,
}


def refusal(
    status: int, body: object, text: str, request_id: str | None = None
) -> Refused:
    """The exception for an answer that is an error.

    :param body: the answer's JSON; None if it is none
    :param text: the answer as text
    """
    parts = body if isinstance(body, Mapping) else {}
    headline, _, rest = str(parts.get("status", "ERROR")).partition(":")
    code = headline.strip().lower().replace(" ", "_")
    if code == "error":
        code = _code_of_status(status)
    result = parts.get("result")
    fields = exception_fields(result)
    message = fields.pop("message") or rest.strip() or text.strip()[:2000]
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, Refused)
    if status == 403 and message.startswith("Binary is in use"):
        kind, code = Refused, "binary_in_use"
    job_id = parts.get("jobId")
    return kind(
        message or f"HTTP {status}",
        status=status,
        code=code,
        request_id=request_id,
        job_id=job_id if isinstance(job_id, str) else None,
        **fields,
    )


def exception_fields(result: object) -> dict[str, Any]:
    """The message, class and stack of the exception in an answer."""
    if not isinstance(result, Mapping):
        message = result if isinstance(result, str) else ""
        return {"message": message, "error_class": None, "stack": None}
    return {
        "message": str(result.get("message") or ""),
        "error_class": _text(result.get("errorClass")),
        "stack": _text(result.get("stack")),
    }


def _text(value: object) -> str | None:
    return str(value) if value else None


def _code_of_status(status: int) -> str:
    try:
        return http.HTTPStatus(status).name.lower()
    except ValueError:
        return "error"


def _rebuild(kind: type[HearthError], message: str, fields: Any) -> HearthError:  # noqa: ANN401
    return kind(message, **fields)

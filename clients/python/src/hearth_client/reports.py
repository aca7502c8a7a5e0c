"""What the server says about jobs, contexts and binaries."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FINAL = frozenset({"FINISHED", "ERROR", "KILLED"})


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()
"""In place of a result that a report does not hold."""


@dataclass(frozen=True)
class JobReport:
    """What the server says about a job."""

    id: str
    status: str
    """STARTED, RUNNING, RESTARTING, FINISHED, ERROR or KILLED."""
    context: str
    main_class: str
    started: datetime.datetime | None
    duration: float | None
    """In seconds; None while it runs."""
    queued: int | None
    """Its place in the queue for a slot, if it waits there."""
    result: Any = field(default=ABSENT, repr=False)
    """ABSENT unless it is FINISHED; of a failed job, the error's fields."""
    request_id: str | None = field(default=None, repr=False)

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL

    @classmethod
    def of(cls, x: Mapping[str, Any], request_id: str | None = None) -> JobReport:
        """Reads a report of the server."""
        return cls(
            id=str(x.get("jobId", "")),
            status=str(x.get("status", "")),
            context=str(x.get("context", "")),
            main_class=str(x.get("classPath", "")),
            started=time_of(x.get("startTime")),
            duration=_seconds(x.get("duration")),
            queued=x.get("queued"),
            result=x.get("result", ABSENT),
            request_id=request_id,
        )


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    status: str
    done: int
    total: int
    """0 if it is not known."""
    text: str

    @classmethod
    def of(cls, x: Mapping[str, Any]) -> Progress:
        """Reads what the server says."""
        return cls(
            str(x.get("status", "")),
            int(x.get("done") or 0),
            int(x.get("total") or 0),
            str(x.get("text") or ""),
        )


@dataclass(frozen=True)
class ContextReport:
    """What the server says about a context."""

    id: str
    name: str
    state: str
    """STARTED, RUNNING, STOPPING, RESTARTING, FINISHED, KILLED or ERROR."""
    started: datetime.datetime | None
    ended: datetime.datetime | None
    application_id: str | None
    url: str | None
    """Of Spark's own pages."""
    error: str | None

    @classmethod
    def of(cls, x: Mapping[str, Any]) -> ContextReport:
        """Reads what the server says."""
        return cls(
            id=str(x.get("id", "")),
            name=str(x.get("name", "")),
            state=str(x.get("state", "")),
            started=time_of(x.get("startTime")),
            ended=time_of(x.get("endTime")),
            application_id=x.get("applicationId"),
            url=x.get("url"),
            error=_message(x.get("error")),
        )


@dataclass(frozen=True)
class Binary:
    """A binary of the server: the newest upload with that name."""

    name: str
    type: str
    """Jar, Wheel, Egg or Native."""
    uploaded: datetime.datetime | None


@dataclass(frozen=True)
class Step:
    """A step in the history of a job or a context."""

    time: datetime.datetime | None
    state: str
    reason: str

    @classmethod
    def of(cls, x: Mapping[str, Any]) -> Step:
        """Reads what the server says."""
        return cls(
            time_of(x.get("time")), str(x.get("state", "")), str(x.get("reason") or "")
        )


def time_of(text: object) -> datetime.datetime | None:
    """A time stamp of the server; None if it is none, e.g. "Empty"."""
    if not isinstance(text, str):
        return None
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None


def _seconds(text: object) -> float | None:
    number = str(text).partition(" ")[0]
    try:
        return float(number)
    except ValueError:
        return None


def _message(error: object) -> str | None:
    if isinstance(error, Mapping):
        return str(error.get("message") or "") or None
    return str(error) if error else None

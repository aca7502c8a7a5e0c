"""Results that are read while they arrive, in little memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from hearth_client.elements import Elements
from hearth_client.errors import HearthError, JobFailed, JobKilled, exception_fields
from hearth_client.reports import JobReport

_RESULT = b'"result":'
ANSWER_TAIL = 1
"""What stands behind the result in the answer to a job: a brace."""

REPORT_TAIL = 1 << 12
"""What stands behind the result in a report is shorter than this."""

_ENOUGH = 1 << 16


class Stream:
    """The JSON text of a result, as the job makes it.

    Read it once: with `parts`, `items`, `read`, or `save`.
    """

    def __init__(
        self,
        parts: AsyncIterator[bytes],
        request_id: str,
        look_up: Callable[[str], Awaitable[JobReport]],
        tail: int,
    ) -> None:
        self._parts = parts
        self._tail = tail
        self._request_id = request_id
        self._look_up = look_up
        self._buffer = b""
        self.job_id = ""
        """Known once the first part is there."""

    async def begin(self) -> Stream:
        """Reads up to the result. Raises the job's error, if there is one."""
        head = b""
        async for part in self._parts:
            head += part
            before, found, behind = head.partition(_RESULT)
            if found:
                break
            if len(head) > _ENOUGH:
                raise HearthError("the answer has no result", code="bad_answer")
        else:
            raise HearthError("the answer has no result", code="bad_answer")
        fields = json.loads(before.rstrip().rstrip(b",") + b"}")
        self.job_id = str(fields.get("jobId", ""))
        self._buffer = behind
        if fields.get("status") in ("ERROR", "KILLED"):
            async for part in self._parts:
                head += part
            answer = json.loads(head)
            kind = JobKilled if answer["status"] == "KILLED" else JobFailed
            raise kind(
                **exception_fields(answer["result"]),
                status=200,
                request_id=self._request_id,
                job_id=self.job_id,
            )
        return self

    async def parts(self) -> AsyncIterator[bytes]:
        """The text in pieces, as they come.

        :raises hearth_client.JobFailed: if the job fails half-way
        """
        held = b""
        async for part in self.raw():
            held += part
            if len(held) > self._tail:
                yield held[: -self._tail]
                held = held[-self._tail :]
        rest = _without_tail(held)
        if rest:
            yield rest

    async def read(self) -> Any:  # noqa: ANN401
        """The whole result."""
        text = bytearray()
        async for part in self.parts():
            text += part
        return json.loads(bytes(text))

    async def items(self) -> AsyncIterator[Any]:
        """The elements of a result that is an array, one after the other."""
        decoder = Elements()
        # With what stands behind the result: to hold that back would hold back the
        # last element, too.
        async for part in self.raw():
            for item in decoder.feed(part):
                yield item
        decoder.close()

    async def save(self, path: str | Path) -> int:
        """Writes the text to a file, and returns how many bytes it has."""
        size = 0
        with Path(path).open("wb") as file:
            async for part in self.parts():
                size += file.write(part)
        return size

    async def raw(self) -> AsyncIterator[bytes]:
        """The text of the result, and of the answer behind it."""
        first, self._buffer = self._buffer, b""
        if first:
            yield first
        try:
            async for part in self._parts:
                yield part
        except HearthError as e:
            await self._explain(e)
            raise

    async def _explain(self, lost: HearthError) -> None:
        """The connection breaks off where a job fails half-way: asks why."""
        if not self.job_id:
            return
        report = await self._look_up(self.job_id)
        if report.status in ("ERROR", "KILLED"):
            raise job_error(report) from lost


def job_error(report: JobReport) -> JobFailed:
    """The exception for a job that has failed or was killed."""
    kind = JobKilled if report.status == "KILLED" else JobFailed
    return kind(
        **exception_fields(report.result),
        status=200,
        request_id=report.request_id,
        job_id=report.id,
    )


def _without_tail(text: bytes) -> bytes:
    """Cuts off the members behind the result."""
    end = text.rfind(b',"status":')
    if end >= 0 and _is_tail(text[end:]):
        return text[:end]
    return text[: text.rfind(b"}")]


def _is_tail(text: bytes) -> bool:
    """Whether these are the last members of a report: no result can end in them."""
    try:
        return "jobId" in json.loads(b"{" + text[1:])
    except ValueError:
        return False

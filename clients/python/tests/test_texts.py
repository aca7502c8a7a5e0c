"""What goes into requests, and what comes out of answers."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import decimal
import enum
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hearth_client.encoding import config_text, settings_text, to_json
from hearth_client.errors import Busy, Refused, ValidationFailed, refusal
from hearth_client.reports import ContextReport, JobReport
from hearth_client.results import ANSWER_TAIL, REPORT_TAIL, Stream
from hearth_client.transport import Retries


@dataclasses.dataclass
class Point:
    x: int
    tags: set[str]


class Colour(enum.Enum):
    RED = "red"


def test_configurations() -> None:
    assert config_text(None) == b""
    assert config_text("a = 1") == b"a = 1"
    given = {
        "point": Point(1, {"a"}),
        "day": datetime.date(2026, 1, 2),
        "price": decimal.Decimal("1.10"),
        "path": Path("/x"),
        "colour": Colour.RED,
        "pair": (1, 2),
        "text": "☃",
    }
    assert json.loads(config_text(given)) == {
        "point": {"x": 1, "tags": ["a"]},
        "day": "2026-01-02",
        "price": "1.10",
        "path": "/x",
        "colour": "red",
        "pair": [1, 2],
        "text": "☃",
    }
    with pytest.raises(TypeError, match="a object has no form in JSON"):
        to_json(object())
    with pytest.raises(ValueError, match="Out of range"):
        to_json(float("nan"))
    with pytest.raises(TypeError, match="not a list"):
        config_text([1])  # type: ignore[arg-type]


def test_settings_may_go_on_from_others() -> None:
    text = settings_text(
        {"spark.speculation": True, "spark.speculation.interval": "1s"}
    )
    assert text.decode().splitlines() == [
        "spark.context-settings {",
        '  "spark"."speculation" = true',
        '  "spark"."speculation"."interval" = "1s"',
        "}",
    ]


def test_reports() -> None:
    report = JobReport.of(
        {
            "jobId": "1",
            "status": "RUNNING",
            "startTime": "2017-02-28T18:54:56.523Z",
            "duration": "Job not done yet",
        }
    )
    assert (report.done, report.duration) == (False, None)
    assert report.started is not None
    assert report.started.microsecond == 523_000
    assert report.started.utcoffset() == datetime.timedelta(0)
    assert JobReport.of({"duration": "5.015 secs"}).duration == 5.015
    context = ContextReport.of({"endTime": "Empty", "error": {"message": "no"}})
    assert (context.ended, context.error) == (None, "no")


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "text"),
    [
        (
            400,
            {"status": "VALIDATION FAILED", "result": {"message": "a\nb"}},
            ValidationFailed,
            "validation_failed",
            "a\nb",
        ),
        (
            503,
            {"status": "NO SLOTS AVAILABLE", "result": "Too many"},
            Busy,
            "no_slots_available",
            "Too many",
        ),
        (
            400,
            {"status": "JOB LOADING FAILED: Malformed URL", "result": ""},
            Refused,
            "job_loading_failed",
            "Malformed URL",
        ),
        (
            403,
            {"status": "ERROR", "result": "Binary is in use by job(s): 1"},
            Refused,
            "binary_in_use",
            "Binary is in use by job(s): 1",
        ),
        (502, None, Refused, "bad_gateway", "<html>"),
        (499, None, Refused, "error", "HTTP 499"),
    ],
)
def test_refusals(
    status: int,
    body: Any,  # noqa: ANN401
    kind: type[Refused],
    code: str,
    text: str,
) -> None:
    page = "" if status == 499 else "<html>"
    error = refusal(status, body, page, "id")
    assert isinstance(error, kind)
    assert (error.status, error.code, error.message) == (status, code, text)
    assert error.request_id == "id"


def test_pauses_grow_and_are_as_long_as_the_server_wants() -> None:
    retries = Retries(first=1, longest=4)
    for tries, most in ((0, 1), (1, 2), (2, 4), (50, 4)):
        assert most / 2 <= retries.pause(tries, None) <= most
    assert retries.pause(0, 60) == 60


# -- results that come in pieces -----------------------------------------------


def stream_of(body: bytes, size: int, tail: int) -> Stream:
    async def parts() -> AsyncIterator[bytes]:
        for i in range(0, len(body), size):
            yield body[i : i + size]

    async def look_up(job: str) -> JobReport:
        raise AssertionError(job)

    return Stream(parts(), "id", look_up, tail)


RESULTS: list[Any] = [
    [],
    [1],
    [1, -2.5e3, "a,]☃", [1, [2]], {"a": [], "status": ["]"]}, None, True],
    [{"text": '","status":"FINISHED","jobId":"x"}'}] * 3,
    ["x" * 10_000, 12345],
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 1 << 20])
@pytest.mark.parametrize("result", RESULTS)
def test_elements_of_a_result(result: list[Any], size: int) -> None:
    text = json.dumps(result, ensure_ascii=False)
    answer = f'{{"jobId":"7","result":{text}}}'.encode()
    report = (
        f'{{"duration":"1 secs","context":"c","result":{text},'
        '"status":"FINISHED","jobId":"7","contextId":"8","since":"x"}'
    ).encode()

    async def read(body: bytes, tail: int) -> tuple[list[Any], bytes]:
        stream = await stream_of(body, size, tail).begin()
        items = [x async for x in stream.items()]
        again = await stream_of(body, size, tail).begin()
        return items, b"".join([x async for x in again.parts()])

    for body, tail in ((answer, ANSWER_TAIL), (report, REPORT_TAIL)):
        assert asyncio.run(read(body, tail)) == (result, text.encode())


def test_an_element_is_given_when_it_is_there() -> None:
    """Not when the next one comes."""
    pieces = [
        b'{"jobId":"7","result":[{"a":1}',
        b',{"a":2}',
        b",3",
        b",",
        b'"x"',
        b"]}",
    ]
    read = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal read
        for piece in pieces:
            read += 1
            yield piece

    async def look_up(job: str) -> JobReport:
        raise AssertionError(job)

    async def collect() -> list[tuple[Any, int]]:
        stream = await Stream(parts(), "id", look_up, ANSWER_TAIL).begin()
        return [(x, read) async for x in stream.items()]

    assert asyncio.run(collect()) == [({"a": 1}, 1), ({"a": 2}, 2), (3, 4), ("x", 5)]


@pytest.mark.parametrize("text", ["5", '{"a":1}', "[1", "[1,,2]", "[1 2]"])
def test_what_is_no_array(text: str) -> None:
    async def read() -> list[Any]:
        answer = f'{{"jobId":"7","result":{text}}}'.encode()
        stream = await stream_of(answer, 3, ANSWER_TAIL).begin()
        return [x async for x in stream.items()]

    with pytest.raises(ValueError, match=r"no (JSON )?array|Extra|Expecting"):
        asyncio.run(read())

"""Rows of the REST contract: a request each, and what has to be the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from support.client import Answer, Client

ANY = object()
"""Matches everything."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DURATION = re.compile(r"\d+\.\d+ secs")
EXCEPTION = {"message": str, "errorClass": str, "stack": str}


@dataclass(frozen=True)
class Row:
    """One line of the contract. `{…}` in path and body stand for what the world
    of the row holds, e.g. `{finished}` for the id of a job that is finished.
    """

    name: str
    request: str
    """E.g. `POST /jobs?cp=x`."""
    status: int
    answer: object = ANY
    """JSON: see `like`."""
    body: str | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    says: Mapping[str, object] = field(default_factory=dict)
    """Headers of the answer, names in lower case."""
    cluster: bool = False
    """Whether a cluster could make a difference."""


def error(text: object) -> dict[str, object]:
    """The body of an error."""
    return {"status": "ERROR", "result": text}


def exception(headline: str, message: object = str) -> dict[str, object]:
    """The body of an error with its exception."""
    return {"status": headline, "result": {**EXCEPTION, "message": message}}


SUCCESS = {"status": "SUCCESS"}


def like(actual: object, expected: object) -> bool:
    """Whether JSON is as expected: a type is any value of it, a pattern a text that
    matches, an object has exactly those keys unless `"..."` is one.
    """
    if expected is ANY:
        return True
    if isinstance(expected, type):
        return isinstance(actual, expected)
    if isinstance(expected, re.Pattern):
        return isinstance(actual, str) and bool(expected.fullmatch(actual))
    if isinstance(expected, dict):
        wanted = {k: v for k, v in expected.items() if k != "..."}
        if not isinstance(actual, dict) or not wanted.keys() <= actual.keys():
            return False
        exact = "..." in expected or wanted.keys() == actual.keys()
        return exact and all(like(actual[k], v) for k, v in wanted.items())
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(actual) == len(expected)
            and all(map(like, actual, expected))
        )
    return actual == expected


def ask(client: Client, row: Row, world: Mapping[str, str]) -> Answer:
    """Sends the request of a row."""
    method, path = _filled(row.request, world).split(" ", 1)
    body = row.body if isinstance(row.body, bytes) else _filled(row.body, world)
    return client.request(method, path, None, body, row.headers)


def check(client: Client, row: Row, world: Mapping[str, str]) -> None:
    """Fails unless the answer to a row is the one of the contract."""
    answer = ask(client, row, world)
    assert answer.status == row.status, answer.text[:2000]
    for name, value in row.says.items():
        assert like(answer.headers.get(name), value), (name, answer.headers)
    if row.answer is not ANY:
        shown: Any = answer.json()
        assert like(shown, row.answer), shown


def _filled(text: str, world: Mapping[str, str]) -> str:
    for key, value in world.items():
        text = text.replace("{" + key + "}", value)
    return text

"""The elements of a JSON array whose text comes in pieces."""

from __future__ import annotations

import json
import re
from typing import Any

_STRUCTURE = re.compile(r'["\[\]{},]')
_END_OF_STRING = re.compile(r'["\\]')


class Elements:
    """Takes the text of an array in pieces, and gives each element as soon as its
    text is there. Looks at each character once.
    """

    def __init__(self) -> None:
        self._bytes = b""
        self._pending: list[str] = []
        """The text of the element that is not complete yet."""
        self._depth = 0
        """How many brackets are open; 1 between elements."""
        self._in_string = False
        self._escaped = False
        """Whether the first character of the next piece is behind a backslash."""
        self._complete = False
        """Whether the element was given, and a comma has to follow, or the end."""
        self._given = 0
        self._ended = False

    def feed(self, part: bytes) -> list[Any]:
        """The elements that this part completes. Text behind the array is left out."""
        if self._ended:
            return []
        text, self._bytes = _whole_characters(self._bytes + part)
        items: list[Any] = []
        start = position = 0
        if self._depth == 0 and text.strip():
            position = text.index("[") + 1 if text.lstrip().startswith("[") else 0
            if position == 0:
                raise ValueError("the result is no array: use parts, read or save")
            self._depth = 1
            start = position
        while not self._ended:
            found = self._next(text, position)
            if found < 0:
                break
            position = found + 1
            start = self._at(text, start, found, items)
        self._pending.append(text[start:])
        return items

    def close(self) -> None:
        """:raises ValueError: if the array has no end"""
        if not self._ended:
            raise ValueError("the result is no JSON array")

    def _next(self, text: str, position: int) -> int:
        """Where the next bracket, comma, or quote is that means something; or -1."""
        if self._in_string and self._escaped and position < len(text):
            self._escaped = False
            position += 1
        while self._in_string:
            match = _END_OF_STRING.search(text, position)
            if match is None:
                return -1
            if match[0] == '"':
                return match.start()
            position = match.end() + 1
            if position > len(text):
                self._escaped = True
                return -1
        match = _STRUCTURE.search(text, position)
        return -1 if match is None else match.start()

    def _at(self, text: str, start: int, found: int, items: list[Any]) -> int:
        """Goes on behind that character; returns where the next element begins."""
        sign = text[found]
        if sign == '"':
            self._in_string = not self._in_string
            closes = not self._in_string
        elif sign in "[{":
            self._depth += 1
            closes = False
        elif sign == ",":
            return self._between(text, start, found, items)
        else:
            self._depth -= 1
            if self._depth == 0:
                if sign != "]":
                    raise ValueError("the result is no JSON array")
                self._ended = True
                # An empty array has no element before its end.
                if self._given or self._complete or self._has_text(text[start:found]):
                    self._between(text, start, found, items)
                return found + 1
            closes = True
        if closes and self._depth == 1:
            self._give(text[start : found + 1], items)
            self._complete = True
            return found + 1
        return start

    def _between(self, text: str, start: int, found: int, items: list[Any]) -> int:
        """A comma, or the end of the array, between elements."""
        if self._depth > 1:
            return start
        if not self._complete:
            self._give(text[start:found], items)  # a number or a word
        elif self._has_text(text[start:found]):
            raise ValueError("the result is no JSON array")
        self._complete = False
        self._pending.clear()
        return found + 1

    def _give(self, text: str, items: list[Any]) -> None:
        if self._complete:
            raise ValueError("the result is no JSON array")
        items.append(json.loads("".join([*self._pending, text])))
        self._pending.clear()
        self._given += 1

    def _has_text(self, text: str) -> bool:
        return bool(text.strip() or "".join(self._pending).strip())


def _whole_characters(data: bytes) -> tuple[str, bytes]:
    """Cuts before a character of UTF-8 that is not complete."""
    for cut in range(4):
        end = len(data) - cut
        try:
            return data[:end].decode(), data[end:]
        except UnicodeDecodeError:
            continue
    return data.decode(), b""

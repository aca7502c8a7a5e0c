"""Results that are read while they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hearth_client.elements import Elements
from hearth_client.portal import Portal
from hearth_client.results import Stream


class ResultStream:
    """The JSON text of a result, as the job makes it.

    Read it once: with `parts`, `items`, `read`, or `save`.
    """

    def __init__(self, portal: Portal, inner: Stream) -> None:
        self._portal = portal
        self._inner = inner

    @property
    def job_id(self) -> str:
        """The job that makes it."""
        return self._inner.job_id

    def parts(self) -> Iterator[bytes]:
        """The text in pieces, as they come.

        :raises hearth_client.JobFailed: if the job fails half-way
        """
        return self._portal.iterate(self._inner.parts())

    def items(self) -> Iterator[Any]:
        """The elements of a result that is an array, one after the other."""
        # Elements are many, and each step into the other thread takes its time.
        decoder = Elements()
        for part in self._portal.iterate(self._inner.raw()):
            yield from decoder.feed(part)
        decoder.close()

    def read(self) -> Any:  # noqa: ANN401
        """The whole result."""
        return self._portal.run(self._inner.read())

    def save(self, path: str | Path) -> int:
        """Writes the text to a file, and returns how many bytes it has."""
        return self._portal.run(self._inner.save(path))

"""A result that a client reads while the job makes it.

    curl -d '{"rows": 1000000}' \
      'localhost:8090/jobs?context=warm&cp=examples&sync=true&mainClass=examples.stream.Table'
"""

from __future__ import annotations

from collections.abc import Iterator

from hearth import Config, PythonContext, Runtime


class Table:
    """Takes `rows`; returns as many, and keeps none of them."""

    def run_job(
        self,
        context: PythonContext,
        runtime: Runtime,
        data: Config,
    ) -> Iterator[dict[str, int]]:
        """Each element of an iterator becomes one of the JSON array."""
        for i in range(data.get_int("rows")):
            yield {"row": i, "square": i * i}

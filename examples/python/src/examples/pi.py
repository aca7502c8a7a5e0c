"""Computes pi with darts, reports its progress, and ends when it is killed.

curl -d '{"darts": 100000000}' \
  'localhost:8090/jobs?context=warm&cp=examples&mainClass=examples.pi.Pi'
curl localhost:8090/jobs/ID/progress
"""

from __future__ import annotations

import random

from hearth import Config, PythonContext, Runtime

BATCH = 10_000


class Pi:
    """Takes `darts`; returns pi, more or less."""

    def run_job(
        self,
        context: PythonContext,
        runtime: Runtime,
        data: Config,
    ) -> dict[str, float]:
        """A job without `validate` gets its configuration."""
        darts = data.get_int("darts", 100_000)
        hits = thrown = 0
        while thrown < darts and not runtime.cancelled:
            batch = min(BATCH, darts - thrown)
            hits += sum(
                random.random() ** 2 + random.random() ** 2 < 1 for _ in range(batch)
            )
            thrown += batch
            runtime.progress(thrown, darts, "darts")
        runtime.logger.info("%d darts hit", hits)
        return {"pi": 4 * hits / thrown}

"""A model that is trained once, stays in memory, and scores single rows.

    curl -d '{"rows": [[1, 2], [3, 4]]}' \
      'localhost:8090/jobs?context=warm&cp=examples&sync=true&mainClass=examples.model.Score'
"""

from __future__ import annotations

import numpy as np
from hearth import Config, PythonContext, Runtime
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def train() -> Floats:
    """The weights of y = 2a - b + 5, found again from points with noise."""
    random = np.random.default_rng(1)
    points = random.normal(size=(10_000, 2))
    values = points @ [2.0, -1.0] + 5 + random.normal(scale=0.01, size=10_000)
    design = np.column_stack([points, np.ones(len(points))])
    weights, *_ = np.linalg.lstsq(design, values, rcond=None)
    return np.asarray(weights)


class Score:
    """Takes `rows`, pairs of numbers; returns the score of each."""

    def validate(
        self, context: PythonContext, runtime: Runtime, config: Config
    ) -> Floats:
        """An exception in here is the error of the job, too."""
        rows = np.asarray(config.get_list("rows"), dtype=float)
        if rows.ndim != 2 or rows.shape[1] != 2:
            raise ValueError("rows has to be a list of pairs of numbers")
        return rows

    def run_job(self, context: PythonContext, runtime: Runtime, data: Floats) -> Floats:
        """The first job of a context trains; all others find the model."""
        weights = runtime.named_objects.get_or_else_create("examples.model", train)
        scores = np.column_stack([data, np.ones(len(data))]) @ weights
        return np.asarray(np.round(scores, 2))

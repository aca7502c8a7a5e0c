"""Averages with SQL."""

from __future__ import annotations

from typing import Any

from sparkjobserver.api import SparkJob, build_problems


class SQLAverageJob(SparkJob):
    """Takes `input.data`: names, ages and salaries."""

    def validate(self, context: Any, runtime: Any, config: Any) -> Any:  # noqa: ANN401
        if config.get("input.data", None):
            return config.get("input.data")
        return build_problems(["config input.data not found"])

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        frame = context.createDataFrame(data, ["name", "age", "salary"])
        frame.createOrReplaceTempView("people")
        query = "SELECT age, AVG(salary) FROM people GROUP BY age ORDER BY age"
        return [list(row) for row in context.sql(query).collect()]

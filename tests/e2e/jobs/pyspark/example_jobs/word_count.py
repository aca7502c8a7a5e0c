"""Counts words with a SparkContext, or with a SparkSession."""

from __future__ import annotations

from typing import Any

from sparkjobserver.api import SparkJob, build_problems


class WordCountSparkJob(SparkJob):
    """Takes `input.strings`."""

    def validate(self, context: Any, runtime: Any, config: Any) -> Any:  # noqa: ANN401
        if config.get("input.strings", None):
            return config.get("input.strings")
        return build_problems(["config input.strings not found"])

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        return context.parallelize(data).countByValue()


class WordCountSparkSessionJob(WordCountSparkJob):
    """The same for a context with a session."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        return super().run_job(context.sparkContext, runtime, data)

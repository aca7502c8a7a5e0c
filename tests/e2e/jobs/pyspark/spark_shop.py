"""Jobs with Spark for the tests."""

from __future__ import annotations

import os
import time
from typing import Any


class Pid:
    """Says in which process it runs, and in which Spark."""

    def run_job(self, spark: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        return [os.getpid(), spark.version]


class Sleeps:
    """Submits again whatever happens to what it has submitted."""

    def run_job(self, spark: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        while True:
            try:
                spark.sparkContext.parallelize([1], 1).foreach(
                    lambda _: time.sleep(600)
                )
            except Exception:
                print("again")


class Fails:
    """Fails in an executor."""

    def run_job(self, spark: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        return spark.sparkContext.parallelize([1]).map(lambda x: x / 0).collect()


class Frame:
    """A DataFrame."""

    def run_job(self, spark: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        return spark.range(3).selectExpr("id", "id * 2 AS twice")


class Crashes:
    """Loses its process."""

    def run_job(self, spark: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        os._exit(3)

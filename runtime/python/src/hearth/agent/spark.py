"""What a context with Spark needs, whose driver is the JVM that starts this agent."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from hearth.agent.settings import BadSetting

_PACKAGE = "spark.jobserver.python."

KINDS: Mapping[str, str] = {
    _PACKAGE + "PythonSessionContextFactory": "session",
    _PACKAGE + "PythonContextFactory": "context",
    # Of Spark Job Server 0.7.
    _PACKAGE + "PythonSparkContextFactory": "context",
    _PACKAGE + "PythonSQLContextFactory": "sql",
    _PACKAGE + "PythonHiveContextFactory": "hive",
}
"""What jobs get as their context, by the setting `context-factory`."""

PRELOAD = ("pyspark", "pyspark.sql", "pyspark.sql.functions", "pyspark.sql.types")


def put_pyspark_on_path(home: str) -> None:
    """Makes the PySpark of a distribution visible, before any other one.

    :param home: its folder
    :raises BadSetting: if it has no PySpark
    """
    folder = Path(home) / "python" / "lib"
    archives = [*folder.glob("pyspark.zip"), *folder.glob("py4j-*-src.zip")]
    if len(archives) < 2:
        raise BadSetting(f"there is no PySpark for the driver's Spark in {folder}")
    sys.path[1:1] = [str(archive) for archive in archives]

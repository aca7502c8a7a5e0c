"""A worker's access to the SparkContext of the driver's JVM."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hearth.worker.code import Code

_VERSION = "HEARTH_CODE"
"""A variable of the executors' Python processes, which Spark pools by them."""


class Spark:
    """PySpark's objects, attached to what the JVM has already.

    :param kind: what jobs get: `session`, `context`, `sql` or `hive`
    :param gateway: `port` and `secret` of this worker's own gateway
    :param code: the binaries of the jobs
    :param folder: has room for their copies
    """

    def __init__(
        self,
        kind: str,
        gateway: Mapping[str, Any],
        code: list[Code],
        folder: Path,
    ) -> None:
        os.environ["PYSPARK_GATEWAY_PORT"] = str(gateway["port"])
        os.environ["PYSPARK_GATEWAY_SECRET"] = str(gateway["secret"])
        launch = importlib.import_module("pyspark.java_gateway").launch_gateway
        pyspark = importlib.import_module("pyspark")
        sql = importlib.import_module("pyspark.sql")
        self.gateway = launch()
        # A process that a job starts must not find them.
        del os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"]
        jvm = self.gateway.jvm
        self.java_context = jvm.JavaSparkContext.fromSparkContext(
            jvm.org.apache.spark.SparkContext.getOrCreate()
        )
        self.conf = pyspark.SparkConf(_jvm=jvm, _jconf=self.java_context.getConf())
        self.context = pyspark.SparkContext(
            gateway=self.gateway, jsc=self.java_context, conf=self.conf
        )
        # Executors run the interpreter of this context.
        self.context.pythonExec = self.conf.get("spark.pyspark.python", None) or (
            os.environ.get("PYSPARK_PYTHON") or sys.executable
        )
        self.session = sql.SparkSession(self.context)
        self._kind = kind
        self._jvm = jvm
        self._ship(code, folder)

    def begin(self, job: str) -> None:
        """What this thread does in Spark from now on belongs to that job."""
        self.context.setJobGroup(job, f"job {job}", interruptOnCancel=True)

    def end(self) -> None:
        """Forgets the job's group and properties: the JVM's thread is used again."""
        self.java_context.sc().setLocalProperties(self._jvm.java.util.Properties())

    def for_job(self, job: object) -> object:
        """What a job gets as its context."""
        build = getattr(job, "build_context", None)
        if build is not None:
            made = build(self.gateway, self.java_context, self.conf)
            if made is not None:
                return made
        if self._kind == "context":
            return self.context
        if self._kind in ("sql", "hive"):
            sql = importlib.import_module("pyspark.sql")
            return sql.SQLContext(self.context, self.session)
        return self.session

    def _ship(self, code: list[Code], folder: Path) -> None:
        """Sends the binaries to the executors, for jobs of this version alone.

        Executors put `_python_includes` on the path of their Python processes.
        They keep these processes by their environment, so a variable that names
        the version gives each version processes of its own. With `addPyFile` alone
        a process that has version 1 would run jobs of version 2.

        Spark knows files by their names alone, so the names are the digests.
        """
        self.context.environment[_VERSION] = "+".join(
            part.digest or part.file for part in code
        )
        for part in code:
            if part.digest:
                file = folder / f"{part.digest}.zip"
                _copy(part.file, file)
                self.context.addFile(str(file))
                self.context._python_includes.append(file.name)


def _copy(file: str, target: Path) -> None:
    """Makes a copy unless there is one; other workers may do the same now."""
    if not target.exists():
        scratch = target.with_suffix(f".{os.getpid()}")
        shutil.copyfile(file, scratch)
        scratch.replace(target)

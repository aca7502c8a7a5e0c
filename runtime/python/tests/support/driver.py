"""Plays the driver's JVM: a program with a SparkContext that gives gateways.

    driver.py MASTER

It reads requests and writes answers, each a line of JSON: `{"open": worker}`,
`{"close": worker, "job": job}`, `{"active": true}`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import Any


class Driver:
    """A SparkContext and the gateways of workers."""

    def __init__(self, master: str) -> None:
        sql: Any = importlib.import_module("pyspark.sql")
        builder = sql.SparkSession.builder.master(master).appName("driver")
        builder = builder.config("spark.ui.enabled", "false")
        self.session = builder.config("spark.python.worker.reuse", "true").getOrCreate()
        self.context = self.session.sparkContext
        self.servers: dict[int, Any] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Does what is asked."""
        if "open" in request:
            return self.open(request["open"])
        if "close" in request:
            return self.close(request["close"], request["job"])
        return {"active": len(self.active())}

    def open(self, worker: int) -> dict[str, Any]:
        """Starts a gateway."""
        jvm = self.context._jvm
        conf = self.context._jsc.sc().conf()
        server = jvm.org.apache.spark.api.python.Py4JServer(conf)
        server.start()
        self.servers[worker] = server
        return {"port": server.getListeningPort(), "secret": server.secret()}

    def close(self, worker: int, job: str) -> dict[str, Any]:
        """Cancels the job, and ends the gateway."""
        tracker = self.context.statusTracker()
        while set(tracker.getJobIdsForGroup(job)) & set(self.active()):
            self.context.cancelJobGroup(job)
            time.sleep(0.05)
        self.servers.pop(worker).shutdown()
        return {}

    def active(self) -> list[int]:
        """Spark's jobs that run."""
        return list(self.context.statusTracker().getActiveJobsIds())


def main() -> None:
    """Serves until its input ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # for whatever the JVM prints
    driver = Driver(sys.argv[1])
    print(json.dumps({"ready": True}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(driver.answer(json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()

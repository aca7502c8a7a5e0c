"""What versions leave in the memory of drivers and executors."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.heap import living
from support.sharing import MASTERS, create, executors, versions
from support.spark import Spark

VERSIONS = 50

KEPT = 16
"""By the driver and by each executor, whether a job needs them or not."""

# What only soft references hold goes at once, and not when memory becomes short.
STRICT = "-XX:SoftRefLRUPolicyMSPerMB=0"


def upload(spark: Spark, number: int, n: int, folder: Path) -> Path:
    """That version once more, as a jar of other bytes."""
    jar = folder / f"{n}.jar"
    shutil.copy(spark.versioned(number), jar)
    with zipfile.ZipFile(jar, "a") as out:
        out.writestr("upload", f"{n}")
    return jar


@pytest.mark.parametrize("place", MASTERS)
def test_versions_out_of_use_leave_the_memory(
    start_hearthd: StartHearthd, spark: Spark, place: str, tmp_path: Path
) -> None:
    server = start_hearthd(spark, settings={"spark.master": MASTERS[place]})
    context = create(
        server,
        {
            "spark.executor.memory": "512m",
            "spark.driver.extraJavaOptions": STRICT,
            "spark.executor.extraJavaOptions": STRICT,
        },
    )
    for n in range(VERSIONS):
        number = 1 + n % 2
        server.client.upload("app", upload(spark, number, n, tmp_path))
        for _ in range(2):
            result = context.run("VersionTypedJob", cp="app")
            assert versions(result) == {number}, f"upload {n}: {result}"
    loaders = {
        pid: living(pid, "org.apache.spark.hearth.VersionLoader")
        for pid in [server.driver().pid, *executors(server)]
    }
    assert max(loaders.values()) <= KEPT + 2, loaders
    assert min(loaders.values()) >= KEPT, f"what is counted is there: {loaders}"

"""Jobs in Java that a test compiles itself."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

from support.hearthd import REPOSITORY
from support.spark import Spark

JOBS = REPOSITORY / "tests" / "e2e" / "jobs"
JVM = REPOSITORY / "build" / "jvm"


def jar_of(job: str, spark: Spark, folder: Path) -> Path:
    """Compiles a job of tests/e2e/jobs, and returns its jar."""
    # The agent's jar has the configuration library that the API speaks of.
    ours = [JVM / f"hearth-{x}_{spark.scala}.jar" for x in ("job-api", "agent")]
    path = ":".join([*map(str, ours), f"{spark.home}/jars/*"])
    subprocess.run(
        ["javac", "--release", "11", "-d", folder, "-cp", path, JOBS / f"{job}.java"],
        check=True,
    )
    jar = folder / f"{job}.jar"
    with zipfile.ZipFile(jar, "w") as out:
        for file in folder.glob("*.class"):
            out.write(file, file.name)
    return jar

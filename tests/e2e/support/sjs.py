"""Jobs as they are compiled for Spark Job Server: against the shape of its API, which
is in sjs/api, and not against Hearth's. Those in `early` are compiled against the shape
of an early version of Hearth's. The compiler is the one that Spark brings.
"""

from __future__ import annotations

import re
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from support.spark import JVM, Spark

SUITES = Path(__file__).resolve().parents[1]
SOURCES = SUITES / "sjs"
EARLY = SUITES / "early"
INTERNAL = re.compile(r"\$anon|\$deserializeLambda\$")

Member = tuple[str, str, str, bool]
"""Its class, its name, its descriptor, and whether it is static."""


@dataclass(frozen=True)
class Build:
    """What was compiled: the API's shape, and the jobs."""

    api: Path
    jar: Path


def build(spark: Spark, folder: Path, sources: Path = SOURCES) -> Build:
    """Compiles the API and the jobs in a folder of sources for one Spark."""
    libraries = folder / "libraries.jar"
    _take(_agent(spark), libraries, ("org/scalactic/", "com/typesafe/config/"))
    path = f"{spark.home}/jars/*:{libraries}"
    api, jobs = folder / "api", folder / "jobs"
    _scala(path, api, sorted((sources / "api").glob("*.scala")))
    _scala(f"{path}:{api}", jobs, sorted((sources / "jobs").glob("*.scala")))
    java = [str(x) for x in sorted((sources / "jobs").glob("*.java"))]
    if java:
        libraries_of_java = f"{path}:{api}:{jobs}"
        _run(["javac", "-nowarn", "-cp", libraries_of_java, "-d", str(jobs), *java])
    return Build(api, _jar(jobs, folder / "moved.jar"))


def build_against_ours(spark: Spark, folder: Path, source: Path) -> Path:
    """Compiles one source against Hearth's own API; its jar."""
    classes = folder / "classes"
    _scala(f"{spark.home}/jars/*:{_agent(spark)}", classes, [source])
    return _jar(classes, folder / "compiled.jar")


def _jar(classes: Path, jar: Path) -> Path:
    with zipfile.ZipFile(jar, "w") as out:
        for file in sorted(classes.rglob("*.class")):
            out.write(file, file.relative_to(classes))
    return jar


def jobs_and_factories() -> list[str]:
    """The names of all jobs and factories in `sjs/jobs`."""
    declared = re.compile(
        r"^(?:public )?(?:class|object) (\w+) (?:extends|implements) [\w.]*"
        r"(?:Spark\w*Job\w*|J\w+Job|BaseJavaJob|\w*ContextFactory)\b",
        re.MULTILINE,
    )
    sources = sorted((SOURCES / "jobs").iterdir())
    return sorted(x for file in sources for x in declared.findall(file.read_text()))


def members(classes: Path) -> set[Member]:
    """All that can be called in a folder of classes."""
    names = [
        str(x.relative_to(classes).with_suffix("")).replace("/", ".")
        for x in sorted(classes.rglob("*.class"))
    ]
    printed = _run(["javap", "-s", "-cp", str(classes), *names])
    found: set[Member] = set()
    kind = line = ""
    for text in printed.splitlines():
        if match := re.search(r"(?:class|interface) ([\w.$]+).*\{$", text):
            kind = match[1]
        elif match := re.search(r"descriptor: (.*)", text):
            name = re.search(r"([\w.$]+)(?:\(|;)", line)
            # A class's initialiser has none.
            if name and not INTERNAL.search(kind + name[1]):
                found.add((kind, name[1], match[1], " static " in line))
        else:
            line = text
    return found


def ours(spark: Spark, folder: Path) -> Path:
    """The classes of Hearth's own API, as the agent has them."""
    jar = folder / "ours.jar"
    _take(_agent(spark), jar, ("spark/jobserver/",))
    with zipfile.ZipFile(jar) as classes:
        classes.extractall(folder / "ours")
    return folder / "ours"


def _agent(spark: Spark) -> Path:
    return JVM / f"hearth-agent_{spark.scala}.jar"


def _take(source: Path, target: Path, prefixes: tuple[str, ...]) -> None:
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(target, "w") as out:
        for name in given.namelist():
            if name.startswith(prefixes) and not name.endswith("/"):
                out.writestr(name, given.read(name))


def _scala(path: str, out: Path, sources: list[Path]) -> None:
    out.mkdir()
    compiler = ["java", "-cp", path, "scala.tools.nsc.Main", "-usejavacp"]
    _run([*compiler, "-nowarn", "-d", str(out), *map(str, sources)])


def _run(command: list[str]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    return done.stdout

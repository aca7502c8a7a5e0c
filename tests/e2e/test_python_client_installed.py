"""The Python packages as users install them, and the lines of their documents."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode, reads

from conftest import StartHearthd
from support.hearthd import REPOSITORY, Hearthd
from support.python_client import url_of
from support.spark import Spark

INTERPRETERS = [
    sys.executable,
    *filter(None, os.environ.get("HEARTH_TEST_PYTHONS", "").split(":")),
]
PROJECTS = {
    "hearth_client": "clients/python",
    "hearth": "runtime/python",
    "sparkjobserver": "runtime/python/sparkjobserver",
    "hearth_examples": "examples/python",
}
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    return start_shared_hearthd(default_spark)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A wheel of each project, built by the usual tools from a copy."""
    folder = tmp_path_factory.mktemp("wheels")
    sources = folder / "sources"
    for top in ("clients", "runtime/python", "examples/python"):
        ignore = shutil.ignore_patterns("__pycache__", ".*", "build", "*.egg-info")
        shutil.copytree(REPOSITORY / top, sources / top, ignore=ignore)
    built = folder / "built"
    # With the environment's own setuptools: to install it for each takes long.
    build = ["wheel", "--no-deps", "--no-build-isolation", "-w", built]
    run([*PIP, *build, *(sources / x for x in PROJECTS.values())])
    return {name: next(built.glob(f"{name}-*.whl")) for name in PROJECTS}


@pytest.fixture(scope="module", params=INTERPRETERS, ids=lambda x: Path(x).parts[-3])
def interpreter(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """One of an empty environment."""
    folder = tmp_path_factory.mktemp("environment")
    run([request.param, "-m", "venv", "--without-pip", folder])
    return folder / "bin/python"


def run(command: list[object], folder: Path | None = None, **variables: str) -> str:
    """What a program prints that ends well."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEARTH_")}
    inherited.pop("PYTHONPATH", None)
    done = subprocess.run(
        [str(x) for x in command],
        cwd=folder,
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def install(interpreter: Path, *wheels: Path) -> None:
    """What pip installs there, and what that needs."""
    run([*PIP, "--python", interpreter, "install", "-q", "--no-compile", *wheels])


def lines_of(document: str) -> str:
    """Its blocks of Python, as one program."""
    return "\n".join(BLOCK.findall((REPOSITORY / document).read_text()))


def test_the_client(
    interpreter: Path, wheels: dict[str, Path], hearthd: Hearthd, tmp_path: Path
) -> None:
    install(interpreter, wheels["hearth_client"])
    shutil.copy(wheels["hearth_examples"], tmp_path)
    program = tmp_path / "readme.py"
    text = lines_of("clients/python/README.md")
    program.write_text(text.replace("http://127.0.0.1:8090", url_of(hearthd)))
    said = run([interpreter, program], tmp_path).splitlines()
    assert said[0] == said[2] == "{'a': 2, 'b': 1}"
    assert said[1].startswith("hearth.ConfigTypeError") or "darts" in said[1]


def test_the_page_about_the_client(
    interpreter: Path, wheels: dict[str, Path], hearthd: Hearthd, tmp_path: Path
) -> None:
    install(interpreter, wheels["hearth_client"])
    shutil.copy(wheels["hearth_examples"], tmp_path)
    program = tmp_path / "page.py"
    program.write_text(lines_of("docs/python-client.md"))
    said = run([interpreter, program], tmp_path, HEARTH_URL=url_of(hearthd))
    for expected in (
        "{'a': 2, 'b': 1}",
        "[['a', 3], ['b', 2]]",
        "[['x', 2]]",
        str(sum(i * i for i in range(10_000))),
        "3000000 darts hit"[-9:],
        "['hearth_examples'",
        "['warm']",
    ):
        assert expected in said
    assert hearthd.client.contexts() == []


def test_the_runtime(
    interpreter: Path, wheels: dict[str, Path], tmp_path: Path
) -> None:
    install(interpreter, wheels["hearth"], wheels["sparkjobserver"])
    program = tmp_path / "readme.py"
    program.write_text(lines_of("runtime/python/README.md"))
    run([interpreter, program], tmp_path)
    imports = "import sparkjobserver.api, hearth.agent.agent, hearth.worker.main"
    run([interpreter, "-c", imports], tmp_path)


def test_the_notebook(hearthd: Hearthd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTH_URL", url_of(hearthd))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "clients/python/src"))
    file = REPOSITORY / "examples/python-client/first-steps.ipynb"
    notebook: NotebookNode = reads(  # type: ignore[no-untyped-call]
        file.read_text(), as_version=4
    )
    assert all(not cell.get("outputs") for cell in notebook.cells)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = {
        cell.source.splitlines()[0]: repr(cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
    assert "2.0" in shown["ctx.run(integral, math.pi)"]
    bar = shown["job = ctx.submit(integral, math.pi / 2)"]
    assert '<progress value="' in bar
    assert "steps" in bar
    assert "FINISHED" in shown["job"]
    assert (
        "0.122, 0.46, 0.929, 1.416"
        in shown["list(ctx.map(integral, [0.5, 1.0, 1.5, 2.0], progress=True))"]
    )
    assert "ZeroDivisionError" in shown["def reciprocal(x):"]
    assert "main_reciprocal.py" in shown["def reciprocal(x):"]
    assert hearthd.client.contexts() == []

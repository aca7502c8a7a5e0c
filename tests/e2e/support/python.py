"""Python contexts, and the wheels and eggs that tests upload to them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from support.client import Client, RequestFailed
from support.native import NativeContext
from support.spark import VENVS

EGG = "application/python-egg"
WHEEL = "application/python-wheel"
JOBS = Path(__file__).resolve().parents[1] / "jobs"

INTERPRETER = VENVS / "python/bin/python"
"""The one with NumPy and pandas."""


class PythonContext(NativeContext):
    """A context of Python jobs, and the binary whose jobs it runs."""


def archive(files: Mapping[str, str]) -> bytes:
    """The content of a wheel or an egg: modules by their paths."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, text in files.items():
            zipped.writestr(name, text)
    return out.getvalue()


def jobs_in(folder: str) -> bytes:
    """A wheel with the jobs of the tests in that folder."""
    files = sorted((JOBS / folder).rglob("*.py"))
    return archive({str(x.relative_to(JOBS / folder)): x.read_text() for x in files})


def jobs() -> bytes:
    """A wheel with the jobs that need no Spark."""
    return jobs_in("python")


def upload(client: Client, name: str, content: bytes, kind: str = WHEEL) -> None:
    """Uploads a wheel or an egg."""
    answer = client.request(
        "POST", f"/binaries/{name}", None, content, {"Content-Type": kind}
    )
    if answer.status != 201:
        raise RequestFailed(f"upload {name}", answer)


def settings(**more: object) -> dict[str, object]:
    """The settings of a Python context without Spark."""
    return {
        "context-factory": "hearth.python",
        "python.executable": INTERPRETER,
        **{key.replace("__", "."): value for key, value in more.items()},
    }


def create(
    client: Client, name: str, binary: str, more: Mapping[str, object] | None = None
) -> PythonContext:
    """Creates a Python context without Spark."""
    client.create_context(name, {**settings(), **(more or {})})
    return PythonContext(client, name, binary)

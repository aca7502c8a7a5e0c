"""The Python client, as its tests use it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hearth_client import Client, Context, Job
from support.hearthd import Hearthd
from support.python import INTERPRETER, jobs
from support.wait import until

WORDS = {"input": {"strings": ["a", "b", "a"]}}
PYTHON = {"python.executable": str(INTERPRETER)}


def url_of(server: Hearthd) -> str:
    """Where it listens."""
    return f"http://127.0.0.1:{server.port}"


def shop(
    client: Client, folder: Path, name: str = "shop", **settings: object
) -> Context:
    """A context with the jobs of the tests; it is not started yet."""
    wheel = folder / "shop-1-py3-none-any.whl"
    wheel.write_bytes(jobs())
    more = {key.replace("__", "."): value for key, value in settings.items()}
    context = client.context(name, kind="python", settings={**PYTHON, **more})
    context.upload(wheel)
    return context


def running(job: Job) -> Job:
    """The job, once it runs."""
    until(lambda: job.status() == "RUNNING", f"job {job.id} runs", 30)
    return job


@contextmanager
def module(folder: Path, name: str, source: str) -> Iterator[None]:
    """A module of the test's own, which can be imported."""
    file = folder / f"{name}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for known in [x for x in sys.modules if x.partition(".")[0] == name]:
            del sys.modules[known]

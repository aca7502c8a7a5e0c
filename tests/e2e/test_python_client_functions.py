"""Functions of a program that run as jobs, without a build by hand."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import StartHearthd
from hearth_client import Client, Context, JobFailed
from support.hearthd import REPOSITORY, Hearthd
from support.python_client import PYTHON, module, url_of
from support.spark import Spark
from support.wait import until

CLIENT = REPOSITORY / "clients/python/src"


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    return start_shared_hearthd(default_spark)


@pytest.fixture(scope="module")
def client(hearthd: Hearthd) -> Iterator[Client]:
    with Client(url_of(hearthd)) as client:
        yield client


@pytest.fixture(scope="module")
def ctx(client: Client) -> Iterator[Context]:
    with client.context("functions", kind="python", settings=PYTHON) as context:
        yield context


def imported(name: str) -> Any:  # noqa: ANN401
    return __import__(name, fromlist=["x"])


def test_a_function_of_a_module(ctx: Context, client: Client, tmp_path: Path) -> None:
    source = """
        import os
        from dataclasses import dataclass

        import helper  # one of the test's own
        from hearth_client import Client, JobFailed

        @dataclass
        class Order:
            name: str
            price: float

        def total(orders, *, discount=0.0):
            return {"pid": os.getpid(), "total": helper.add(orders) * (1 - discount)}

        def of_orders(orders):
            return [Order(x.name.upper(), x.price) for x in orders]

        def surroundings(x, runtime, context):
            runtime.progress(1, 1, "done")
            return [x, runtime.job_id, context.name]

        def fails():
            raise LookupError("no such order")

        def table(rows):
            for i in range(rows):
                yield {"row": i}

        class Shop:
            @staticmethod
            def open():
                return "open"

        def uses_a_client():
            return Client()
    """
    with (
        module(tmp_path, "helper", "def add(xs):\n    return sum(xs)\n"),
        module(tmp_path, "orders", textwrap.dedent(source)),
    ):
        orders = imported("orders")
        answer = ctx.run(orders.total, [1, 2.5], discount=0.5)
        assert answer["total"] == 1.75
        assert answer["pid"] != os.getpid()
        given = [orders.Order("pear", 2.0)]
        assert ctx.run(orders.of_orders, given) == [{"name": "PEAR", "price": 2.0}]
        job = ctx.submit(orders.surroundings, "x")
        assert job.result(60) == ["x", job.id, "functions"]
        assert job.report().main_class == "run_orders.surroundings"
        with pytest.raises(JobFailed, match="no such order") as failed:
            ctx.run(orders.fails)
        assert 'orders.py", line' in (failed.value.stack or "")
        assert ctx.run(orders.table, 3) == [{"row": 0}, {"row": 1}, {"row": 2}]
        assert ctx.run(orders.Shop.open) == "open"
        rows = list(ctx.map(orders.total, [[n] for n in range(20)]))
        assert [x["total"] for x in rows] == list(range(20))
        with pytest.raises(JobFailed, match="hearth_client is not installed"):
            ctx.run(orders.uses_a_client)
        # The same code is uploaded once; other code is another binary.
        names = [x.name for x in client.binaries() if x.name.startswith("run-total")]
        assert len(names) == 1
        # A binary that somebody deleted is sent again.
        client.delete_binary(names[0])
        assert ctx.run(orders.total, [1])["total"] == 1
        with Client(client.url) as other:
            other.delete_binary(names[0])
        assert ctx.run(orders.total, [1])["total"] == 1


def test_changed_code_is_another_version(ctx: Context, tmp_path: Path) -> None:
    for version in (1, 2):
        folder = tmp_path / str(version)
        source = f"def version():\n    return {version}\n"
        with module(folder, "changing", source):
            assert ctx.run(imported("changing").version) == version


def test_a_function_of_a_package(ctx: Context, tmp_path: Path) -> None:
    package = tmp_path / "own_package"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("from own_package import constants\n")
    (package / "constants.py").write_text("ANSWER = 42\n")
    (package / "words.txt").write_text("a b a")
    with module(
        tmp_path,
        "own_package/deep/work",
        "from pathlib import Path\n"
        "from .. import constants\n"
        "def answer():\n"
        "    words = Path(__file__).parents[1] / 'words.txt'\n"
        "    return [constants.ANSWER, words.read_text()]\n",
    ):
        work = imported("own_package.deep.work")
        assert ctx.run(work.answer) == [42, "a b a"]


def test_installed_modules_are_not_sent(ctx: Context) -> None:
    numpy = pytest.importorskip("textwrap")
    assert ctx.run(numpy.indent, "a", prefix="> ") == "> a"


def test_what_cannot_be_sent(ctx: Context, tmp_path: Path) -> None:
    def inner() -> None: ...

    for wrong, why in (
        (inner, "defined inside of another function"),
        (lambda: 1, "a lambda cannot be sent"),
        ("shop.WordCount", "submit takes the name of a class"),
        (5, "is no function"),
        (Path().exists, "is a method of an object"),
    ):
        with pytest.raises(TypeError, match=why):
            ctx.run(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cannot be pickled"):
        ctx.run(os.path.join, open(os.devnull))  # noqa: SIM115, PTH123


SCRIPT = """
import sys
import json as text
from collections import Counter

from hearth_client import Client

LIMIT = 2


class Word:
    def __init__(self, text: str) -> None:
        self.text = text.lower()


def tidy(word):
    return Word(word).text


def most(words: list[str], n: int = LIMIT) -> dict:
    '''The commonest words.'''
    counts = Counter(tidy(x) for x in words)
    return text.loads(text.dumps(dict(counts.most_common(n))))


def main():
    with Client() as client:
        ctx = client.context("functions")
        print(ctx.run(most, ["a", "B", "b", "c", "A", "b"]))
        try:
            ctx.run(stateful)
        except TypeError as e:
            print(e)


connection = object()


def stateful():
    return connection


print("started")
main()
"""


def test_a_script_sends_functions_of_its_own(
    ctx: Context, client: Client, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(CLIENT), "HEARTH_URL": client.url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == ["started", "{'b': 3, 'a': 2}"]
    assert "uses connection, a object, which cannot be sent" in lines[2]


def test_an_interrupt_kills_the_job(
    ctx: Context, client: Client, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        # As in a terminal: what runs in the background may ignore the signal.
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from hearth_client import Client\n"
        "def waits(runtime):\n"
        "    return runtime.wait_cancelled(600)\n"
        "with Client() as client:\n"
        "    client.context('functions').run(waits)\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(CLIENT), "HEARTH_URL": client.url},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        [job] = until(lambda: list(client.jobs(status="running")), "it runs", 60)
        assert job.report().main_class == "run_main_waits.waits"
        process.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in process.communicate(timeout=60)[1]
        assert job.wait(60).status == "KILLED"
    finally:
        process.kill()
        process.wait()

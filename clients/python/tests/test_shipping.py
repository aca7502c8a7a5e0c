"""The wheels that functions travel in."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hearth_client import extraction, modules, shipping
from hearth_client.wheel import make_wheel

Make = Callable[[str, str], Any]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes a module, and imports it."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(name: str, source: str) -> Any:  # noqa: ANN401
        file = tmp_path / f"{name.replace('.', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
        importlib.invalidate_caches()
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return make


def files_of(wheel: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def run(function: Callable[..., Any], folder: Path, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401
    """What a call returns as a job, in another process."""
    code = shipping.pack(function)
    config = shipping.arguments(args, kwargs)
    zipfile.ZipFile(io.BytesIO(code.wheel)).extractall(folder)
    module, _, name = code.main_class.rpartition(".")
    program = f"import {module} as m; print(m.{name}().run_job(1, 2, {config!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_same_files_make_the_same_wheel() -> None:
    files = {"b.py": b"1", "a/c.py": b"2"}
    wheel = make_wheel("name-x", files)
    assert wheel == make_wheel("name-x", dict(reversed(files.items())))
    assert wheel != make_wheel("name-x", {**files, "b.py": b"3"})
    found = files_of(wheel)
    assert found["name_x-0.dist-info/RECORD"].count("\n") == 5
    assert "sha256=" in found["name_x-0.dist-info/RECORD"]


def test_pip_takes_the_wheel(tmp_path: Path) -> None:
    wheel = tmp_path / "it-0-py3-none-any.whl"
    wheel.write_bytes(make_wheel("it", {"it.py": b"x = 5"}))
    target = tmp_path / "target"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-index",
            "--disable-pip-version-check",
            "--target",
            str(target),
            str(wheel),
        ],
        check=True,
    )
    assert (target / "it.py").read_text() == "x = 5"


@pytest.mark.usefixtures("make")
def test_modules_bring_those_that_they_import(tmp_path: Path) -> None:
    for name, source in (
        ("deeper", "import json\nimport cycle_a\n"),
        ("cycle_a", "def f():\n    import cycle_b\n"),
        ("cycle_b", "from cycle_a import f\nimport nothing_there\n"),
        ("broken", "this is no Python"),
        ("one", "import deeper\nprint('imported')\n"),
    ):
        (tmp_path / f"{name}.py").write_text(source)
    importlib.invalidate_caches()
    found = modules.own_files("one")
    assert set(found) == {"one.py", "deeper.py", "cycle_a.py", "cycle_b.py"}
    assert modules.own_files("json") == {}
    assert modules.own_files("pytest") == {}
    assert modules.own_files("nothing_there") == {}
    assert set(modules.own_files("broken")) == {"broken.py"}


def test_packages_come_whole(make: Make, tmp_path: Path) -> None:
    (tmp_path / "pack/__pycache__").mkdir(parents=True)
    for name in ("__init__.py", "data.csv", ".hidden", "__pycache__/x.pyc", "x.pyc"):
        (tmp_path / "pack" / name).write_text("")
    work = make("pack.sub.work", "def f():\n    return 1\n")
    code = shipping.pack(work.f)
    own = {x for x in files_of(code.wheel) if "dist-info" not in x}
    assert own == {
        "pack/__init__.py",
        "pack/data.csv",
        "pack/sub/work.py",
        "run_pack_sub_work.py",
    }
    assert code.main_class == "run_pack_sub_work.f"


def test_arguments_arrive_as_they_were(make: Make, tmp_path: Path) -> None:
    module = make("kinds", "def kinds(*args, **kw):\n    return repr((args, kw))\n")
    for args, kwargs, form in (
        (([1, 2.5, "☃", None, {"a.b": [True]}],), {"x": "y"}, "json"),
        (((1, 2), {3: {4}}, b"\0"), {}, "pickle"),
        ((Path("/x"),), {"y": float("inf")}, "pickle"),
    ):
        assert shipping.arguments(args, kwargs)["form"] == form
        called = run(module.kinds, tmp_path / form, *args, **kwargs)
        assert called == repr((args, kwargs))


def test_context_and_runtime_are_given_to_those_who_want_them(
    make: Make, tmp_path: Path
) -> None:
    module = make(
        "wants",
        "def both(runtime, x, context=None):\n    return [runtime, x, context]\n"
        "def own(context):\n    return context\n",
    )
    assert run(module.both, tmp_path / "a", x=5) == "[2, 5, 1]"
    assert run(module.own, tmp_path / "b", "mine") == "mine"


def test_a_program_that_uses_the_client_itself(make: Make, tmp_path: Path) -> None:
    module = make(
        "uses",
        "import hearth_client\nfrom hearth_client import Client, JobFailed\n"
        "def f():\n"
        "    try:\n        Client()\n"
        "    except JobFailed:\n        return 'no'\n"
        "    except RuntimeError as e:\n        return str(e)\n",
    )
    assert run(module.f, tmp_path / "x") == (
        "hearth_client is not installed where jobs run"
    )


def test_names_that_code_uses() -> None:
    source = """
def f(a: Annotation, b=default) -> Other:
    local = used(a)
    return [x.attribute for x in outer if local]
"""
    assert extraction.names_used(source) == {"default", "used", "outer"}


def test_what_surroundings_cannot_be_sent(make: Make) -> None:
    module = make(
        "around",
        "import threading\nlock = threading.Lock()\n"
        "def f():\n    return lock\ndef g():\n    return missing\n",
    )
    with pytest.raises(TypeError, match="uses lock, a lock, which cannot be sent"):
        extraction.module_of(module.f)
    with pytest.raises(TypeError, match="g uses missing, which is not defined"):
        extraction.module_of(module.g)


def test_a_module_is_made_of_what_a_function_uses(make: Make, tmp_path: Path) -> None:
    module = make(
        "notebook",
        "from collections import OrderedDict as Ordered\n"
        "import os.path as paths\n"
        "import json\n"
        "from functools import lru_cache\n"
        "SIZES = {'a': [1, (2, None)], 'b': {3}}\n"
        "class Base:\n    x = 1\n"
        "class Thing(Base):\n    def get(self):\n        return self.x + helper(1)\n"
        "@lru_cache\n"
        "def helper(n):\n    return n if n < 1 else helper(n - 1)\n"
        "unused = object()\n"
        "def f(n: unused = 2):\n"
        "    return json.dumps([Thing().get(), SIZES['a'], n, paths.basename('a/b'),\n"
        "                       list(Ordered(a=1))])\n",
    )
    text = extraction.module_of(module.f)
    (tmp_path / "made.py").write_text(text + "print(f())\n")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "made.py")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + text
    assert done.stdout.strip() == '[1, [1, [2, null]], 2, "b", ["a"]]'
    assert "unused" not in text.replace("n: unused", "")

"""Finds the files of the modules that are the caller's own: those that no package
manager installed.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

LARGEST = 64 << 20
"""So many bytes of code are sent at most."""

_LEFT_OUT = {"__pycache__", "node_modules"}


def own_files(module: str, without: str = "") -> dict[str, bytes]:
    """The files of a module, and of its own modules that it imports, by their paths.

    Of a package, all files are taken. Nothing is imported. A module that was
    installed has none: it is expected to be installed where the function runs.

    :param without: a module that is left out
    """
    files: dict[str, bytes] = {}
    seen = {without}
    wanted = [module.partition(".")[0]]
    while wanted:
        top = wanted.pop()
        if top in seen:
            continue
        seen.add(top)
        for path, data in _files_of(top):
            files[path] = data
            if path.endswith(".py"):
                wanted.extend(sorted(imported_by(data)))
        if sum(map(len, files.values())) > LARGEST:
            raise ValueError(
                f"the code of {module} has more than {LARGEST >> 20} MiB: data files "
                "beside it belong into /data"
            )
    return files


@functools.lru_cache(maxsize=4096)
def imported_by(source: bytes) -> frozenset[str]:
    """The first names of the modules that it imports."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return frozenset()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return frozenset(name.partition(".")[0] for name in names)


def _files_of(top: str) -> Iterator[tuple[str, bytes]]:
    """The files of a module or package without a dot in its name."""
    for place in _places_of(top):
        if _is_installed(place):
            continue
        if place.is_file():
            yield place.name, place.read_bytes()
        else:
            for file in sorted(place.rglob("*")):
                parts = file.relative_to(place).parts
                if file.is_file() and not any(map(_is_left_out, parts)):
                    yield "/".join([top, *parts]), file.read_bytes()


def _places_of(top: str) -> list[Path]:
    """The file of a module, or the folders of a package."""
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    if spec.submodule_search_locations:
        return [Path(x) for x in spec.submodule_search_locations if Path(x).is_dir()]
    origin = Path(spec.origin or "")
    return [origin] if spec.has_location and origin.suffix == ".py" else []


def _is_installed(place: Path) -> bool:
    place = place.resolve()
    if any(part in ("site-packages", "dist-packages") for part in place.parts):
        return True
    library = Path(sysconfig.get_path("stdlib")).resolve()
    return place.is_relative_to(library) or place.name in sys.builtin_module_names


def _is_left_out(part: str) -> bool:
    return part in _LEFT_OUT or part.startswith(".") or part.endswith(".pyc")

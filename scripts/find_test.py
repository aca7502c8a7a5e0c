"""Finds tests by name, for `scripts/test one NAME`.

  find_test.py NAME     prints a line for each program to run, with fields that
                        are separated by tabs: `c++ COMPONENT ARGUMENT...` for
                        build/release/test_COMPONENT, `python ARGUMENT...` for
                        pytest, `runtime ARGUMENT...` for pytest in
                        runtime/python, `client ARGUMENT...` for pytest in
                        clients/python
  find_test.py --check  says which tests nothing builds or collects

NAME is, and the first of these that fits counts:
  a component of the C++ tests           actors, cli, store
  a file or folder of tests, or of code  tests/e2e/test_jobs.py, actors/jobs,
  that tests/ mirrors                    cli/json.cpp
  a file of Python tests and a function  tests/e2e/test_jobs.py::test_config
  the whole name of a test, or a part    "a job that waits", test_config, kill
"""

import ast
import difflib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON_SUITES = ("tests/e2e", "tests/faults")
PACKAGES = {"runtime": "runtime/python", "client": "clients/python"}

COMPONENT = re.compile(
    r"^\s*(?:hearth_test\((\w+)\s+\w+|add_executable\(test_(\w+))([^)]*)\)",
    re.MULTILINE,
)
LITERALS = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
CASE = re.compile(r"TEST_CASE(?:_FIXTURE)?\(\s*(?:[\w:<>]+,\s*)?" + LITERALS)


@dataclass(frozen=True)
class Case:
    """A test case of C++."""

    component: str
    file: str
    name: str


@dataclass(frozen=True)
class Function:
    """A test function of Python."""

    file: str
    name: str

    @property
    def node(self) -> str:
        """What pytest calls it."""
        return f"{self.file}::{self.name}"


class NotFoundError(Exception):
    """Its text says what was wrong and what is right."""


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def components() -> dict[str, list[str]]:
    """The C++ test programs and their sources, as CMakeLists.txt has them."""
    text = (ROOT / "CMakeLists.txt").read_text()
    found: dict[str, list[str]] = {}
    for by_function, by_hand, sources in COMPONENT.findall(text):
        name = by_function or by_hand
        if name != "${component}":
            found[name] = re.findall(r"tests/[\w/.]+\.cpp", sources)
    return found


def unquoted(literals: str) -> str:
    """The text of C++ string literals that stand one after the other."""
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"', literals)
    return re.sub(r"\\(.)", r"\1", "".join(parts))


def cases_of(text: str) -> list[str]:
    return [unquoted(x) for x in CASE.findall(text)]


def all_cases() -> list[Case]:
    return [
        Case(component, file, name)
        for component, files in components().items()
        for file in files
        if (ROOT / file).is_file()
        for name in cases_of((ROOT / file).read_text())
    ]


def functions_of(file: Path) -> list[str]:
    return [
        x.name
        for x in ast.parse(file.read_text()).body
        if isinstance(x, ast.FunctionDef) and x.name.startswith("test_")
    ]


def all_functions() -> list[Function]:
    return [
        Function(relative(file), name)
        for suite in PYTHON_SUITES
        for file in sorted((ROOT / suite).glob("test_*.py"))
        for name in functions_of(file)
    ]


def pattern(name: str) -> str:
    """The name for doctest's filters, which end at a comma."""
    return name.replace(",", "?").replace("\\", "?")


def run_cases(cases: list[Case]) -> list[str]:
    lines = []
    for component in sorted({x.component for x in cases}):
        names = [pattern(x.name) for x in cases if x.component == component]
        lines.append(f"c++\t{component}\t--test-case={','.join(names)}")
    return lines


def run_files(files: list[str]) -> list[str]:
    lines = []
    for component, sources in components().items():
        wanted = [x for x in sources if x in files]
        if wanted:
            paths = ",".join(f"*{x}" for x in wanted)
            lines.append(f"c++\t{component}\t--source-file={paths}")
    return lines


def run_functions(functions: list[Function]) -> list[str]:
    return ["\t".join(["python", *(x.node for x in functions)])]


def near(name: str, names: list[str]) -> str:
    """The names that look most like this one, as lines."""
    by_lower = {x.lower(): x for x in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=8, cutoff=0.4)
    words = [x for x in re.findall(r"\w{4,}", name.lower()) if x != "test"]
    close += [x for x in by_lower if any(y in x for y in words)]
    return "".join(f"\n  {by_lower[x]}" for x in dict.fromkeys(close[:8]))


def not_found(name: str, names: list[str]) -> NotFoundError:
    close = near(name, names)
    return NotFoundError(
        f"there is no test '{name}'."
        + (f" Names that are like it:{close}" if close else "")
        + f"\nComponents of the C++ tests: {', '.join(components())}"
        + "\nThe Python tests are in tests/e2e, tests/faults, runtime/python/tests and"
        + " clients/python/tests."
    )


def by_path(name: str) -> list[str] | None:
    """The tests of a file or folder; None if the name is neither."""
    path, _, function = name.partition("::")
    path = path.rstrip("/")
    for word, folder in PACKAGES.items():
        if path == f"{folder}/tests" or path.startswith(f"{folder}/tests/test_"):
            return by_path_of_package(word, name, function.partition("[")[0])
    mirrored = re.sub(r"(\.[ch]pp)?$", "_test.cpp", path, count=1)
    places = [ROOT / path, ROOT / "tests" / path, ROOT / "tests" / mirrored]
    places = [x for x in places if x.resolve().is_relative_to(ROOT / "tests")]
    found = next((x for x in places if x.exists()), None)
    if not path or found is None:
        return None
    file = relative(found.resolve())
    if file.endswith(".py") or file in PYTHON_SUITES:
        plain = function.partition("[")[0]
        if function and plain not in functions_of(found):
            raise not_found(function, functions_of(found))
        return [f"python\t{file}" + (f"::{function}" if function else "")]
    inside = [x for files in components().values() for x in files]
    return run_files([x for x in inside if x == file or x.startswith(file + "/")])


def by_path_of_package(word: str, name: str, function: str) -> list[str] | None:
    """The same for the tests of a Python package."""
    file = ROOT / name.partition("::")[0].rstrip("/")
    if not file.exists():
        return None
    if function and function not in functions_of(file):
        raise not_found(function, functions_of(file))
    return [f"{word}\t{name.removeprefix(PACKAGES[word] + '/')}"]


def by_name(name: str) -> list[str]:
    """The tests with this name; if there is none, those with it as a part."""
    low = name.lower()
    cases, functions = all_cases(), all_functions()
    hits = [x for x in cases if x.name.lower() == low]
    calls = [x for x in functions if x.name.lower() in (low, f"test_{low}")]
    if not hits and not calls:
        hits = [x for x in cases if low in x.name.lower()]
        calls = [x for x in functions if low in x.node.lower()]
    if hits and calls:
        places = sorted({x.file for x in hits} | {x.file for x in calls})
        raise NotFoundError(
            f"'{name}' is in the names of C++ tests and of Python tests; take"
            " more of the name, or one of these files:"
            + "".join(f"\n  {x}" for x in places)
        )
    if hits:
        return run_cases(hits)
    if calls:
        return run_functions(calls)
    names = [*(x.name for x in cases), *(x.name for x in functions), *components()]
    raise not_found(name, names)


def find(name: str) -> list[str]:
    """What to run for the name; raises NotFoundError."""
    if name in components():
        return [f"c++\t{name}"]
    lines = by_path(name)
    if lines is None:
        return by_name(name)
    if not lines:
        raise NotFoundError(f"there is no test in {name}")
    return lines


def forgotten() -> list[str]:
    """Tests that nothing builds or collects."""
    built = {x for files in components().values() for x in files}
    wrong = [
        f"{relative(file)} has test cases but is in no test of CMakeLists.txt"
        for file in sorted((ROOT / "tests").rglob("*.cpp"))
        if relative(file) not in built and cases_of(file.read_text())
    ]
    collected = {x.file for x in all_functions()}
    return wrong + [
        f"{relative(file)} has tests, but pytest looks only into test_*.py of"
        f" {' and '.join(PYTHON_SUITES)}"
        for file in sorted((ROOT / "tests").rglob("*.py"))
        if relative(file) not in collected and functions_of(file)
    ]


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] == "--check":
        wrong = forgotten()
        print(*wrong, sep="\n" if wrong else "")
        return 1 if wrong else 0
    try:
        print(*find(sys.argv[1]), sep="\n")
    except NotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

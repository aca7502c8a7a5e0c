"""The scripts of the repository that find tests and check documents."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.hearthd import REPOSITORY

SCRIPTS = REPOSITORY / "scripts"
IDS = "tests/base/ids_test.cpp"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(x) for x in command],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
    )


def find(name: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, SCRIPTS / "find_test.py", name)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("cli", "c++\tcli"),
        (
            "tests/base/ids_test.cpp",
            "c++\tbase\t--source-file=*tests/base/ids_test.cpp",
        ),
        ("base/ids.cpp", f"c++\tbase\t--source-file=*{IDS}"),
        (
            "IDS SORT AS TEXT",
            "c++\tbase\t--test-case=ids sort as text in the order in which they"
            " were made",
        ),
        (
            "ids of two threads differ, and",
            "c++\tbase\t--test-case=ids of two threads differ? and each thread's"
            " own ones ascend",
        ),
        (
            "test_a_test_is_found_by_its_name",
            "python\ttests/e2e/test_scripts.py::test_a_test_is_found_by_its_name",
        ),
        (
            "tests/e2e/test_scripts.py::test_a_test_is_found_by_its_name[x]",
            "python\ttests/e2e/test_scripts.py::test_a_test_is_found_by_its_name[x]",
        ),
        ("tests/faults/test_disks.py", "python\ttests/faults/test_disks.py"),
    ],
)
def test_a_test_is_found_by_its_name(name: str, found: str) -> None:
    done = find(name)
    assert (done.returncode, done.stdout) == (0, found + "\n"), done.stderr


def test_an_unknown_name_lists_those_that_are_like_it() -> None:
    done = find("ids sort as txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no test 'ids sort as txt'" in done.stderr
    assert "ids sort as text in the order in which they were made" in done.stderr

    done = find("tests/e2e/test_scripts.py::test_an_unknown_nam")
    assert done.returncode == 1
    assert "test_an_unknown_name_lists_those_that_are_like_it" in done.stderr


def test_a_name_in_both_languages_is_to_be_said_more_exactly() -> None:
    done = find("versio")
    assert (done.returncode, done.stdout) == (1, "")
    assert IDS in done.stderr
    assert "tests/e2e/test_versions.py" in done.stderr


def test_one_runs_one_test_and_counts_it() -> None:
    done = run(SCRIPTS / "test", "one", "ids of two threads differ, and")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "1 passed, 0 failed"


@pytest.mark.parametrize(
    "arguments", [("one",), ("one", "--"), ("unit", "one", "cli"), ("one", "no such")]
)
def test_one_needs_a_test(arguments: tuple[str, ...]) -> None:
    done = run(SCRIPTS / "test", *arguments)
    assert done.returncode == 1, done.stdout
    assert done.stderr


def test_links_of_documents(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A heading, with `code`\n\n## A heading\n")
    right = "[a](there.md) [b](there.md#a-heading) [c](https://example.org/x#y)"
    more = "[d](there.md#a-heading-with-code)\n```\n[not](a-link.md)\n```\n"
    good = tmp_path / "good.md"
    good.write_text(f"{right} {more}")
    bad = tmp_path / "bad.md"
    bad.write_text("[a](gone.md) [b](there.md#gone) [c](#gone)\n")
    done = run(sys.executable, SCRIPTS / "check_links.py", good, bad)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{bad} points to gone.md, which is not there",
        f"{bad} points to there.md#gone: there is no such heading",
        f"{bad} points to #gone: there is no such heading",
    ]


def test_rows_of_documents_have_tests(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    head = "| a | b |\n| --- | --- |\n"
    page.write_text(f"{head}| one | two |\n| three | four |\n\n- an item\n  of two\n")
    tests = tmp_path / "tests.md"
    this = "`tests/e2e/test_scripts.py::test_rows_of_documents_have_tests`"
    case = f"`{IDS}::ids sort as text in the order in which they were made`"
    rows = f"{head}| one | {this}, {case} |\n| three | {this} |\n"

    def check(text: str) -> tuple[int, list[str]]:
        tests.write_text(text)
        done = run(sys.executable, SCRIPTS / "check_rows.py", page, tests)
        return done.returncode, done.stdout.splitlines()

    assert check(f"{rows}| an item of | {this} |\n") == (0, [])
    assert check(rows) == (1, ["no test is named for: an item of two"])
    assert check(
        f"{rows}| an item | `tests/gone.py::x`, `{IDS}::gone` |\n| none | {this} |\n"
        f"| one \\| three | test_x |\n"
    ) == (
        1,
        [
            "there is no file tests/gone.py",
            f"there is no test 'gone' in {IDS}",
            "0 rows or items begin with: none",
            "0 rows or items begin with: one \\| three",
            "'test_x' does not name tests as `FILE::NAME`, `FILE::NAME`",
        ],
    )


def test_the_example_project_finds_its_build_program() -> None:
    listed = run(SCRIPTS / "install-deps", "--list", "build").stdout.split()
    assert "make" in listed, listed

"""Checks that a document says nothing that no test shows: check_rows.py DOCUMENT MAP

Each row of a table and each item of a list in the document needs a row in the
map, a Markdown file with the table `| row | tests |`. Its first cell is how the
row or the item begins, with ` | ` between cells and without line ends; its second
one names the tests, each as `FILE::NAME` in backquotes. NAME is a test function of
Python or Scala, or a test case of C++.
"""

import re
import sys
from pathlib import Path

import find_test

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
ITEM = re.compile(r"^- (.*(?:\n  .*)*)", re.MULTILINE)
CELL = re.compile(r"(?<!\\)\|")
TEST = re.compile(r"`([^`:]+)::([^`]+)`")


def rows(text: str) -> list[str]:
    """The rows of all tables, without their headings."""
    found = []
    for table in TABLE.findall(text):
        for line in table.splitlines()[2:]:
            cells = [x.strip() for x in CELL.split(line.strip())[1:-1]]
            found.append(" | ".join(cells))
    return found


def statements(document: str) -> list[str]:
    """The rows of tables and the items of lists."""
    text = FENCE.sub("", document)
    return rows(text) + [" ".join(x.split()) for x in ITEM.findall(text)]


def map_of(text: str) -> dict[str, str]:
    """What the rows begin with, and the cells that name their tests."""
    found: dict[str, str] = {}
    for table in TABLE.findall(text):
        for line in table.splitlines()[2:]:
            begin, _, tests = line.strip().strip("|").rpartition("|")
            found[begin.strip()] = tests.strip()
    return found


def names_in(file: Path) -> list[str]:
    """The tests of a file."""
    if file.suffix == ".py":
        return find_test.functions_of(file)
    if file.suffix == ".cpp":
        return find_test.cases_of(file.read_text())
    return re.findall(r"@Test def (\w+)", file.read_text())


def wrong_tests(cell: str) -> list[str]:
    """What is wrong with a cell that names tests."""
    tests = TEST.findall(cell)
    if not tests or TEST.sub("", cell).strip(" ,"):
        return [f"'{cell}' does not name tests as `FILE::NAME`, `FILE::NAME`"]
    wrong = []
    for path, name in tests:
        file = find_test.ROOT / path
        if not file.is_file():
            wrong.append(f"there is no file {path}")
        elif name not in names_in(file):
            wrong.append(f"there is no test '{name}' in {path}")
    return wrong


def check(document: str, tests: dict[str, str]) -> list[str]:
    """What is wrong."""
    said = statements(document)
    wrong = []
    for statement in said:
        if not any(statement.startswith(x) for x in tests):
            wrong.append(f"no test is named for: {statement[:100]}")
    for begin, cell in tests.items():
        count = sum(x.startswith(begin) for x in said)
        if count != 1:
            wrong.append(f"{count} rows or items begin with: {begin}")
        wrong += wrong_tests(cell)
    return wrong


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    document, tests = (Path(x).read_text() for x in sys.argv[1:])
    wrong = check(document, map_of(tests))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Counts the tests of JUnit files: count_tests.py FILE...

Prints `PASSED FAILED SKIPPED`. An output of doctest in a file counts its test
cases in place of the one test that ctest saw.
"""

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

DOCTEST = re.compile(
    r"\[doctest\] test cases: +\d+ \| +(\d+) passed \| +(\d+) failed \| +(\d+) skipped"
)


def count(file: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped tests of one file."""
    passed = failed = skipped = 0
    for case in ET.parse(file).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        inner = DOCTEST.search(re.sub(r"\x1b\[[\d;]*m", "", output))
        broken = case.find("failure") is not None or case.find("error") is not None
        if inner:
            passed += int(inner[1])
            failed += max(int(inner[2]), int(broken))
        elif broken:
            failed += 1
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main() -> None:
    """Prints the sums."""
    sums = [0, 0, 0]
    for name in sys.argv[1:]:
        sums = [a + b for a, b in zip(sums, count(Path(name)), strict=True)]
    print(*sums)


if __name__ == "__main__":
    main()

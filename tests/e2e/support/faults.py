"""A server whose parts and steps fail when a test says so."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.hearthd import BINARY, Hearthd
from support.wait import until

PROGRAM = BINARY.with_name("hearthd-faulty")
"""The server, and what tests/apps/hearthd_faulty.cpp adds to it."""


@dataclass
class FaultyHearthd(Hearthd):
    """Obeys orders such as `kill store` while it runs."""

    faults: dict[str, str] = field(default_factory=dict)
    """What fails from the start on: `THROW` or `HANG` and the name of a step."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.orders = self.folder / "orders"
        if not self.orders.exists():
            os.mkfifo(self.orders)
        self.steps_file = self.folder / "steps"
        self.set_faults(self.faults)

    def set_faults(self, faults: dict[str, str]) -> None:
        """For the next start."""
        self.environment = {
            "HEARTH_FAULT_ORDERS": str(self.orders),
            "HEARTH_FAULT_STEPS": str(self.steps_file),
            **{f"HEARTH_FAULT_{kind}": step for kind, step in faults.items()},
        }

    def command(self) -> list[str]:
        """The command line that starts it."""
        line = super().command()[1:]
        if "spark.jobserver.port" in self.settings:
            line.remove("--port")
            line.remove("0")
        return [str(PROGRAM), *line]

    def order(self, *words: str) -> None:
        """One of kill, throw, block, break, mend; and the name of a part."""
        with self.orders.open("w") as fifo:
            fifo.write(" ".join(words) + "\n")

    def block(self, part: str) -> None:
        """Makes that part do nothing any more."""
        self.order("block", part)
        self.wait_for_log("a test blocks a part")

    def steps(self) -> Sequence[str]:
        """The names of the steps that it has begun so far."""
        return self.steps_file.read_text().splitlines()

    def wait_for_log(self, text: str, seconds: float = 10) -> None:
        """Returns once it has logged that."""
        until(lambda: text in self.log, f"the log says {text!r}", seconds)


def last_line(file: Path) -> str:
    """The last line of a log."""
    return file.read_text().rstrip().splitlines()[-1]

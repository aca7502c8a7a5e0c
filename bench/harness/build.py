"""What the programs of the harness are built by."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from .machine import progress

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HEARTH_BENCH_BUILD", REPOSITORY / "build/bench"))


def build(targets: str) -> None:
    """Brings these of build/bench up to date, and ends the program if that fails."""
    progress("building")
    flags = "-DHEARTH_BENCH=ON -DHEARTH_TESTS=OFF -DCMAKE_BUILD_TYPE=RelWithDebInfo"
    root, folder = str(REPOSITORY), str(BUILD)
    for command in (
        ["cmake", "-S", root, "-B", folder, "-G", "Ninja", *flags.split()],
        ["cmake", "--build", folder, "--target", *targets.split()],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")

"""A load at a given rate, some of which may be refused."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

from .build import BUILD
from .machine import progress


@dataclass(frozen=True)
class Outcome:
    """Of one load."""

    rate: float
    """Jobs done a second."""
    p99: float
    """Of these, ms."""
    refused: float
    """A second."""
    refused_p50: float
    refused_p99: float
    unsent: float
    """A second: for want of a connection that was free."""
    errors: int


def native_job(job: str) -> str:
    """The path of a sync one in the harness's context."""
    return f"/jobs?cp=examples&mainClass={job}&context=bench&sync=true"


def send(
    port: int, path: str, body: str, connections: int, seconds: float, rate: float
) -> Outcome:
    """Sends `rate` requests a second; 0: as many as are answered."""
    program = BUILD / "bench/programs/bench_load"
    line = [program, "overload", port, connections, seconds, path, rate, body]
    done = subprocess.run([str(x) for x in line], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    answered, refused, rest = map(json.loads, done.stdout.splitlines())
    took = answered["seconds"]
    if answered["errors"]:
        progress(done.stderr[:1000])
    return Outcome(
        answered["requests"] / took,
        answered["p99"] / 1000,
        refused["requests"] / took,
        refused["p50"] / 1000,
        refused["p99"] / 1000,
        rest["unsent"] / took,
        int(answered["errors"]),
    )

"""The servers that are run side by side, each ready to take requests."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.hearthd import Hearthd
from support.native import create, upload
from support.spark import Spark
from support.wait import until

WORKERS = 2
"""Of gearmand: one for each core, as the context of Hearth has threads."""

ENOUGH_SLOTS = 1024
"""Jobs that a context may run at once: more than there are connections."""


@dataclass(frozen=True)
class Contestant:
    """Something to send requests to."""

    name: str
    load: list[str]
    """Arguments of the program before and after connections and seconds."""
    tail: list[str]
    server: int
    """Process id."""
    helpers: list[int]
    """Process ids of what works for it."""
    program: str = "bench_load"
    """What sends the requests."""

    @property
    def pids(self) -> list[int]:
        """All its processes."""
        return [self.server, *self.helpers]


def send_load(
    build: Path, x: Contestant, connections: int, seconds: float
) -> dict[str, float]:
    """What the load says; ends the program if a request failed."""
    program = str(build / "bench/programs" / x.program)
    done = subprocess.run(
        [program, *x.load, str(connections), str(seconds), *x.tail],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(f"{x.name}: {done.stderr}")
    report: dict[str, float] = json.loads(done.stdout)
    if report["errors"]:
        raise SystemExit(f"{x.name}: {report['errors']} errors: {done.stderr[:2000]}")
    return report


@contextmanager
def process(*command: str, **options: object) -> Iterator[subprocess.Popen[str]]:
    """A process that is ended at the end."""
    child = subprocess.Popen(command, text=True, **options)  # type: ignore[call-overload]
    try:
        yield child
    finally:
        child.kill()
        child.wait()


@contextmanager
def bare(build: Path) -> Iterator[list[Contestant]]:
    """A RESTinio handler that does nothing."""
    program = build / "bench/programs/bench_bare"
    with process(str(program), stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        yield [
            Contestant("bare RESTinio", ["http", port], ["/", "200"], server.pid, [])
        ]


@contextmanager
def hearth(
    build: Path,
    folder: Path,
    settings: Mapping[str, object] | None = None,
    slots: int = ENOUGH_SLOTS,
) -> Iterator[list[Contestant]]:
    """A native context with an empty job, sync and async."""
    server = Hearthd(Spark(folder / "no-spark"), folder, settings or {}).start()
    try:
        upload(server.client, "examples", build / "hearth-examples-native.so")
        create(
            server.client,
            "bench",
            "examples",
            **{"max-jobs-per-context": slots},
        )
        assert server.process is not None
        agents = [p.pid for p in server.drivers()]
        target = ["http", str(server.port)]
        path = "/jobs?cp=examples&mainClass=empty&context=bench"
        yield [
            Contestant(name, target, tail, server.process.pid, agents)
            for name, tail in (
                ("Hearth, sync job", [f"{path}&sync=true", "200"]),
                ("Hearth, async submit", [path, "202"]),
            )
        ]
        server.stop()
    finally:
        server.clean_up()


def spark_jobs(server: Hearthd, context: str, job: str) -> Contestant:
    """Sync requests for this one of the example jobs, uploaded as `examples`."""
    assert server.process is not None
    path = f"/jobs?cp=examples&mainClass=spark.jobserver.{job}"
    path += f"&context={context}&sync=true"
    target = ["http", str(server.port)]
    return Contestant(job, target, [path, "200"], server.process.pid, [])


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def gearmand(build: Path, folder: Path) -> Iterator[list[Contestant]]:
    """gearmand, which stores nothing, with workers in C."""
    port = free_port()
    line = ["gearmand", "--listen=127.0.0.1", f"--port={port}", "--backlog=1024"]
    line.append(f"--log-file={folder / 'gearmand.log'}")
    worker = str(build / "bench/programs/bench_gearman_worker")
    with process(*line) as server:
        until(lambda: listens(port), "gearmand listens")
        with process(worker, str(port)) as one, process(worker, str(port)) as two:
            workers = [one.pid, two.pid]
            yield [
                Contestant(
                    "gearmand, submit and wait",
                    [str(port)],
                    ["nothing"],
                    server.pid,
                    workers,
                    "bench_gearman_client",
                ),
                Contestant(
                    "gearmand, protocol alone",
                    ["gearman", str(port)],
                    ["nothing"],
                    server.pid,
                    workers,
                ),
            ]

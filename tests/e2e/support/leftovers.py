"""What contexts that came and went have left behind."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.client import Client
from support.hearthd import Hearthd
from support.wait import until

LOG = {"driver.log"}


@dataclass(frozen=True)
class Leftovers:
    """Of a server that has no context now."""

    processes: int
    threads: int
    descriptors: int
    files: int
    """In the folders of contexts, but for their logs."""
    actors: int


def leftovers(server: Hearthd) -> Leftovers:
    """Looks at a server whose contexts are all stopped."""
    assert server.process is not None
    proc = Path("/proc") / str(server.process.pid)
    folders = (server.data / "contexts").iterdir()
    left = [file for folder in folders for file in folder.iterdir()]
    return Leftovers(
        len(server.drivers()),
        len(list((proc / "task").iterdir())),
        len(list((proc / "fd").iterdir())),
        len([file for file in left if file.name not in LOG]),
        len(server.client.get("/admin/actors").json()),
    )


def native_cycle(client: Client) -> None:
    """Creates and deletes a context of the cheapest kind."""
    client.create_context("cycle", {"context-factory": "hearth.native"}).stop()


def spark_cycle(client: Client) -> None:
    """Creates and deletes a Spark context."""
    client.create_context("cycle").stop()


def cycle(
    server: Hearthd, one: Callable[[Client], None], count: int, warm_up: int
) -> tuple[Leftovers, Leftovers]:
    """What is there after `warm_up` cycles, and after `count` more of them. The
    second is given some time to be no more than the first.
    """
    for _ in range(warm_up):
        one(server.client)
    until(lambda: not server.drivers(), "the processes of the warm-up are gone")
    before = leftovers(server)
    for _ in range(count):
        one(server.client)

    seen = [before]

    def settled() -> bool:
        # The connection of the last request is closed some time after it.
        seen.append(leftovers(server))
        return all(vars(seen[-1])[k] <= v for k, v in vars(before).items())

    with contextlib.suppress(AssertionError):
        until(settled, "nothing is left", 10)
    return before, seen[-1]

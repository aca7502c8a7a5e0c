"""Contexts that come and go leave nothing but their logs; bench/context_cycles
does the same with a thousand.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import StartHearthd
from support.client import Client
from support.hearthd import Hearthd
from support.leftovers import cycle, native_cycle, spark_cycle
from support.spark import Spark
from support.wait import until


@pytest.mark.parametrize(
    ("one", "count", "warm_up"),
    [(native_cycle, 30, 3), (spark_cycle, 2, 1)],
    ids=["native", "spark"],
)
def test_nothing_is_left(
    start_hearthd: StartHearthd,
    default_spark: Spark,
    one: Callable[[Client], None],
    count: int,
    warm_up: int,
) -> None:
    server = start_hearthd(default_spark)
    before, after = cycle(server, one, count, warm_up)
    assert after.processes == 0
    assert after.files == 0
    assert after.threads <= before.threads
    assert after.descriptors <= before.descriptors
    assert after.actors <= before.actors


def test_logs_go_with_their_contexts(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """At the start, and every minute, what is due is forgotten."""
    server = start_hearthd(default_spark)
    native_cycle(server.client)
    folders = server.data / "contexts"
    assert [file.name for file in folders.glob("*/*")] == ["driver.log"]
    server.stop()
    again = Hearthd(
        default_spark, server.folder, settings={"hearth.jobs.retain": "1ms"}
    ).start()
    try:
        until(lambda: not list(folders.iterdir()), "the folder is gone", 30)
        assert again.client.get("/contexts/cycle").status == 404
        again.stop()
    finally:
        again.clean_up()

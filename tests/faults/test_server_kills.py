"""kill -9 of the server, at any moment of it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from stage import Stage
from support.servers import StartHearthd
from support.spark import Spark
from support.wait import pause
from workload import Workload


def test_kills_of_the_server_lose_nothing(
    request: pytest.FixtureRequest,
    start_hearthd: StartHearthd,
    default_spark: Spark,
    mark_jar: Path,
    moments: random.Random,
    tmp_path: Path,
) -> None:
    """What was accepted ends with its result, once; contexts stay as they are."""
    stage = Stage(
        start_hearthd(default_spark, settings={"hearth.recovery-timeout": "60s"})
    )
    stage.add_native("plain", 5, max_jobs_per_context=16)
    stage.add_native("narrow", 5, max_jobs_per_context=2, max_queue=50)
    stage.add_spark("spark", mark_jar, 1, max_jobs_per_context=4)
    before = stage.identity()
    work = Workload(stage.server, stage.targets, moments, tmp_path / "marks")
    kills = request.config.getoption("--kills")
    with work:
        done = 0
        while done < kills:
            work.wait_for_answers(moments.randrange(60))
            pause(moments.uniform(0, 0.03))
            stage.server.kill()
            done += 1
            while done < kills and moments.random() < 0.25:
                # As it starts, or takes over what it finds.
                stage.server.launch()
                pause(moments.uniform(0, 0.3))
                stage.server.kill()
                done += 1
            stage.start_again()
        stage.wait_until_settled()
    assert stage.identity() == before
    found = work.check()
    assert set(work.statuses) <= {200, 202, 503}, work.statuses
    print(f"\n{done} kills: {dict(found)}; {dict(work.statuses)}; {stage.summary()}")
    stage.expect_nothing_left()

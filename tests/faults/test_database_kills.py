"""kill -9 of PostgreSQL."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from stage import Stage
from support.postgresql import Postgresql
from support.servers import StartHearthd
from support.spark import Spark
from support.wait import pause, until
from workload import Workload


def test_kills_of_the_database_lose_nothing(
    request: pytest.FixtureRequest,
    start_hearthd: StartHearthd,
    default_spark: Spark,
    mark_jar: Path,
    moments: random.Random,
    tmp_path: Path,
) -> None:
    """Requests get 503 meanwhile, what was accepted ends with its result, once;
    contexts do not notice.
    """
    with Postgresql() as database:
        stage = Stage(
            start_hearthd(default_spark, config=f'hearth.store.url = "{database.url}"')
        )
        stage.add_native("plain", 5, max_jobs_per_context=16)
        stage.add_native("narrow", 5, max_jobs_per_context=2, max_queue=50)
        stage.add_spark("spark", mark_jar, 1, max_jobs_per_context=4)
        before = stage.identity()
        client = stage.server.client
        work = Workload(stage.server, stage.targets, moments, tmp_path / "marks")
        kills = request.config.getoption("--database-kills")
        with work:
            for _ in range(kills):
                work.wait_for_answers(moments.randrange(60))
                pause(moments.uniform(0, 0.03))
                database.kill()
                pause(moments.uniform(0, 0.5))
                database.start()
                until(lambda: client.get("/jobs").status == 200, "it is back", 60)
            stage.wait_until_settled()
        assert stage.identity() == before
        found = work.check()
        assert set(work.statuses) <= {200, 202, 503}, work.statuses
        print(f"\n{kills} kills: {dict(found)}; {dict(work.statuses)}")
        assert database.query("SELECT COUNT(*) FROM jobs WHERE state < 4") == "0"
        assert database.query("SELECT COUNT(*) FROM job_queue") == "0"
        stage.expect_nothing_left()

"""A configuration file of Spark Job Server, taken as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import StartHearthd
from support.client import Client
from support.hearthd import Hearthd
from support.spark import Spark
from support.wait import until

TEMPLATE = Path(__file__).parent / "support/sjs.conf"
SESSION = "spark.jobserver.context.SessionContextFactory"

WITHOUT_MEANING = [
    "spark.submit",
    "spark.webUrlPort",
    "spark.jobserver.daorootdir",
    "spark.jobserver.binarydao",
    "spark.jobserver.metadatadao",
    "spark.jobserver.sqldao",
    "spark.jobserver.datadao",
    "spark.jobserver.result-chunk-size",
    "spark.jobserver.job-result-cache-size",
    "spark.jobserver.context-lookup-timeout",
    "spark.jobserver.forked-jvm-init-timeout",
    "spark.jobserver.dao-timeout",
    "spark.jobserver.short-timeout",
    "spark.jobserver.driver-mode",
    "spark.jobserver.network-address-resolver",
    "spark.jobserver.kill-context-on-supervisor-down",
    "spark.jobserver.python",
    "spark.jobserver.job-bin-paths",
    "spark.jobserver.ha",
    "akka",
    "access-control",
    "flyway",
    "deploy",
]


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    text = TEMPLATE.read_text().replace("{spark_home}", str(default_spark.home))
    server = start_shared_hearthd(default_spark, config=text)
    server.client.upload("examples", default_spark.examples)
    return server


@pytest.mark.parametrize("key", WITHOUT_MEANING)
def test_a_key_without_meaning_is_a_warning_that_names_it(
    hearthd: Hearthd, key: str
) -> None:
    lines = [x for x in hearthd.log.splitlines() if f": {key} has no meaning" in x]
    assert len(lines) == 1
    assert " warning " in lines[0] or " warn " in lines[0]


def test_nothing_else_is_warned_of(hearthd: Hearthd) -> None:
    said = [x for x in hearthd.log.splitlines() if "has no meaning" in x]
    assert len(said) == len(WITHOUT_MEANING)


def test_its_contexts_run_with_its_settings(hearthd: Hearthd) -> None:
    client = hearthd.client
    until(
        lambda: (
            client.contexts() == ["sql-context-1"]
            and client.get("/contexts/sql-context-1").json()["state"] == "RUNNING"
        ),
        "the context of the file runs",
        90,
    )
    assert setting(client, "sql-context-1", "spark.executor.memory") == "600m"
    assert setting(client, "sql-context-1", "spark.cores.max") == "1"
    assert setting(client, "sql-context-1", "spark.sql.shuffle.partitions") == "11"
    assert setting(client, "sql-context-1", "spark.speculation") == "true"
    assert setting(client, "sql-context-1", "spark.speculation.interval") == "250ms"
    key = "spark.hadoop.mapreduce.framework.name"
    assert setting(client, "sql-context-1", key) == "Foo"


def test_the_body_wins_over_the_query_and_both_over_the_file(
    hearthd: Hearthd,
) -> None:
    context = hearthd.client.create_context(
        "asked",
        {
            "context-factory": SESSION,
            "mem-per-node": "700m",
            "spark.sql.session.timeZone": "Europe/Paris",
            "spark.sql.caseSensitive": "false",
        },
        "spark.context-settings { spark.sql.session.timeZone = UTC }",
    )
    client = hearthd.client
    assert setting(client, "asked", "spark.sql.session.timeZone") == "UTC"
    assert setting(client, "asked", "spark.sql.caseSensitive") == "false"
    assert setting(client, "asked", "spark.sql.shuffle.partitions") == "11"
    context.stop()


def test_its_limit_of_jobs_counts(hearthd: Hearthd) -> None:
    context = hearthd.client.create_context("busy")
    jobs = [
        context.submit("SleepJob", {"sleep": {"time": {"millis": 600_000}}})
        for _ in range(3)
    ]
    assert context.start("SleepJob").status == 503
    for job in jobs:
        job.kill()
    context.stop()


def setting(client: Client, context: str, key: str) -> object:
    """The value that Spark itself has for a key."""
    ((_, value),) = client.run(
        "SessionSqlJob", {"sql": f"set {key}"}, context=context, timeout=80
    )
    return value

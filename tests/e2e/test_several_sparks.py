"""Several Spark distributions on one server; a context says which it wants."""

import pytest

from conftest import SPARKS, StartHearthd
from support.hearthd import Hearthd


@pytest.fixture(scope="module")
def both(start_shared_hearthd: StartHearthd) -> Hearthd:
    """A server that knows every Spark there is; the last is its default."""
    homes = {f'hearth.spark.homes."s{i}"': x.home for i, x in enumerate(SPARKS)}
    default = {"hearth.spark.default": f"s{len(SPARKS) - 1}"}
    return start_shared_hearthd(SPARKS[0], settings={**homes, **default})


def test_each_context_runs_the_spark_that_it_asked_for(both: Hearthd) -> None:
    wanted = {f"by-name-{i}": f"s{i}" for i in range(len(SPARKS))}
    wanted["by-version"] = SPARKS[0].version
    for name, version in wanted.items():
        both.client.create_context(name, {"spark.version": version})
    both.client.create_context("by-default")

    def runs(name: str) -> str:
        version: str = both.client.get(f"/contexts/{name}").json()["sparkVersion"]
        return version

    for i, spark in enumerate(SPARKS):
        assert runs(f"by-name-{i}") == spark.version
    assert runs("by-version") == SPARKS[0].version
    assert runs("by-default") == SPARKS[-1].version
    for name in both.client.contexts():
        shown = runs(name)
        both.client.delete(f"/contexts/{name}")
        assert runs(name) == shown, "also after its end"


def test_a_spark_that_is_not_there_is_refused_with_those_that_are(
    both: Hearthd,
) -> None:
    answer = both.client.post("/contexts/wrong", **{"spark.version": "2.4"})
    assert answer.status == 400
    assert "there is no Spark 2.4 here" in answer.text
    assert f"s0 ({SPARKS[0].version})" in answer.text
    both.expect_no_drivers()

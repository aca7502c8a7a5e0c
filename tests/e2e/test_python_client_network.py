"""The Python client where answers get lost, and how many requests it sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import StartHearthd
from hearth_client import Client, Context, Retries, Unreachable
from support.hearthd import Hearthd
from support.lossy import LossyNetwork
from support.python_client import PYTHON, running, shop, url_of
from support.spark import Spark


@pytest.fixture(scope="module")
def hearthd(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    return start_shared_hearthd(default_spark)


@pytest.fixture(scope="module")
def warm(
    hearthd: Hearthd, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Context]:
    """A context for all tests, of a client with a good network."""
    with (
        Client(url_of(hearthd)) as client,
        shop(client, tmp_path_factory.mktemp("wheel"), workers=2) as ctx,
    ):
        yield ctx


@pytest.fixture
def network(hearthd: Hearthd) -> Iterator[LossyNetwork]:
    with LossyNetwork(hearthd.port) as network:
        yield network


@pytest.fixture
def client(network: LossyNetwork) -> Iterator[Client]:
    with Client(f"http://127.0.0.1:{network.port}") as client:
        assert client.healthy()
        yield client


@pytest.fixture
def ctx(client: Client, warm: Context) -> Context:
    return client.context("shop", binaries="shop")


def test_no_job_runs_twice(ctx: Context, client: Client, network: LossyNetwork) -> None:
    before = len(list(client.jobs(main_class="shop.Count")))
    for _ in range(3):
        network.lose_answer("POST /jobs")
    job = ctx.submit("shop.Count")
    assert network.count("POST /jobs") == 4
    assert isinstance(job.result(60)[1], int)
    assert len(list(client.jobs(main_class="shop.Count"))) == before + 1


def test_a_key_of_ones_own(ctx: Context) -> None:
    first = ctx.submit("shop.Count", key="order-17")
    assert ctx.submit("shop.Count", key="order-17") == first
    assert ctx.submit("shop.Count") != first


def test_without_a_key_nothing_is_sent_again(
    ctx: Context, network: LossyNetwork
) -> None:
    network.lose_answer("POST /jobs")
    with pytest.raises(Unreachable, match="the connection was lost"):
        ctx.options(key=False).submit("shop.Count")
    assert network.count("POST /jobs") == 1


def test_answers_of_all_kinds_may_get_lost(
    client: Client, ctx: Context, network: LossyNetwork
) -> None:
    network.lose_answer("POST /contexts/lost")
    lost = client.context("lost", kind="python", settings=PYTHON)
    assert lost.start()  # it has, although the first answer was not seen
    job = running(ctx.submit("shop.Waits"))
    network.lose_answer("DELETE /jobs/")
    assert job.cancel()
    network.lose_answer("GET /jobs/")
    assert job.status() == "KILLED"
    network.lose_answer("GET /contexts")
    assert "lost" in [x.name for x in client.contexts()]
    lost.stop()


def test_a_watch_survives_a_lost_connection(
    ctx: Context, network: LossyNetwork
) -> None:
    job = ctx.submit("shop.Waits", {"seconds": 1})
    network.lose_answer(f"GET /jobs/{job.id}")
    assert job.result(60) is False
    assert network.count(f"GET /jobs/{job.id}") >= 2


@pytest.mark.parametrize(("seconds", "least"), [(0, 1), (4, 2)])
def test_patience_ends(network: LossyNetwork, seconds: float, least: int) -> None:
    url = f"http://127.0.0.1:{network.port}"
    with Client(url, retries=Retries(seconds=seconds)) as client:
        assert client.healthy()
        for _ in range(100):
            network.lose_answer("GET /contexts")
        with pytest.raises(Unreachable, match="the connection was lost"):
            client.contexts()
        assert network.count("GET /contexts") >= least
        if seconds == 0:
            assert network.count("GET /contexts") == 1


def test_one_job_is_one_request(ctx: Context, network: LossyNetwork) -> None:
    job = ctx.submit("shop.Waits", {"seconds": 2})
    assert job.result(60) is False
    assert network.count("GET /jobs") == 1


def test_many_jobs_have_one_watch(
    client: Client, ctx: Context, network: LossyNetwork, tmp_path: Path
) -> None:
    """All wait in the queue behind two that take a second."""
    queue = ctx.options(queue=True)
    slow = [queue.submit("shop.Waits", {"seconds": 1}) for _ in range(8)]
    quick = [queue.submit("shop.Count") for _ in range(60)]
    assert len(client.gather([*slow, *quick], timeout=120)) == 68
    # A report of each job, and what the watch itself has asked.
    polls = network.count(r"GET /jobs/[-\w]+\?wait=")
    reports = network.count(r"GET /jobs/[-\w]+ ")
    lists = network.count(r"GET /jobs\?")
    assert reports <= 68
    assert polls <= 68
    assert polls + reports <= 80
    assert lists <= 3 * 4 * 20

"""What the server has told one client, it shows to every other at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.client import Client, Context
from support.hearthd import Hearthd

CLIENTS = 8
JOBS = 1000


@pytest.fixture(scope="module")
def busy(server: Client) -> Context:
    """A context with room for all."""
    return server.create_context("busy", {"max-jobs-per-context": 1000})


def one_client(port: int, sync: bool) -> int:
    """Its share of the jobs; returns how many."""
    rounds = JOBS // CLIENTS
    with Client(port, keep_alive=True) as client:
        context = Context(client, "busy")
        for _ in range(rounds):
            answer = context.start("HelloJob", sync=sync)
            assert answer.status == (200 if sync else 202), answer.text
            job = client.job(answer.json()["jobId"])
            report = job.report()
            if sync:
                assert report["status"] == "FINISHED"
                assert report["result"] == "Hello"
            else:
                assert report["status"] in ("STARTED", "RUNNING", "FINISHED")
                assert job.result() == "Hello"
    return rounds


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
def test_get_right_after_the_answer(
    hearthd: Hearthd, busy: Context, sync: bool
) -> None:
    with ThreadPoolExecutor(CLIENTS) as pool:
        shares = [pool.submit(one_client, hearthd.port, sync) for _ in range(CLIENTS)]
        assert sum(share.result() for share in shares) == JOBS


def test_kill_right_after_the_answer(busy: Context) -> None:
    for _ in range(20):
        job = busy.submit("SleepJob", {"sleep": {"time": {"millis": 60000}}})
        assert job.kill().json() == {"status": "KILLED"}
        assert job.status == "KILLED"


def test_delete_then_create(server: Client) -> None:
    """The name is free when the delete has answered."""
    for _ in range(2):
        context = server.create_context("again")
        context.stop()
        assert "again" not in server.contexts()
        assert context.state == "FINISHED"

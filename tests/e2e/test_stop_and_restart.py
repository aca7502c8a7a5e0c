"""Stopping in order, and what a server finds when it comes back."""

import signal
import socket
import threading
import time

import pytest

from conftest import StartHearthd
from support.client import Answer, Client, Context
from support.hearthd import Hearthd
from support.spark import Spark
from support.wait import until


def with_context(server: Hearthd, name: str = "held") -> Context:
    """A context in a server that has the examples."""
    server.client.upload("examples", server.spark.examples)
    return server.client.create_context(name)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_stop_answers_what_is_under_way(
    start_hearthd: StartHearthd, default_spark: Spark, sign: int
) -> None:
    server = start_hearthd(default_spark)
    context = with_context(server)
    idle = Client(server.port, keep_alive=True)
    assert idle.get("/healthz").status == 200  # and stays open
    answers: list[Answer] = []
    waiting = threading.Thread(
        target=lambda: answers.append(
            context.start("SleepJob", {"sleep": {"time": {"millis": 2000}}}, sync=True)
        )
    )
    waiting.start()
    until(lambda: server.client.get("/jobs", status="running").json(), "the job runs")

    server.terminate(sign)
    refused = until(lambda: refuses(server.port), "it takes no new connections", 5)
    assert refused
    waiting.join(15)
    assert answers, "the request under way was not answered"
    assert answers[0].status == 200
    assert answers[0].json()["result"] == 2000
    assert server.wait(20) == 0
    server.expect_no_drivers()


def refuses(port: int) -> bool:
    """Whether nobody accepts connections there any more."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return True
    return False


def test_stop_is_bounded(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    """A job that does not listen to interruptions does not keep a server alive."""
    server = start_hearthd(default_spark, settings={"hearth.shutdown-timeout": "3s"})
    context = with_context(server)
    job = context.submit("UninterruptibleJob", {"duration": 120000})
    job.wait_running()
    server.terminate()
    begun = time.monotonic()
    assert server.wait(15) == 0
    assert time.monotonic() - begun < 12
    server.expect_no_drivers()
    server.start()
    report = server.client.job(job.id).report()
    assert report["status"] in ("ERROR", "KILLED")
    assert report["result"]["message"]


def test_stop_while_a_context_starts(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark)
    creating = threading.Thread(
        target=lambda: Client(server.port).post("/contexts/late")
    )
    creating.start()
    until(lambda: server.client.get("/contexts/late").status == 200, "it is known")
    server.stop()
    creating.join(5)
    assert not creating.is_alive()


def test_everything_is_there_after_a_restart(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark)
    context = with_context(server)
    job = context.submit("WordCountExample", {"input": {"string": "a b a"}})
    job.result()
    failed = context.submit("MyErrorJob")
    failed.wait()
    before = (
        [job.report(), failed.report()],
        server.client.get(f"/jobs/{job.id}/config").json(),
        server.client.get("/jobs").json(),
        server.client.get("/binaries").json(),
    )
    server.stop()

    server.start()
    client = server.client
    after = (
        [client.job(job.id).report(), client.job(failed.id).report()],
        client.get(f"/jobs/{job.id}/config").json(),
        client.get("/jobs").json(),
        client.get("/binaries").json(),
    )
    assert after == before
    assert client.contexts() == []
    assert client.get("/contexts/held").json()["state"] == "FINISHED"
    again = client.create_context("held")
    assert again.run("VeryShortDoubleJob") == [2, 4, 6]


def test_driver_without_a_server_ends_itself(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(
        default_spark, settings={"hearth.agent.orphan-timeout": "2s"}
    )
    with_context(server)
    assert server.drivers()
    server.kill()
    server.expect_no_drivers(15)


def test_two_servers_on_one_folder(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """The second says so and ends, or neither harms the other's data."""
    first = start_hearthd(default_spark)
    second = Hearthd(default_spark, first.folder / "second")
    second.data = first.data
    try:
        with pytest.raises(AssertionError, match="exited with"):
            second.start()
        assert str(first.data) in second.log
    finally:
        if second.running:
            second.kill()
        Hearthd.started.remove(second)
    assert first.client.get("/healthz").status == 200

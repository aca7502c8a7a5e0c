"""Creating, showing and ending contexts (they that cannot start: another file)."""

import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

from support.client import Client, Context
from support.hearthd import Hearthd
from support.wait import until

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_info(context: Context) -> None:
    info = context.info()
    uuid.UUID(info["id"])
    assert info["name"] == "shared"
    assert info["state"] == "RUNNING"
    assert TIMESTAMP.fullmatch(info["startTime"])
    assert info["endTime"] == "Empty"
    assert info["applicationId"].startswith("local-")
    assert context.client.contexts() == ["shared"]


def test_unknown(server: Client) -> None:
    shown = server.get("/contexts/nope")
    assert shown.status == 404
    assert shown.json() == {
        "status": "ERROR",
        "result": "can't find context with name nope",
    }
    deleted = server.delete("/contexts/nope")
    assert deleted.status == 404
    assert deleted.json() == {"status": "ERROR", "result": "context nope not found"}


def test_bad_name(server: Client) -> None:
    for name in ("1abc", "_x", "%20x"):
        answer = server.post(f"/contexts/{name}")
        assert answer.status == 400
        assert answer.json()["result"] == "context name must start with letters"
    assert server.post("/contexts").status in (404, 405)


def test_duplicate(context: Context) -> None:
    answer = context.client.post("/contexts/shared")
    assert answer.status == 400
    assert answer.json() == {"status": "ERROR", "result": "context shared exists"}


def test_body_that_does_not_parse(server: Client) -> None:
    answer = server.post("/contexts/broken", "a { b")
    assert answer.status == 400
    assert re.search(r"\d+:\d+", answer.json()["result"])
    assert server.get("/contexts/broken").status == 404


def test_settings_of_the_body_win(server: Client) -> None:
    context = server.create_context(
        "configured",
        {"num-cpu-cores": 1, "max-jobs-per-context": 1},
        "spark.context-settings { max-jobs-per-context = 2, memory-per-node = 600m }",
    )
    sleep = {"sleep": {"time": {"millis": 60000}}}
    for _ in range(2):
        context.submit("SleepJob", sleep)
    answer = context.start("SleepJob", sleep)
    assert answer.status == 503
    assert answer.json()["result"].startswith("Too many running jobs (2)")
    context.stop()


def test_stop(server: Client) -> None:
    context = server.create_context("short-lived")
    answer = server.delete("/contexts/short-lived")
    assert (answer.status, answer.json()) == (
        200,
        {"status": "SUCCESS", "result": "Context stopped"},
    )
    info = context.info()
    assert info["state"] == "FINISHED"
    assert TIMESTAMP.fullmatch(info["endTime"])
    assert server.delete("/contexts/short-lived").status == 404
    answer = context.start("VeryShortDoubleJob")
    assert answer.status == 404
    assert answer.json()["result"] == "context short-lived not found"


def test_two_clients_create_the_same(server: Client) -> None:
    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(lambda _: server_post(server, "/contexts/one"), "ab"))
    assert sorted(statuses) == [200, 400]
    server.delete("/contexts/one")


def server_post(server: Client, path: str) -> int:
    """The status of a POST on a connection of its own."""
    return Client(server.port).post(path).status


def test_stopped_while_it_starts(hearthd: Hearthd) -> None:
    server = hearthd.client
    statuses: list[int] = []
    creating = threading.Thread(
        target=lambda: statuses.append(server_post(server, "/contexts/unwanted"))
    )
    creating.start()
    until(
        lambda: server.get("/contexts/unwanted").status == 200, "the context is known"
    )
    assert server.delete("/contexts/unwanted").status in (200, 202)
    creating.join(30)
    assert statuses, "the creation still waits"
    assert statuses[0] != 200
    until(
        lambda: not [d for d in hearthd.drivers() if "unwanted" in d.command],
        "it is gone",
    )
    assert "unwanted" not in server.contexts()


def test_session_context(server: Client) -> None:
    context = server.create_context(
        "session",
        {
            "context-factory": "spark.jobserver.context.SessionContextFactory",
            "spark.session.hive.enabled": False,
        },
    )
    assert context.run("SessionSqlJob", {"sql": "select 1 + 1"}) == [[2]]
    answer = context.start("VeryShortDoubleJob")
    assert answer.status == 400
    assert answer.json()["result"] == "Invalid job type for this context"
    context.stop()


def test_passthrough_and_spark_settings_reach_spark(server: Client) -> None:
    context = server.create_context(
        "session2",
        {"context-factory": "spark.jobserver.context.SessionContextFactory"},
        "spark.context-settings {\n"
        "  spark.sql.shuffle.partitions = 7\n"
        "  passthrough { spark.sql.session.timeZone = UTC }\n"
        "  hadoop { some.key = value }\n"
        "}",
    )
    rows = context.run("SessionSqlJob", {"sql": "set spark.sql.shuffle.partitions"})
    assert rows == [["spark.sql.shuffle.partitions", "7"]]
    rows = context.run("SessionSqlJob", {"sql": "select current_timezone()"})
    assert rows == [["UTC"]]
    context.stop()


def test_reset(server: Client) -> None:
    for query, status in (("", 404), ("?reset=x", 400)):
        answer = server.request("PUT", f"/contexts{query}")
        assert answer.status == status
        assert "reset" in answer.json()["result"]
    server.create_context("before-reset")
    answer = server.request("PUT", "/contexts?reset=reboot")
    assert (answer.status, answer.json()) == (
        200,
        {"status": "SUCCESS", "result": "Context reset"},
    )
    assert server.contexts() == []

"""Contexts that start fast: archives of classes, warm spares."""

import json
import os
import signal
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from conftest import StartHearthd
from support.hearthd import Hearthd
from support.spark import Spark, StandaloneCluster
from support.wait import until


def spares(server: Hearthd) -> str:
    """What the server says of its spares."""
    actors: list[dict[str, Any]] = server.client.get("/admin/actors").json()
    # None while it is too busy to answer.
    return str(next((a["state"] for a in actors if a["name"] == "drivers"), ""))


def wait_warm(server: Hearthd, pids: tuple[int, ...] = ()) -> int:
    """The process of the warm spare, once there is one that is none of `pids`."""

    def look() -> int:
        if not spares(server).startswith("1 of 1"):
            return 0
        found = [p.pid for p in server.drivers() if "--spare" in p.command]
        return next((p for p in found if p not in pids), 0)

    return until(look, "a spare is warm", 90)


def log_of(server: Hearthd, name: str) -> Path:
    """The log of a context's driver."""
    identity = server.client.get(f"/contexts/{name}").json()["id"]
    return Path(server.data / "contexts" / identity / "driver.log")


def environment(info: dict[str, Any]) -> dict[str, str]:
    """The properties of a context's Spark, from its user interface."""
    url = f"{info['url']}/api/v1/applications/{info['applicationId']}/environment"
    with urlopen(url, timeout=30) as answer:
        found: dict[str, str] = dict(json.load(answer)["sparkProperties"])
    return found


def arguments(pid: int) -> list[str]:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


@pytest.fixture(scope="module")
def warm(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server that keeps one spare."""
    server = start_shared_hearthd(
        default_spark, settings={"hearth.spark.warm-spares": 1}
    )
    server.client.upload("examples", default_spark.examples)
    return server


def test_a_warm_spare_becomes_the_context_and_is_replaced(warm: Hearthd) -> None:
    spare = wait_warm(warm)
    context = warm.client.create_context("first")
    warm.wait_until_it_says("context first: takes a warm spare")
    log = log_of(warm, "first")
    assert "Running Spark version" in log.read_text()
    assert Path(f"/proc/{spare}/cwd").resolve() == log.parent.resolve()
    assert context.run("WordCountExample", "input.string = a b a") == {
        "a": 2,
        "b": 1,
    }
    wait_warm(warm, (spare,))
    context.stop()
    until(lambda: not Path(f"/proc/{spare}").exists(), "its process is gone")
    assert not [x for x in (warm.data / "spares").iterdir() if x.is_symlink()]


def test_what_does_not_fit_starts_cold(warm: Hearthd) -> None:
    spare = wait_warm(warm)
    context = warm.client.create_context("large", {"spark.driver.memory": "600m"})
    assert "context large: takes a warm spare" not in warm.log
    assert wait_warm(warm) == spare
    context.stop()


def test_nothing_of_the_rehearsal_is_left(warm: Hearthd) -> None:
    settings = {
        "spark.ui.enabled": "true",
        "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
        "spark.sql.shuffle.partitions": "3",
        "spark.executorEnv.COLOUR": "green",
        "spark.master": "local[2]",
    }
    # What Spark SQL and Hive keep in files.
    of_its_folder = {
        "spark.sql.warehouse.dir",
        "spark.hadoop.javax.jdo.option.ConnectionURL",
    }
    looks = []
    for name in ("taken", "cold"):
        cold = {"spark.driver.memory": "600m"} if name == "cold" else {}
        wait_warm(warm)
        context = warm.client.create_context(name, {**settings, **cold})
        taken = f"context {name}: takes a warm spare" in warm.log
        assert taken == (name == "taken")
        looks.append(environment(context.info()))
        folder = str(log_of(warm, name).parent)
        for key in of_its_folder:
            assert folder in looks[-1][key]
        context.stop()
    taken_conf, cold_conf = looks
    for key, value in settings.items():
        assert taken_conf[key] == value
    assert taken_conf["spark.app.name"] == "taken"
    # What is another in each process, and the difference that was asked for.
    own = of_its_folder | {"spark.app.id", "spark.app.name", "spark.app.startTime"}
    own |= {"spark.app.submitTime", "spark.driver.port", "spark.driver.memory"}
    own |= {"spark.app.initial.jar.urls", "spark.repl.class.uri"}
    plugin = "org.apache.spark.hearth.VersionPlugin"
    own |= {f"spark.plugins.internal.conf.{plugin}.source"}  # the driver's port
    different = {
        key
        for key in taken_conf.keys() | cold_conf.keys()
        if taken_conf.get(key) != cold_conf.get(key)
    }
    assert different <= own


def test_a_spare_that_dies_is_replaced(warm: Hearthd) -> None:
    spare = wait_warm(warm)
    os.kill(spare, signal.SIGKILL)
    wait_warm(warm, (spare,))


def test_spares_end_with_the_server(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark, settings={"hearth.spark.warm-spares": 1})
    wait_warm(server)
    server.stop()
    assert list((server.data / "spares").iterdir()) == []
    server.start()
    wait_warm(server)
    server.kill()
    server.expect_no_drivers()


def test_an_archive_is_made_once_and_used(
    start_hearthd: StartHearthd, spark: Spark
) -> None:
    server = start_hearthd(spark, settings={"hearth.spark.class-archive": "on"})
    folder = server.data / "cds"
    until(lambda: list(folder.glob("*.jsa")), "an archive is there", 150)
    (archive,) = folder.iterdir()
    context = server.client.create_context("fast")
    option = f"-XX:SharedArchiveFile={archive}"
    assert option in arguments(server.driver().pid)
    mapped = Path(f"/proc/{server.driver().pid}/maps").read_text()
    assert str(archive) in mapped, "the JVM has taken it"
    assert "[warning][cds" not in log_of(server, "fast").read_text()
    context.stop()


def test_what_makes_an_archive_ends_with_a_server_that_is_killed(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(default_spark, settings={"hearth.spark.class-archive": "on"})
    until(server.drivers, "something makes an archive", 60)
    server.kill()
    server.expect_no_drivers(60)


def test_archive_and_spare_on_a_standalone_cluster(
    start_hearthd: StartHearthd, spark: Spark, tmp_path: Path
) -> None:
    """The executors are other processes, which know nothing of either."""
    with StandaloneCluster(spark, tmp_path / "cluster") as cluster:
        server = start_hearthd(
            spark,
            settings={
                "spark.master": cluster.url,
                "hearth.spark.warm-spares": 1,
                "hearth.spark.class-archive": "on",
            },
        )
        server.client.upload("examples", spark.examples)
        archives = server.data / "cds"
        until(lambda: list(archives.glob("*.jsa")), "an archive is there", 240)
        for name in ("first", "second"):
            spare = wait_warm(server)
            (archive,) = archives.glob("*.jsa")
            assert str(archive) in Path(f"/proc/{spare}/maps").read_text()
            context = server.client.create_context(name)
            server.wait_until_it_says(f"context {name}: takes a warm spare")
            assert context.info()["applicationId"].startswith("app-")
            words = context.run("WordCountExample", "input.string = a b a")
            assert words == {"a": 2, "b": 1}
            context.stop()

"""The session that every tutorial shows, typed with curl, verbatim."""

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import StartHearthd
from support import processes
from support.hearthd import Hearthd, copy_examples
from support.spark import Spark, StandaloneCluster
from support.wait import until


class Terminal:
    """Runs lines as a user types them, against the test's port."""

    def __init__(self, server: Hearthd, folder: Path) -> None:
        self._port = server.port
        self._folder = folder

    def type(self, line: str, status: int = 200) -> Any:  # noqa: ANN401
        """Runs a curl line for port 8090 and returns the JSON it prints."""
        line = line.replace("localhost:8090", f"localhost:{self._port}")
        command = shlex.split(line)
        assert command[0] == "curl"
        done = subprocess.run(
            [*command, "--silent", "--show-error", "--write-out", "\n%{http_code}"],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        body, code = done.stdout.rsplit("\n", 1)
        assert int(code) == status, body
        return json.loads(body)


def first_session(terminal: Terminal, cluster: bool = False) -> str:
    """All lines up to the long job, whose id is returned."""
    assert terminal.type("curl -X GET localhost:8090/jobs") == []
    assert terminal.type("curl -X GET localhost:8090/jars") == {}
    assert terminal.type(
        "curl -X POST "
        "'localhost:8090/contexts/opi-context?num-cpu-cores=2&mem-per-node=512m'"
    ) == {"status": "SUCCESS", "result": "Context initialized"}
    assert terminal.type("curl -X GET localhost:8090/contexts") == ["opi-context"]
    assert terminal.type(
        "curl --data-binary @examples.jar localhost:8090/jars/sjs-test-jar"
    ) == {"status": "SUCCESS", "result": "Jar uploaded"}
    if cluster:
        # Executors may still be starting, and the next line waits ten seconds only.
        terminal.type(
            'curl -d "" \'localhost:8090/jobs?appName=sjs-test-jar&classPath='
            "spark.jobserver.VeryShortDoubleJob&context=opi-context&sync=true"
            "&timeout=80'"
        )
    short = terminal.type(
        'curl -d "" \'localhost:8090/jobs?appName=sjs-test-jar'
        "&classPath=spark.jobserver.VeryShortDoubleJob&context=opi-context&sync=true'"
    )
    assert short["result"] == [2, 4, 6]
    assert set(short) == {"jobId", "result"}
    long = terminal.type(
        'curl -d "" \'localhost:8090/jobs?appName=sjs-test-jar'
        "&classPath=spark.jobserver.LongPiJob&context=opi-context'",
        status=202,
    )
    assert long["status"] == "STARTED"
    assert long["duration"] == "Job not done yet"
    assert long["context"] == "opi-context"
    assert long["classPath"] == "spark.jobserver.LongPiJob"
    return str(long["jobId"])


def until_pi(terminal: Terminal, job: str) -> dict[str, Any]:
    """Asks for the long job until it is done."""

    def ended() -> dict[str, Any] | None:
        report: dict[str, Any] = terminal.type(f"curl -X GET localhost:8090/jobs/{job}")
        assert report["status"] in ("STARTED", "RUNNING", "FINISHED"), report
        return report if report["status"] == "FINISHED" else None

    report = until(ended, "the long job is FINISHED", 60, pause=0.2)
    assert report["result"] == pytest.approx(3.14, abs=0.1)
    assert report["duration"].endswith(" secs")
    return report


def test_local(start_hearthd: StartHearthd, spark: Spark, tmp_path: Path) -> None:
    server = start_hearthd(spark)
    copy_examples(spark, tmp_path)
    terminal = Terminal(server, tmp_path)
    until_pi(terminal, first_session(terminal))


def test_standalone_cluster(
    start_hearthd: StartHearthd, spark: Spark, tmp_path: Path
) -> None:
    """The same with executors in processes of their own."""
    with StandaloneCluster(spark, tmp_path / "cluster") as cluster:
        server = start_hearthd(spark, settings={"spark.master": cluster.url})
        copy_examples(spark, tmp_path)
        terminal = Terminal(server, tmp_path)
        job = first_session(terminal, cluster=True)
        info = terminal.type("curl localhost:8090/contexts/opi-context")
        executors = processes.mentioning(f"--app-id {info['applicationId']}")
        assert executors, info
        assert all("CoarseGrainedExecutorBackend" in p.command for p in executors)
        assert any("-Xmx512M" in p.command for p in executors), executors
        until_pi(terminal, job)
        server.stop()
        until(
            lambda: not processes.mentioning(f"--app-id {info['applicationId']}"),
            "the executors are gone",
        )


def test_word_count_of_a_text(
    start_hearthd: StartHearthd, default_spark: Spark, tmp_path: Path
) -> None:
    """An ad-hoc context, and a configuration typed as HOCON."""
    server = start_hearthd(default_spark)
    copy_examples(default_spark, tmp_path)
    terminal = Terminal(server, tmp_path)
    terminal.type("curl --data-binary @examples.jar localhost:8090/jars/test")
    counted = terminal.type(
        'curl -d "input.string = a b c a b see" '
        "'localhost:8090/jobs?appName=test"
        "&classPath=spark.jobserver.WordCountExample&sync=true&timeout=60'"
    )
    assert counted["result"] == {"a": 2, "b": 2, "c": 1, "see": 1}
    job = terminal.type(f"curl localhost:8090/jobs/{counted['jobId']}")
    assert job["context"].endswith("-spark.jobserver.WordCountExample")
    ended = terminal.type(f"curl localhost:8090/contexts/{job['context']}")
    until(
        lambda: (
            terminal.type(f"curl localhost:8090/contexts/{job['context']}")["state"]
            == "FINISHED"
        ),
        f"the ad-hoc context is finished: {ended}",
    )
    assert terminal.type("curl localhost:8090/contexts") == []
    server.expect_no_drivers()

"""What a person sees who starts the server, rightly or wrongly."""

import re
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.hearthd import REPOSITORY, run_hearthd
from support.spark import Spark
from support.wait import until


def test_help() -> None:
    done = run_hearthd(["--help"])
    assert done.returncode == 0
    for option in ("--config", "--set", "--port", "--help", "--version"):
        assert option in done.stdout
    assert done.stderr == ""


def test_version() -> None:
    done = run_hearthd(["--version"])
    assert done.returncode == 0
    project = (REPOSITORY / "CMakeLists.txt").read_text()
    match = re.search(r"project\(hearth VERSION ([\d.]+)", project)
    assert match
    assert match[1] in done.stdout


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("hearth.no-such-key = 1\n", 1, ["hearth.no-such-key"]),
        (
            "\n\nhearth.http.max-body-size = many\n",
            3,
            ["hearth.http.max-body-size", "many"],
        ),
        ("spark.jobserver.port = 99999\n", 1, ["spark.jobserver.port", "99999"]),
        ("spark.jobserver {\n  port = x\n}\n", 2, ["port", "x"]),
        ("spark.jobserver.port = [1]\n", 1, ["spark.jobserver.port"]),
        ("a = 1\nb {\n", None, []),
    ],
)
def test_wrong_configuration_file(
    tmp_path: Path, text: str, line: int | None, words: list[str]
) -> None:
    file = tmp_path / "wrong.conf"
    file.write_text(text)
    done = run_hearthd(["--config", str(file), "--port", "0"])
    assert done.returncode == 2
    message = done.stderr.strip()
    assert len(message.splitlines()) == 1, message
    place = re.search(rf"{re.escape(str(file))}:(\d+)", message)
    assert place, message
    assert line is None or int(place[1]) == line, message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    "arguments",
    [
        ["--set", "hearth.nonsense=1"],
        ["--set", "spark.jobserver.port=x"],
        ["--set", "nonsense"],
        ["--port", "x"],
        ["--port", "70000"],
        ["--no-such-option"],
        ["--config", "/no/such/file.conf"],
        ["positional"],
    ],
)
def test_wrong_command_line(arguments: list[str]) -> None:
    done = run_hearthd(arguments)
    assert done.returncode == 2, done.stderr
    message = done.stderr.strip()
    assert len(message.splitlines()) == 1, message
    assert arguments[-1].split("=")[0].removeprefix("--") in message


def test_port_that_is_taken(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    server = start_hearthd(default_spark)
    done = run_hearthd(
        [
            *("--port", str(server.port)),
            *("--set", f"hearth.data-dir={server.folder}/other"),
        ]
    )
    assert done.returncode not in (0, 2)
    assert str(server.port) in done.stderr


def test_file_then_set_then_port(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """Later ones win; a file may configure contexts to be started at boot."""
    server = start_hearthd(
        default_spark,
        config="""
            # comments are fine
            spark {
              jobserver { port = 1, max-jobs-per-context = 1 }
              context-settings { spark.ui.enabled = true }
            }
        """,
        settings={"spark.jobserver.max-jobs-per-context": 2},
    )
    assert server.port > 1
    server.client.upload("examples", default_spark.examples)
    context = server.client.create_context("c")
    for _ in range(2):
        context.submit("SleepJob", {"sleep.time.millis": 60000})
    assert context.start("SleepJob").status == 503


def test_contexts_of_the_configuration_start_at_boot(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    server = start_hearthd(
        default_spark, config="spark.contexts { first { num-cpu-cores = 1 } }"
    )
    until(
        lambda: (
            server.client.get("/contexts/first").status == 200
            and server.client.get("/contexts/first").json()["state"] == "RUNNING"
        ),
        "the context runs",
        30,
    )
    server.client.upload("examples", default_spark.examples)
    run = server.client.run("VeryShortDoubleJob", context="first")
    assert run == [2, 4, 6]


def test_shipped_configuration_is_accepted(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """conf/hearth.conf lists every key with its default."""
    text = (REPOSITORY / "conf/hearth.conf").read_text()
    server = start_hearthd(default_spark, config=text)
    assert server.client.get("/healthz").status == 200

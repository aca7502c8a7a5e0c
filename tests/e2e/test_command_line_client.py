"""The program `hearth` against a real server, as a user's session."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest

from support.command_line import (
    FILE,
    JOB_FAILED,
    REFUSED,
    TIMED_OUT,
    UNREACHABLE,
    USAGE,
    CommandLine,
)
from support.hearthd import Hearthd
from support.spark import Spark

WORD_COUNT = "spark.jobserver.WordCountExample"
SLEEP = "spark.jobserver.SleepJob"
ERROR = "spark.jobserver.MyErrorJob"

NO_JOB = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def hearth(hearthd: Hearthd) -> CommandLine:
    """The program, with a context `warm` that no test changes."""
    program = CommandLine(f"http://127.0.0.1:{hearthd.port}")
    program("context", "create", "warm", "--cores", "2", "--memory", "512m")
    return program


def sleeping(hearth: CommandLine, seconds: int = 60) -> str:
    """The id of a job that runs."""
    setting = f"sleep.time.millis={seconds * 1000}"
    started = hearth("job", "submit", "examples", SLEEP, "-x", "warm", "--set", setting)
    return started.out.strip()


# -- the server ----------------------------------------------------------------


def test_status(hearth: CommandLine) -> None:
    shown = hearth("status")
    assert re.search(r"Health +good", shown.out)
    assert re.search(r"Contexts +\d", shown.out)
    assert hearth("status", "--json").json()["status"] == "SUCCESS"


def test_actors(hearth: CommandLine) -> None:
    rows = hearth("actors").rows
    names = [row[0] for row in rows]
    assert {"supervisor", "context", "store", "binaries"} <= set(names)
    assert names.index("supervisor") < names.index("context")
    assert len(hearth("actors", "--json").json()) == len(rows)


def test_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ran = CommandLine(f"http://me:hush@127.0.0.1:{port}")("status", code=UNREACHABLE)
    assert f"127.0.0.1:{port}" in ran.err
    assert "hush" not in ran.err
    assert ran.out == ""


def test_server_option_wins(hearth: CommandLine) -> None:
    elsewhere = CommandLine("http://127.0.0.1:1")
    elsewhere("status", code=UNREACHABLE)
    elsewhere("--server", hearth.url, "status")
    elsewhere("status", "-s", hearth.url.removeprefix("http://"))


# -- contexts ------------------------------------------------------------------


def test_context_from_create_to_delete(hearth: CommandLine) -> None:
    created = hearth("context", "create", "brief", "--set", "num-cpu-cores=1")
    assert created.out == "Context initialized\n"
    again = hearth("context", "create", "brief", code=REFUSED)
    assert again.err == "hearth: context brief exists\n"
    assert again.out == ""

    rows = {row[0]: row for row in hearth("context", "list").rows}
    assert rows["brief"][1] == "RUNNING"
    assert "brief" in hearth("context", "list", "-q").out.split()
    assert set(hearth("context", "list", "--json").json()) == {"warm", "brief"}

    assert re.search(r"State +RUNNING", hearth("context", "show", "brief").out)
    assert hearth("context", "show", "brief", "--json").json()["name"] == "brief"

    assert hearth("context", "delete", "brief").out == "Context stopped\n"
    assert re.search(r"State +FINISHED", hearth("context", "show", "brief").out)
    gone = hearth("context", "delete", "brief", code=REFUSED)
    assert gone.err == "hearth: context brief not found\n"


def test_context_with_a_file(hearth: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "context.conf"
    file.write_text("spark.context-settings { num-cpu-cores = 1 }")
    created = hearth("context", "create", "filed", "-c", str(file), "--json")
    assert created.json() == {"status": "SUCCESS", "result": "Context initialized"}
    deleted = hearth("context", "delete", "filed", "--force", "--json")
    assert deleted.json()["status"] == "SUCCESS"


def test_context_that_cannot_start(hearth: CommandLine) -> None:
    setting = "spark.master=nonsense"
    ran = hearth("context", "create", "bad", "--set", setting, code=REFUSED)
    assert ran.err.startswith("hearth: CONTEXT INIT ERROR: ")
    again = hearth("context", "create", "bad", "--set", setting, "-v", code=REFUSED)
    assert "Could not parse Master URL" in again.err
    assert hearth("context", "show", "never-there", code=REFUSED).err == (
        "hearth: can't find context with name never-there\n"
    )


def test_context_logs_and_restart(hearth: CommandLine) -> None:
    """As far as the server has them; what it says is shown as it is."""
    for verb in ("logs", "restart"):
        ran = hearth("context", verb, "no-such", code=REFUSED)
        assert ran.err.startswith("hearth: ")
        assert ran.out == ""


# -- binaries ------------------------------------------------------------------


def test_binary_from_upload_to_delete(
    hearth: CommandLine, default_spark: Spark, tmp_path: Path
) -> None:
    jar = str(default_spark.examples)
    assert hearth("binary", "upload", "mine", jar).out == "mine uploaded\n"
    assert ["mine", "Jar"] in [row[:2] for row in hearth("binary", "list").rows]
    assert hearth("binary", "list", "-q").out.split().count("mine") == 1
    assert hearth("binary", "list", "--json").json()["mine"]["binary-type"] == "Jar"

    text = tmp_path / "text"
    text.write_text("no jar")
    hearth("binary", "upload", "mine", str(text), code=USAGE)
    wrong = hearth("binary", "upload", "mine", str(text), "-t", "jar", code=REFUSED)
    assert wrong.err == "hearth: Binary is not of the right format\n"
    hearth("binary", "upload", "mine", str(tmp_path / "none.jar"), code=FILE)
    hearth("binary", "upload", "mine", str(tmp_path), "-t", "jar", code=FILE)

    assert hearth("binary", "delete", "mine").out == "mine deleted\n"
    gone = hearth("binary", "delete", "mine", code=REFUSED)
    assert gone.err == "hearth: can't find binary with name mine\n"


def test_binary_in_use(hearth: CommandLine) -> None:
    job = sleeping(hearth)
    ran = hearth("binary", "delete", "examples", "--json", code=REFUSED)
    assert ran.json()["status"] == "ERROR"
    assert job in ran.err
    hearth("job", "kill", job)


# -- jobs ----------------------------------------------------------------------


def test_run(hearth: CommandLine) -> None:
    line = ("job", "run", "examples", WORD_COUNT, "--context", "warm")
    setting = ("--set", "input.string=a b a")
    assert json.loads(hearth(*line, *setting).out) == {"a": 2, "b": 1}
    answer = hearth(*line, *setting, "--json").json()
    assert answer["result"] == {"a": 2, "b": 1}
    watched = hearth(*line, *setting, "--watch")
    assert json.loads(watched.out) == {"a": 2, "b": 1}
    assert watched.err.startswith("job ")


def test_run_in_a_context_of_its_own(hearth: CommandLine) -> None:
    doubled = hearth("job", "run", "examples", "spark.jobserver.VeryShortDoubleJob")
    assert json.loads(doubled.out) == [2, 4, 6]


@pytest.mark.parametrize(
    "text", ['input.string = "x"', '{"input.string": "x"}', "# none\n{ input {} }"]
)
def test_configuration_from_file_and_pipe(
    hearth: CommandLine, tmp_path: Path, text: str
) -> None:
    line = ("job", "run", "examples", WORD_COUNT, "-x", "warm")
    file = tmp_path / "job.conf"
    file.write_text(text)
    setting = ("--set", "input.string=y y")
    assert json.loads(hearth(*line, "-c", str(file), *setting).out) == {"y": 2}
    assert json.loads(hearth(*line, "-c", "-", *setting, stdin=text).out) == {"y": 2}


def test_class_and_binary_in_the_configuration(hearth: CommandLine) -> None:
    config = json.dumps(
        {"cp": "examples", "mainClass": WORD_COUNT, "input": {"string": "a"}}
    )
    ran = hearth("job", "run", "-x", "warm", "--config", "-", stdin=config)
    assert json.loads(ran.out) == {"a": 1}


def test_run_that_the_server_refuses(hearth: CommandLine) -> None:
    line = ("job", "run", "examples", WORD_COUNT, "-x", "warm")
    refused = hearth(*line, code=REFUSED)
    assert "VALIDATION FAILED" in refused.err
    broken = hearth(*line, "-c", "-", stdin="{", code=REFUSED)
    assert "Cannot parse config" in broken.err
    nowhere = hearth("job", "run", "examples", WORD_COUNT, "-x", "no", code=REFUSED)
    assert nowhere.err == "hearth: context no not found\n"
    nothing = hearth("job", "run", "no-such", WORD_COUNT, "-x", "warm", code=REFUSED)
    assert "no-such" in nothing.err


def test_run_that_fails(hearth: CommandLine) -> None:
    line = ("job", "run", "examples", ERROR, "-x", "warm")
    failed = hearth(*line, code=JOB_FAILED)
    assert failed.out == ""
    assert failed.err.endswith(" failed: java.lang.IllegalArgumentException: Foobar\n")
    assert "\tat " not in failed.err
    assert "\tat " in hearth(*line, "--verbose", code=JOB_FAILED).err
    assert hearth(*line, "--json", code=JOB_FAILED).json()["status"] == "ERROR"
    assert hearth(*line, "--watch", code=JOB_FAILED).out == ""


def test_run_that_takes_too_long(hearth: CommandLine) -> None:
    setting = ("--set", "sleep.time.millis=60000")
    for options in ([], ["--watch"]):
        ran = hearth(
            *("job", "run", "examples", SLEEP, "-x", "warm", "--timeout", "1"),
            *setting,
            *options,
            code=TIMED_OUT,
        )
        match = re.search(r"hearth job wait ([\w-]+)", ran.err)
        assert match, ran.err
        assert re.search(r"State +RUNNING", hearth("job", "status", match[1]).out)
        hearth("job", "kill", match[1])


def test_job_from_submit_to_result(hearth: CommandLine) -> None:
    started = hearth(
        *("job", "submit", "examples", WORD_COUNT, "-x", "warm"),
        *("--set", "input.string=a", "--set", "other.key=5"),
    )
    job = started.out.strip()
    waited = hearth("job", "wait", job)
    assert re.search(r"State +FINISHED", waited.out)
    assert hearth("job", "wait", job, "--json").json()["result"] == {"a": 1}
    assert hearth("job", "status", job, "--json").json()["jobId"] == job
    assert json.loads(hearth("job", "result", job).out) == {"a": 1}
    assert hearth("job", "result", job, "--json").json()["status"] == "FINISHED"
    config = hearth("job", "config", job).json()
    assert config["other"]["key"] == 5

    assert job in [row[0] for row in hearth("job", "list").rows]
    assert hearth("job", "list", "-q", "-n", "1", "--status", "finished").out
    listed = hearth("job", "list", "--json", "--limit", "1").json()
    assert len(listed) == 1
    assert hearth("job", "logs", job, code=None).code in (0, REFUSED)


def test_job_that_still_runs(hearth: CommandLine) -> None:
    job = sleeping(hearth)
    assert "no result yet" in hearth("job", "result", job, code=TIMED_OUT).err
    hearth("job", "wait", job, "--timeout", "0", code=TIMED_OUT)
    hearth("job", "wait", job, "--timeout", "1", code=TIMED_OUT)
    running = hearth("job", "list", "--status", "running", "-q").out.split()
    assert job in running

    assert hearth("job", "kill", job).out == f"job {job} KILLED\n"
    killed = hearth("job", "result", job, code=JOB_FAILED)
    assert f"Job {job} killed" in killed.err
    hearth("job", "wait", job, code=JOB_FAILED)
    gone = hearth("job", "kill", job, code=REFUSED)
    assert gone.err == f"hearth: No running job with ID {job}\n"


@pytest.mark.parametrize("verb", ["status", "wait", "result", "kill", "config"])
def test_job_that_is_not_there(hearth: CommandLine, verb: str) -> None:
    ran = hearth("job", verb, NO_JOB, code=REFUSED)
    assert NO_JOB in ran.err
    assert hearth("job", verb, NO_JOB, "--json", code=REFUSED).json()["status"]


def test_wait_on_a_terminal_shows_state_and_time(hearth: CommandLine) -> None:
    job = sleeping(hearth, 3)
    waited = hearth.on_terminal("job", "wait", job)
    assert waited.code == 0
    assert f"job {job} RUNNING … 0:0" in waited.err
    assert waited.err.endswith("\r\x1b[K")


# -- data files ----------------------------------------------------------------


def test_data(hearth: CommandLine, tmp_path: Path) -> None:
    """As far as the server has them; what it says is shown as it is."""
    file = tmp_path / "cities.csv"
    file.write_text("a,b\n")
    uploaded = hearth("data", "upload", "cities", str(file), code=None)
    if uploaded.code == REFUSED:
        assert uploaded.err.startswith("hearth: ")
        return
    path = uploaded.out.strip()
    assert path in hearth("data", "list").out.splitlines()
    hearth("data", "delete", path)
    assert path not in hearth("data", "list", "--json").json()


# -- completion ----------------------------------------------------------------


def test_completion_knows_what_the_server_has(hearth: CommandLine) -> None:
    def offered(*words: str) -> list[str]:
        lines = hearth("__complete", *words).out.splitlines()
        return [line.split("\t")[0] for line in lines]

    assert "warm" in offered("context", "show", "")
    assert offered("job", "run", "exa") == ["examples"]
    job = sleeping(hearth, 1)
    assert offered("job", "wait", job[:20]) == [job]
    elsewhere = ("-s", "http://127.0.0.1:1")
    assert offered(*elsewhere, "context", "show", "") == []

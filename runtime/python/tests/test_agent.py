"""The agent as a process, with a server that the test plays."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hearth.agent.frames import MAX_PART, Kind
from support.server import Server, alive, wait_until, zip_of

JOBS = """
import logging, os, signal, subprocess, sys, threading, time

state = {"runs": 0}

class Echo:
    def validate(self, context, runtime, config):
        return config
    def run_job(self, context, runtime, data):
        return data

class Count:
    def run_job(self, context, runtime, data):
        state["runs"] += 1
        return [os.getpid(), state["runs"]]

class Strict:
    def validate(self, context, runtime, config):
        from hearth import build_problems
        return build_problems(["no input", "no output"])
    def run_job(self, context, runtime, data):
        raise AssertionError("must not run")

class Fails:
    def run_job(self, context, runtime, data):
        try:
            self.inner()
        except KeyError as e:
            raise ValueError("bad order") from e
    def inner(self):
        {}["missing"]

class Waits:
    def run_job(self, context, runtime, data):
        print("waiting", flush=True)
        runtime.progress(1, 2, "half")
        runtime.wait_cancelled(60)
        return "left"

class Sleeps:
    def run_job(self, context, runtime, data):
        runtime.progress(0, 1)
        time.sleep(60)

class Stubborn:
    def run_job(self, context, runtime, data):
        child = subprocess.Popen(["sleep", "60"])
        runtime.progress(child.pid, 1 << 40)
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass

class Exits:
    def run_job(self, context, runtime, data):
        os._exit(3)

class Segfaults:
    def run_job(self, context, runtime, data):
        os.kill(os.getpid(), signal.SIGSEGV)

class SysExits:
    def run_job(self, context, runtime, data):
        sys.exit(4)

class Hungry:
    def run_job(self, context, runtime, data):
        return len(bytearray(data.get_int("bytes")))

class Logs:
    def run_job(self, context, runtime, data):
        print("printed")
        logging.getLogger("shop").info("logged")
        runtime.logger.warning("warned")
        sys.stdout.write("no end")
        return None

class Large:
    def run_job(self, context, runtime, data):
        return "x" * data.get_int("size")

class Streams:
    def run_job(self, context, runtime, data):
        piece = b"x" * data.get_int("piece")
        def pieces():
            try:
                yield b'"'
                for i in range(data.get_int("pieces")):
                    yield piece
                yield b'"'
            finally:
                print("stream closed", flush=True)
        return pieces()

class Slow:
    def run_job(self, context, runtime, data):
        def pieces():
            yield b"[1"
            runtime.wait_cancelled(60)
            yield b"]"
        return pieces()

class Unshowable:
    def run_job(self, context, runtime, data):
        return {"a": [1, object()]}

class Shared:
    def run_job(self, context, runtime, data):
        def make():
            runtime.progress(1, 1, "making")
            time.sleep(data.get_float("seconds", 0))
            return {"made by": os.getpid()}
        found = runtime.named_objects.get_or_else_create("shared", make)
        return [os.getpid(), found["made by"], runtime.named_objects.get_names()]

class Own:
    pass

class SharedOwn:
    def run_job(self, context, runtime, data):
        found = runtime.named_objects.get_or_else_create("own", Own)
        return [type(found) is Own, runtime.named_objects.get_names()]

class Unsharable:
    def run_job(self, context, runtime, data):
        runtime.named_objects.update("lock", threading.Lock())

class Environment:
    def run_job(self, context, runtime, data):
        return {
            "job": runtime.jobId, "context": context.name, "cores": context.cores,
            "setting": runtime.contextConfig.get("my.setting", None),
            "cwd": os.getcwd(),
        }

class ReadsData:
    def run_job(self, context, runtime, data):
        with open(runtime.data_file(data["name"])) as file:
            return file.read()

class NoJob:
    pass

def function():
    pass
"""


@pytest.fixture
def jobs(tmp_path: Path) -> tuple[str, Path]:
    """A wheel with the jobs."""
    return "d1", zip_of(tmp_path / "jobs.whl", {"shop.py": JOBS})


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a context, and ends it after the test."""
    servers: list[Server] = []

    def start(settings: dict[str, object] | None = None, **more: object) -> Server:
        folder = tmp_path / f"context{len(servers)}"
        folder.mkdir()
        server = Server(folder, settings, **more)  # type: ignore[arg-type]
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.__exit__(ValueError, None, None)


Start = Callable[..., Server]
Binary = tuple[str, Path]


# -- the connection ------------------------------------------------------------


@pytest.mark.parametrize("tcp", [False, True])
def test_introduces_itself(context: Start, tcp: bool) -> None:
    server = context(tcp=tcp)
    hello = server.accept()
    assert hello.header["contextId"] == "c-1"
    assert hello.header["token"] == "00ff"
    assert hello.header["pid"] == server.process.pid
    assert hello.header["protocol"] == 1
    assert hello.header["running"] == hello.header["ended"] == []
    server.link.send(Kind.WELCOME, {"protocol": 1, "heartbeatMs": 5000})
    ready = server.link.expect(Kind.CONTEXT_READY)
    assert ready.header["version"].startswith("3.")


def test_ends_when_it_is_rejected(context: Start) -> None:
    server = context()
    server.accept()
    server.link.send(Kind.REJECT, {"message": "wrong token"})
    assert server.exit_code() == 1
    assert "wrong token" in server.log
    assert "00ff" not in server.log


def test_pings_and_answers_pings(context: Start) -> None:
    server = context(heartbeat_ms=50)
    server.welcome()
    server.link.send(Kind.SERVER_PING, {"seq": 9})
    assert server.link.expect(Kind.AGENT_PONG).header == {"seq": 9}
    server.link.answers_pings = False
    # A silent server is given up, and dialled again.
    assert server.link.next() is None
    server.accept()


def test_ends_without_a_server(context: Start) -> None:
    server = context(orphan_ms=100)
    server.welcome()
    server._listener.close()
    server.link.socket.close()
    (server.folder / "socket").unlink()
    assert server.exit_code() == 1
    assert "no server for" in server.log


def test_nonsense_ends_the_connection_only(context: Start) -> None:
    server = context()
    server.welcome()
    server.link.socket.sendall(b"\xff" * 100)
    assert server.link.next() is None
    server.welcome()


def test_stops_in_time(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    server.link.run("j-1", "shop.Waits", binaries=[jobs])
    server.link.expect(Kind.JOB_STARTED)
    server.link.expect(Kind.JOB_PROGRESS)
    server.link.send(Kind.STOP, {"graceMs": 20000})
    server.link.expect(Kind.STOPPING)
    assert server.link.next() is None  # nothing is said about the job
    assert server.exit_code() == 0


def test_no_process_is_left(context: Start, jobs: Binary) -> None:
    server = context({"workers": 2})
    server.welcome()
    pids = []
    for job in ("j-1", "j-2"):
        server.link.run(job, "shop.Stubborn", binaries=[jobs])
        server.link.expect(Kind.JOB_STARTED)
        pids.append(server.link.expect(Kind.JOB_PROGRESS).header["done"])
    assert all(alive(pid) for pid in pids)
    server.process.kill()
    wait_until(lambda: not any(map(alive, pids)), "the end of the jobs' children")


# -- settings ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"num-cpu-cores": "many"}, "num-cpu-cores has to be a whole number"),
        ({"workers": 0}, "workers has to be a whole number from 1 on, not 0"),
        ({"python.worker-memory": "tiny"}, "has to be a size like 512MiB"),
        ({"python.worker-memory": "1MiB"}, "at least 64MiB"),
        ({"python.paths": "/nowhere"}, "/nowhere, which does not exist"),
        ({"python.path": "/tmp"}, "there is no setting python.path"),
        ({"python.preload": ["no_such_module"]}, "No module named 'no_such_module'"),
    ],
)
def test_wrong_settings(
    context: Start, settings: dict[str, object], words: str
) -> None:
    server = context(settings)
    server.accept()
    server.link.send(Kind.WELCOME, {"protocol": 1, "heartbeatMs": 0})
    failed = server.link.expect(Kind.CONTEXT_FAILED)
    assert words in failed.header["message"]
    assert server.exit_code() == 1


def test_paths_and_preload(context: Start, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "loaded.py").write_text(
        "import os\nPID = os.getpid()\n"
        "class Pid:\n    def run_job(self, c, r, d): return [PID, os.getpid()]\n"
    )
    server = context(
        {"python.paths": str(tmp_path / "lib"), "python.preload": ["loaded"]}
    )
    server.welcome()
    server.link.run("j-1", "loaded.Pid")
    loaded_in, ran_in = server.link.end("j-1").value
    assert loaded_in != ran_in


def test_environment_of_a_job(context: Start, jobs: Binary) -> None:
    server = context({"num-cpu-cores": "3", "my.setting": [1, {"a": 2}]})
    server.welcome()
    server.link.run("j-1", "shop.Environment", binaries=[jobs])
    assert server.link.end("j-1").value == {
        "job": "j-1",
        "context": "sales",
        "cores": 3,
        "setting": [1, {"a": 2}],
        "cwd": str(server.folder),
    }


# -- jobs ----------------------------------------------------------------------


def test_runs_a_job(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    config = {"a": {"b": [1, 2.5, None, True]}, "ü": "☃"}
    server.link.run("j-1", "shop.Echo", config, [jobs])
    assert server.link.end("j-1").value == config


def test_reports_the_start_of_a_long_job(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    server.link.run("j-1", "shop.Sleeps", binaries=[jobs], startedAfterMs=0)
    assert server.link.expect(Kind.JOB_STARTED).header == {"job": "j-1"}
    server.link.run("j-2", "shop.Slow", binaries=[jobs], startedAfterMs=1)
    started = server.link.expect(Kind.JOB_PROGRESS), server.link.expect(4)
    assert started[1].header == {"job": "j-2"}


def test_a_worker_stays_warm(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    seen = []
    for i in range(3):
        server.link.run(f"j-{i}", "shop.Count", binaries=[jobs])
        seen.append(server.link.end(f"j-{i}").value)
    assert [count for _, count in seen] == [1, 2, 3]
    assert len({pid for pid, _ in seen}) == 1


def test_jobs_run_beside_each_other(context: Start, jobs: Binary) -> None:
    server = context({"workers": 2})
    server.welcome()
    for job in ("j-1", "j-2", "j-3"):
        server.link.run(job, "shop.Waits", binaries=[jobs])
    busy = set()
    for _ in range(2):
        busy.add(server.link.expect(Kind.JOB_STARTED).header["job"])
        server.link.expect(Kind.JOB_PROGRESS)
    assert busy == {"j-1", "j-2"}
    # The third waits for a worker, and is killed there.
    server.link.send(Kind.KILL_JOB, {"job": "j-3"})
    assert server.link.end("j-3").outcome == "killed"


def test_each_job_has_a_process(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    for i in range(12):
        server.link.run(f"j-{i}", "shop.Waits", binaries=[jobs])
    for _ in range(12):
        frame = server.link.next()
        while frame is not None and frame.kind != Kind.JOB_PROGRESS:
            frame = server.link.next()


def test_versions_alternate(context: Start, tmp_path: Path) -> None:
    server = context()
    server.welcome()
    versions = []
    for version in ("1", "2"):
        files = {
            "app/__init__.py": "",
            "app/job.py": "class Job:\n"
            "    def run_job(self, c, r, d):\n"
            "        from app import late\n"
            "        return late.VERSION\n",
            "app/late.py": f"VERSION = {version}\n",
        }
        path = zip_of(tmp_path / f"app{version}.whl", files)
        versions.append((f"digest{version}", path))
    for i in range(20):
        server.link.run(f"j-{i}", "app.job.Job", binaries=[versions[i % 2]])
        assert server.link.end(f"j-{i}").value == i % 2 + 1


def test_several_binaries_in_order(
    context: Start, tmp_path: Path, jobs: Binary
) -> None:
    other = zip_of(tmp_path / "other.egg", {"shop.py": "class Echo:\n  pass\n"})
    wheel = zip_of(
        tmp_path / "w-1-py3-none-any.whl",
        {"w-1.data/purelib/spread/__init__.py": "X = 5\n", "w-1.dist-info/RECORD": ""},
    )
    late = zip_of(tmp_path / "context.whl", {"of_context.py": "from spread import X\n"})
    server = context(jars=[str(late)])
    server.welcome()
    server.link.run("j-1", "shop.Echo", {"a": 1}, [jobs, ("d2", other), ("d3", wheel)])
    assert server.link.end("j-1").value == {"a": 1}
    server.link.run("j-2", "shop.Echo", {}, [("d2", other), jobs])
    assert server.link.end("j-2").outcome == "loading-failed"
    server.link.run("j-3", "of_context.X", {}, [("d3", wheel)])
    assert server.link.end("j-3").message == "of_context.X is no class, but a int"


@pytest.mark.parametrize(
    ("main_class", "reason", "words"),
    [
        ("shop.Nothing", "class-not-found", "the module shop has no class Nothing"),
        ("nowhere.Job", "class-not-found", "there is no module nowhere"),
        ("shop.sub.Job", "class-not-found", "there is no module shop.sub"),
        ("Job", "class-not-found", "package.module.Class"),
        ("shop.NoJob", "loading-failed", "it has no method run_job"),
        ("shop.function", "loading-failed", "is no class, but a function"),
        ("broken.Job", "loading-failed", "No module named 'not_there'"),
        ("wrong.Job", "loading-failed", "wrong.py, line 1"),
        ("spark.Job", "wrong-context", "Invalid job type for this context"),
        ("shop.Strict", "validation-failed", "no input\nno output"),
    ],
)
def test_refusals(
    context: Start, tmp_path: Path, main_class: str, reason: str, words: str
) -> None:
    files = {
        "shop.py": JOBS,
        "broken.py": "import not_there\n",
        "wrong.py": "class Job\n",
        "spark.py": "from sparkjobserver.api import SparkJob\n"
        "class Job(SparkJob): pass\n",
    }
    server = context()
    server.welcome()
    server.link.run(
        "j-1", main_class, binaries=[("d", zip_of(tmp_path / "a.whl", files))]
    )
    ended = server.link.end("j-1")
    assert ended.outcome == reason
    assert words in ended.message
    server.link.send(Kind.JOB_STORED, {"job": "j-1"})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no zip", "cannot be unpacked"),
        ({"readme.txt": ""}, "has no Python modules"),
        ({"../out.py": ""}, "which leaves its folder"),
    ],
)
def test_bad_binaries(
    context: Start, tmp_path: Path, content: bytes | dict[str, str], words: str
) -> None:
    path = tmp_path / "bad.whl"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        zip_of(path, content)
    server = context()
    server.welcome()
    server.link.run("j-1", "a.B", binaries=[("d", path)])
    ended = server.link.end("j-1")
    assert ended.outcome == "loading-failed"
    assert words in ended.message


def test_errors_have_the_users_stack(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    server.link.run("j-1", "shop.Fails", binaries=[jobs])
    ended = server.link.end("j-1")
    assert (ended.outcome, ended.message) == ("error", "bad order")
    assert ended.error_class == "ValueError"
    assert "KeyError: 'missing'" in ended.stack
    assert "shop.py" in ended.stack
    assert "self.inner()" in ended.stack
    assert "hearth/worker" not in ended.stack
    server.link.run("j-2", "shop.SysExits", binaries=[jobs])
    ended = server.link.end("j-2")
    assert (ended.outcome, ended.error_class) == ("error", "SystemExit")
    assert ended.message == "the job called sys.exit(4), instead of returning"


def test_logs(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    server.link.run("j-1", "shop.Logs", binaries=[jobs])
    assert server.link.end("j-1").value is None
    lines = [line.split(" ", 1)[1] for line in server.log.splitlines()]
    assert lines == [
        "INFO [j-1] printed",
        "INFO [j-1] shop: logged",
        "WARN [j-1] hearth.job: warned",
        "INFO [j-1] no end",
    ]


# -- results -------------------------------------------------------------------


def test_large_results_come_in_parts_against_credit(
    context: Start, jobs: Binary
) -> None:
    server = context()
    server.welcome()
    size = 3 * MAX_PART
    server.link.run("j-1", "shop.Large", {"size": size}, [jobs], credit=MAX_PART + 10)
    server.link.expect(Kind.JOB_STARTED)
    first = server.link.expect(Kind.RESULT_PART)
    second = server.link.expect(Kind.RESULT_PART)
    assert (len(first.payload), len(second.payload)) == (MAX_PART, 10)
    assert "streamed" not in first.header
    with pytest.raises(TimeoutError):
        server.link.next(0.2)
    server.link.send(Kind.CREDIT, {"job": "j-1", "bytes": 10 * MAX_PART})
    ended = server.link.end("j-1")
    text = first.payload + second.payload + ended.result
    assert json.loads(text) == "x" * size


def test_a_result_is_sent_again_over_a_new_connection(
    context: Start, jobs: Binary
) -> None:
    server = context()
    server.welcome()
    size = 2 * MAX_PART
    server.link.run("j-1", "shop.Large", {"size": size}, [jobs], credit=MAX_PART)
    server.link.expect(Kind.JOB_STARTED)
    server.link.expect(Kind.RESULT_PART)
    server.link.socket.close()
    hello = server.accept()
    assert hello.header["ended"] == ["j-1"]
    assert hello.header["ready"] is True
    server.link.send(Kind.WELCOME, {"protocol": 1, "heartbeatMs": 0})
    server.link.expect(Kind.CONTEXT_READY)
    server.link.send(Kind.CREDIT, {"job": "j-1", "bytes": MAX_PART})
    assert server.link.end("j-1").value == "x" * size
    # A repeated request starts nothing.
    server.link.run("j-1", "shop.Large", {"size": 1}, [jobs])
    assert server.link.expect(Kind.JOB_ENDED).header["outcome"] == "finished"
    server.link.send(Kind.JOB_STORED, {"job": "j-1"})
    server.link.run("j-1", "shop.Large", {"size": 1}, [jobs])
    assert server.link.end("j-1").value == "x"


@pytest.mark.parametrize("main_class", ["shop.Large", "shop.Streams"])
def test_results_over_the_limit(context: Start, jobs: Binary, main_class: str) -> None:
    server = context()
    server.welcome()
    config = {"size": 1000, "piece": 100, "pieces": 1000}
    server.link.run("j-1", main_class, config, [jobs], maxResult=500)
    ended = server.link.end("j-1")
    assert (ended.outcome, ended.error_class) == ("error", "hearth.ResultTooLarge")
    assert "which is over the limit of 500 bytes" in ended.message


def test_streams_wait_for_their_reader(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    config = {"piece": 100_000, "pieces": 200}
    server.link.run("j-1", "shop.Streams", config, [jobs], credit=MAX_PART)
    server.link.expect(Kind.JOB_STARTED)
    size = 0
    while size < MAX_PART:
        part = server.link.expect(Kind.RESULT_PART)
        assert part.header["streamed"] is True
        size += len(part.payload)
    with pytest.raises(TimeoutError):
        server.link.next(0.3)
    assert "stream closed" not in server.log  # it is held up
    server.link.send(Kind.CREDIT, {"job": "j-1", "bytes": 1 << 30})
    assert size + len(server.link.end("j-1").result) == 100_000 * 200 + 2
    assert "stream closed" in server.log


def test_pieces_of_a_stream_come_at_once(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    server.link.run("j-1", "shop.Slow", binaries=[jobs])
    server.link.expect(Kind.JOB_STARTED)
    assert server.link.expect(Kind.RESULT_PART).payload == b"[1"


def test_a_killed_stream_is_closed(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    config = {"piece": 100_000, "pieces": 1_000_000}
    server.link.run("j-1", "shop.Streams", config, [jobs], credit=0)
    server.link.send(Kind.KILL_JOB, {"job": "j-1"})
    assert server.link.end("j-1").outcome == "killed"


def test_values_without_a_form_are_errors(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    server.link.run("j-1", "shop.Unshowable", binaries=[jobs])
    ended = server.link.end("j-1")
    assert ended.error_class == "hearth.ResultError"
    assert ended.message.startswith("the result['a'][1] is a object")


# -- kills and crashes ---------------------------------------------------------


@pytest.mark.parametrize("main_class", ["shop.Waits", "shop.Sleeps", "shop.Stubborn"])
def test_kills(context: Start, jobs: Binary, main_class: str) -> None:
    server = context({"workers": 2})
    server.welcome()
    server.link.run("j-0", "shop.Waits", binaries=[jobs])
    server.link.expect(Kind.JOB_STARTED)
    server.link.expect(Kind.JOB_PROGRESS)
    server.link.run("j-1", main_class, binaries=[jobs])
    server.link.expect(Kind.JOB_STARTED)
    server.link.expect(Kind.JOB_PROGRESS)
    server.link.send(Kind.KILL_JOB, {"job": "j-1"})
    ended = server.link.end("j-1")
    assert (ended.outcome, ended.message) == ("killed", "Job j-1 killed")
    # The other goes on, and there is a worker for the next one.
    server.link.run("j-2", "shop.Echo", {"a": 1}, [jobs])
    assert server.link.end("j-2").value == {"a": 1}
    server.link.send(Kind.KILL_JOB, {"job": "j-1"})
    assert server.link.end("j-1").outcome == "killed"
    server.link.send(Kind.KILL_JOB, {"job": "unknown"})
    assert server.link.end("unknown").outcome == "killed"


@pytest.mark.parametrize(
    ("main_class", "words"),
    [
        ("shop.Exits", "its process ended with code 3 before the job was done"),
        ("shop.Segfaults", "its process was ended by signal 11 (SIGSEGV)"),
    ],
)
def test_crashes(context: Start, jobs: Binary, main_class: str, words: str) -> None:
    server = context({"workers": 2})
    server.welcome()
    server.link.run("j-0", "shop.Waits", binaries=[jobs])
    server.link.run("j-1", main_class, binaries=[jobs])
    ended = server.link.end("j-1")
    assert (ended.outcome, ended.error_class) == ("error", "hearth.Crashed")
    assert words in ended.message
    if main_class == "shop.Segfaults":
        assert "in run_job" in ended.stack
    server.link.run("j-2", "shop.Echo", {"a": 1}, [jobs])
    assert server.link.end("j-2").value == {"a": 1}
    server.link.send(Kind.KILL_JOB, {"job": "j-0"})
    assert server.link.end("j-0").outcome == "killed"


def test_memory_is_bounded(context: Start, jobs: Binary) -> None:
    server = context({"python.worker-memory": "200MiB"})
    server.welcome()
    server.link.run("j-1", "shop.Hungry", {"bytes": 100 << 20}, [jobs])
    assert server.link.end("j-1").value == 100 << 20
    server.link.run("j-2", "shop.Hungry", {"bytes": 300 << 20}, [jobs])
    ended = server.link.end("j-2")
    assert (ended.outcome, ended.error_class) == ("error", "MemoryError")
    assert "python.worker-memory" in ended.message
    server.link.run("j-3", "shop.Echo", {"a": 1}, [jobs])
    assert server.link.end("j-3").value == {"a": 1}


def test_a_kill_does_not_reach_the_next_job(context: Start, jobs: Binary) -> None:
    server = context({"workers": 1, "kill-timeout": "50ms"})
    server.welcome()
    for i in range(30):
        server.link.run(f"a-{i}", "shop.Echo", {}, [jobs])
        server.link.run(f"b-{i}", "shop.Echo", {"i": i}, [jobs])
        server.link.send(Kind.KILL_JOB, {"job": f"a-{i}"})
        assert server.link.end(f"b-{i}").value == {"i": i}


def test_the_end_of_the_zygote_ends_the_context(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    server.link.run("j-1", "shop.Count", binaries=[jobs])
    worker = server.link.end("j-1").value[0]
    stat = Path(f"/proc/{worker}/stat").read_text()
    os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
    assert server.exit_code() == 1
    wait_until(lambda: not alive(worker), "the end of the worker")


# -- named objects and files ---------------------------------------------------


def test_named_objects_are_made_once(context: Start, jobs: Binary) -> None:
    server = context({"workers": 4})
    server.welcome()
    for i in range(4):
        server.link.run(f"j-{i}", "shop.Shared", {"seconds": 0.2}, [jobs])
    ended: dict[str, list[Any]] = {}
    made = 0
    while len(ended) < 4:
        frame = server.link.next()
        assert frame is not None
        made += frame.kind == Kind.JOB_PROGRESS
        if frame.kind == Kind.JOB_ENDED:
            ended[frame.header["job"]] = json.loads(frame.payload)
    assert made == 1
    assert len({pid for pid, _, _ in ended.values()}) == 4
    assert len({maker for _, maker, _ in ended.values()}) == 1


def test_a_maker_that_is_killed_makes_room(context: Start, jobs: Binary) -> None:
    server = context({"workers": 2})
    server.welcome()
    server.link.run("j-1", "shop.Shared", {"seconds": 60}, [jobs])
    server.link.expect(Kind.JOB_STARTED)
    server.link.expect(Kind.JOB_PROGRESS)
    server.link.run("j-2", "shop.Shared", {}, [jobs])
    server.link.send(Kind.KILL_JOB, {"job": "j-1"})
    assert server.link.end("j-1").outcome == "killed"
    pid, maker, names = server.link.end("j-2").value
    assert pid == maker
    assert names == ["shared"]


def test_objects_of_own_classes_belong_to_their_version(
    context: Start, jobs: Binary, tmp_path: Path
) -> None:
    second = zip_of(tmp_path / "second.whl", {"shop.py": JOBS + "\n# two\n"})
    server = context()
    server.welcome()
    for i, binary in enumerate([jobs, ("d2", second), jobs]):
        server.link.run(f"j-{i}", "shop.SharedOwn", {}, [binary])
        assert server.link.end(f"j-{i}").value == [True, ["own"]]


def test_what_cannot_be_pickled_is_an_error(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    server.link.run("j-1", "shop.Unsharable", {}, [jobs])
    ended = server.link.end("j-1")
    assert ended.error_class == "hearth.NamedObjectError"
    assert "'lock', a _thread.lock, cannot be shared" in ended.message


def test_data_files_come_over_the_link(context: Start, jobs: Binary) -> None:
    server = context()
    server.welcome()
    server.link.run("j-1", "shop.ReadsData", {"name": "a.dat"}, [jobs])
    for offset, part in ((0, b"hello "), (6, b"world")):
        asked = server.link.expect(Kind.READ_FILE)
        assert (asked.header["data"], asked.header["offset"]) == ("a.dat", offset)
        server.link.send(
            Kind.FILE_BLOCK, {"request": asked.header["request"], "size": 11}, part
        )
    assert server.link.end("j-1").value == "hello world"
    server.link.run("j-2", "shop.ReadsData", {"name": "b.dat"}, [jobs])
    asked = server.link.expect(Kind.READ_FILE)
    answer = {"request": asked.header["request"], "size": 0, "error": "no such file"}
    server.link.send(Kind.FILE_BLOCK, answer)
    ended = server.link.end("j-2")
    assert ended.error_class == "hearth.DataFileError"
    assert "no such file" in ended.message


def test_binaries_that_cannot_be_read_come_over_the_link(
    context: Start, jobs: Binary, tmp_path: Path
) -> None:
    import hashlib

    content = jobs[1].read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    server = context()
    server.welcome()
    server.link.run("j-1", "shop.Echo", {"a": 1}, [(digest, Path("/nowhere/jobs.whl"))])
    asked = server.link.expect(Kind.READ_FILE)
    assert asked.header["digest"] == digest
    header = {"request": asked.header["request"], "size": len(content)}
    server.link.send(Kind.FILE_BLOCK, header, content)
    assert server.link.end("j-1").value == {"a": 1}

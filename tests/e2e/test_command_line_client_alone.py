"""The program `hearth` against servers that are odd, slow, or of tomorrow."""

from __future__ import annotations

import base64
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from support.command_line import (
    FILE,
    JOB_FAILED,
    PROGRAM,
    REFUSED,
    TIMED_OUT,
    UNREACHABLE,
    CommandLine,
)
from support.scripted import Says, scripted

FAILURE = {"message": "no", "errorClass": "E", "stack": "E: no\n\tat x"}


def test_no_request_expects_a_continue(tmp_path: Path) -> None:
    """Large bodies too are sent at once."""
    file = tmp_path / "big.jar"
    file.write_bytes(b"PK\3\4" + bytes(3_000_000))
    config = tmp_path / "big.conf"
    config.write_text('text = "' + "x" * 2_000_000 + '"')
    with scripted(
        {
            "POST /binaries/a%20b": Says({"status": "SUCCESS"}, 201),
            "POST /jobs": Says({"jobId": "j", "result": 1}),
        }
    ) as server:
        hearth = CommandLine(server.url)
        hearth("binary", "upload", "a b", str(file))
        hearth("job", "run", "b", "C", "-c", str(config))
        assert [len(x.body) for x in server.asked] == [3_000_004, 2_000_009]
        for asked in server.asked:
            assert "expect" not in asked.headers
        assert server.asked[0].headers["content-type"] == "application/java-archive"


@pytest.mark.parametrize("place", ["url", "environment", "option"])
def test_credentials_are_sent_and_never_printed(place: str) -> None:
    with scripted({"GET /contexts": Says({"status": "ERROR"}, 401)}) as server:
        own = server.url.replace("://", "://me:hush@")
        hearth = CommandLine(
            own if place == "url" else server.url,
            {"HEARTH_USER": "me:hush"} if place == "environment" else {},
        )
        option = ["--server", own] if place == "option" else []
        ran = hearth("context", "list", "-v", *option, code=REFUSED)
        assert "hush" not in ran.err + ran.out
        expected = base64.b64encode(b"me:hush").decode()
        assert server.asked[0].headers["authorization"] == f"Basic {expected}"


def test_parameters_of_a_job() -> None:
    with scripted({"POST /jobs": Says({"jobId": "j 1"}, 202)}) as server:
        done = CommandLine(server.url)(
            *("job", "submit", "b1,b2", "a.C", "-x", "c&d", "--param", "priority=5")
        )
        assert done.out == "j 1\n"
        assert server.asked[0].path == (
            "/jobs?cp=b1%2Cb2&mainClass=a.C&context=c%26d&priority=5"
        )


def test_run_outlives_the_first_request() -> None:
    """A sync wait that runs out is gone on with by other requests."""
    timed_out = Says({"status": "ERROR", "jobId": "j", "result": FAILURE}, 500)
    running = Says({"jobId": "j", "status": "RUNNING"})
    done = Says({"jobId": "j", "status": "FINISHED", "result": "three\nlines\n."})
    with scripted(
        {"POST /jobs": timed_out, "GET /jobs/j": [running, running, done]}
    ) as server:
        hearth = CommandLine(server.url)
        assert hearth("job", "run", "b", "C").out == "three\nlines\n.\n"
        assert "&timeout=30" in server.asked[0].path
        assert server.asked[1].path == "/jobs/j?wait=20"
        ran = hearth("job", "run", "b", "C", "--timeout", "0", code=TIMED_OUT)
        assert "&timeout=0" in server.asked[-1].path
        assert "hearth job wait j" in ran.err


def test_server_error_without_a_job_is_an_error() -> None:
    with scripted({"POST /jobs": Says({"status": "E", "result": FAILURE}, 500)}) as s:
        hearth = CommandLine(s.url)
        ran = hearth("job", "run", "b", "C", code=REFUSED)
        assert ran.err == "hearth: E: no\n"
        ran = hearth("job", "run", "b", "C", "--verbose", code=REFUSED)
        assert ran.err == "hearth: E: E: no\n\tat x\n"


def test_kill_of_a_job_that_had_failed() -> None:
    said = {"status": "ERROR", "ERROR": FAILURE}
    with scripted({"DELETE /jobs/j": Says(said)}) as server:
        ran = CommandLine(server.url)("job", "kill", "j", code=JOB_FAILED)
        assert ran.err == "hearth: job j had failed: E: no\n"


def test_delete_of_a_context_that_takes_its_time() -> None:
    accepted = Says({"status": "SUCCESS", "result": "stopping"}, 202)
    live, ended = Says({"endTime": "Empty"}), Says({"endTime": "2026-01-01"})
    with scripted(
        {"DELETE /contexts/c": accepted, "GET /contexts/c": [live, live, ended, live]}
    ) as server:
        hearth = CommandLine(server.url)
        assert hearth("context", "delete", "c").out == "Context stopped\n"
        hearth("context", "delete", "c", "--timeout", "0", code=TIMED_OUT)


def test_logs_come_as_they_are() -> None:
    lines = (b"one\n", b"two \xc3\xa4\n", b"no end")
    with scripted({"GET /jobs/j/logs": Says(parts=lines)}) as server:
        done = CommandLine(server.url)("job", "logs", "j", "--follow")
        assert done.out == "one\ntwo ä\nno end"
        assert server.asked[0].path == "/jobs/j/logs?follow=true"


def test_restart() -> None:
    said = Says({"status": "SUCCESS", "result": "Context restarted"})
    with scripted({"POST /contexts/c/restart": said}) as server:
        done = CommandLine(server.url)("context", "restart", "c")
        assert done.out == "Context restarted\n"


def test_data_files(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("1,2\n")
    path = "/data/x y-1.dat"
    with scripted(
        {
            "POST /data/x": Says({"result": {"filename": path}}),
            "GET /data": Says([path]),
            "DELETE /data/%2Fdata%2Fx%20y-1.dat": Says(b""),
        }
    ) as server:
        hearth = CommandLine(server.url)
        assert hearth("data", "upload", "x", str(file)).out == f"{path}\n"
        assert server.asked[0].body == b"1,2\n"
        assert hearth("data", "list").out == f"{path}\n"
        assert hearth("data", "delete", path).out == f"{path} deleted\n"


def test_progress_that_the_server_gives() -> None:
    running = Says({"status": "RUNNING"}, after=0.2)
    done = Says({"status": "FINISHED", "result": 1})
    progress = {
        "stages": {"done": 1, "total": 2},
        "tasks": {"done": 5, "total": 10},
    }
    with scripted(
        {
            "POST /jobs": Says({"jobId": "j"}, 202),
            "GET /jobs/j": [*[running] * 4, done, *[running] * 4, done],
            "GET /jobs/j/progress": Says(progress),
        }
    ) as server:
        hearth = CommandLine(server.url)
        seen = hearth("job", "run", "b", "C", "--watch")
        assert seen.out == "1\n"
        assert seen.err == "job j\njob j RUNNING 5/10 tasks, 1/2 stages\n"
        shown = hearth.on_terminal("job", "run", "b", "C", "--watch")
        assert "[###############...............] 5/10 tasks" in shown.err


def test_no_progress_asked_for_where_nobody_looks() -> None:
    with scripted({"GET /jobs/j": Says({"status": "FINISHED"}, after=0.4)}) as server:
        waited = CommandLine(server.url)("job", "wait", "j")
        assert waited.err == ""
        assert [x.path for x in server.asked] == ["/jobs/j?wait=20"]


def test_answers_that_are_no_json() -> None:
    page = Says(b"<html>Bad \x1b[31mGateway</html>", 502)
    with scripted({"GET /contexts": page, "GET /jobs": Says(b"not JSON")}) as server:
        hearth = CommandLine(server.url)
        ran = hearth("context", "list", "--json", code=REFUSED)
        assert ran.err == "hearth: HTTP 502: <html>Bad ?[31mGateway</html>\n"
        assert ran.out == ""
        assert hearth("job", "list").out == "not JSON\n"


def test_numbers_stay_what_they_were() -> None:
    text = b'{"jobId":"j","result":{"n":12345678901234567890.10,"s":[1.0]}}'
    with scripted({"POST /jobs": Says(text)}) as server:
        hearth = CommandLine(server.url)
        shown = hearth("job", "run", "b", "C").out
        assert "12345678901234567890.10" in shown
        assert "1.0" in shown
        assert hearth("job", "run", "b", "C", "--json").out == text.decode() + "\n"


def test_upload_shows_how_far_it_is(tmp_path: Path) -> None:
    size = 30_000_000
    file = tmp_path / "big.jar"
    file.write_bytes(bytes(size))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take_slowly() -> None:
            peer, _ = listener.accept()
            with peer:
                left = size
                while left > 0:
                    left -= len(peer.recv(200_000))
                    threading.Event().wait(0.01)
                peer.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=take_slowly, daemon=True).start()
        hearth = CommandLine(f"http://127.0.0.1:{listener.getsockname()[1]}")
        ran = hearth.on_terminal("binary", "upload", "big", str(file))
        assert ran.out == "big uploaded\n"
        assert re.search(r"uploading big \[#+\.+\] [\d.]+ MB of 30.0 MB", ran.err)


def test_no_http_at_the_other_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(b"SSH-2.0-OpenSSH\r\n")

        threading.Thread(target=speak, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert url in CommandLine(url)("status", code=UNREACHABLE).err


def test_output_that_cannot_be_written() -> None:
    with (
        scripted({"GET /contexts": Says([])}) as server,
        Path("/dev/full").open("w") as full,
    ):
        done = subprocess.run(
            [str(PROGRAM), "-s", server.url, "context", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert done.returncode == FILE
        assert done.stderr == "hearth: the output cannot be written\n"


BASH = """
source packaging/completion/hearth.bash
complete_line() {
  COMP_LINE=$1 COMP_POINT=${#1}
  read -ra COMP_WORDS <<<"$1"
  [[ $1 == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _hearth "$PROGRAM" && printf '%s\\n' "${COMPREPLY[@]}"
}
complete_line "hearth $LINE" 2>/dev/null
"""

ZSH = """
autoload -Uz compinit && compinit -u -D
_describe() { print -l -- ${${(P)2}%%:*} }
_files() { print FILES }
source packaging/completion/_hearth
words=($PROGRAM ${(s: :)LINE})
[[ $LINE == *' ' ]] && words+=('')
CURRENT=$#words
_hearth
"""

FISH = """
set PATH (path dirname $PROGRAM) $PATH
source packaging/completion/hearth.fish
complete -C "hearth $LINE" | string split -f1 \\t
"""


@pytest.mark.parametrize(
    ("shell", "script"), [("bash", BASH), ("zsh", ZSH), ("fish", FISH)]
)
def test_shells_complete(shell: str, script: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    with scripted({"GET /contexts": Says(["alpha", "beta"])}) as server:

        def offered(line: str) -> list[str]:
            done = subprocess.run(
                [shell, *(["-f"] if shell == "zsh" else []), "-c", script],
                cwd=PROGRAM.parents[2],
                env={
                    "PATH": "/usr/bin:/bin",
                    "HOME": "/nonexistent",
                    "HEARTH_URL": server.url,
                    "PROGRAM": str(PROGRAM),
                    "LINE": line,
                },
                capture_output=True,
                text=True,
            )
            return done.stdout.split()

        assert offered("conte") == ["context"]
        assert set(offered("context re")) == {"restart"}
        assert set(offered("context show ")) == {"alpha", "beta"}
        assert offered("context show al") == ["alpha"]
        assert "--watch" in offered("job run --w")
        assert offered("job list --status ru") == ["running"]

"""Users, passwords and permissions, against the real programs."""

from __future__ import annotations

import base64
import contextlib
import http.client
import itertools
import os
import subprocess
import threading
from pathlib import Path

import pytest

from conftest import StartHearthd
from support.contract import Row, check, error
from support.hearthd import BINARY, Hearthd, run_hearthd
from support.spark import Spark
from support.wait import until

PASSWD = BINARY.parent / "hearth-passwd"
HEARTH = BINARY.parent / "hearth"
MISSING = error(
    "The resource requires authentication, which was not supplied with the request"
)
INVALID = error("The supplied authentication is invalid")
FORBIDDEN = error(
    "The supplied authentication is not authorized to access this resource"
)
BEARER = {"Authorization": "Bearer x"}
ASKS = {"www-authenticate": 'Basic realm="hearth", charset="UTF-8"'}


def basic(name: str, password: str) -> dict[str, str]:
    text = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


def passwd(*words: object, password: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PASSWD, *map(str, words)],
        input=password + "\n",
        capture_output=True,
        text=True,
        timeout=20,
    )


def add_user(file: Path, name: str, password: str, permissions: str) -> None:
    done = passwd(file, name, permissions, password=password)
    assert done.returncode == 0, done.stderr


ALL = basic("all", "p:ä")
READER = basic("reader", "r")
STARTER = basic("starter", "s")
NOTHING = basic("nothing", "n")


@pytest.fixture(scope="module")
def guarded(
    start_shared_hearthd: StartHearthd,
    default_spark: Spark,
    tmp_path_factory: pytest.TempPathFactory,
) -> Hearthd:
    """A server with users, where anyone may look at data files."""
    users = tmp_path_factory.mktemp("users") / "users"
    add_user(users, "all", "p:ä", "*")
    add_user(users, "reader", "r", "binaries:read,contexts:read,data:read,jobs:read")
    add_user(users, "starter", "s", "jobs,contexts:start")
    add_user(users, "changed", "old", "jobs")
    return start_shared_hearthd(
        default_spark,
        settings={
            "hearth.access.enabled": "on",
            "hearth.access.users": users,
            "hearth.access.anonymous": "data:read",
            "hearth.access.cache-time": "1ms",
        },
    )


REQUESTS = [
    # request: who of reader and starter may
    ("GET /binaries", "reader"),
    ("GET /binaries/x", "reader"),
    ("POST /binaries/x", ""),
    ("DELETE /binaries/x", ""),
    ("GET /jars", "reader"),
    ("POST /jars/x", ""),
    ("DELETE /jars/x", ""),
    ("GET /contexts", "reader"),
    ("GET /contexts/x", "reader"),
    ("GET /contexts/x/history", "reader"),
    ("GET /contexts/x/logs", "reader"),
    ("POST /contexts/1x", "starter"),
    ("POST /contexts/x/restart", ""),
    ("DELETE /contexts/x", ""),
    ("PUT /contexts?reset=x", ""),
    ("GET /data", "reader"),
    ("POST /data/x", ""),
    ("DELETE /data/x", ""),
    ("PUT /data?reset=x", ""),
    ("GET /jobs", "reader starter"),
    ("GET /jobs/x", "reader starter"),
    ("GET /jobs/x/config", "reader starter"),
    ("GET /jobs/x/history", "reader starter"),
    ("GET /jobs/x/logs", "reader starter"),
    ("GET /jobs/x/progress", "reader starter"),
    ("POST /jobs", "starter"),
    ("DELETE /jobs/x", "starter"),
    ("POST /jobs/x?_method=DELETE", "starter"),
    ("GET /", "reader starter"),
    ("GET /metricz", "reader starter"),
    ("GET /admin/actors", "reader"),
]


OPEN = ("GET /data", "GET /", "GET /metricz")
"""For anyone: data files, and what those may see who may anything."""


@pytest.mark.parametrize(("request_line", "may"), REQUESTS, ids=lambda x: x or "none")
def test_each_request_takes_its_permission(
    guarded: Hearthd, request_line: str, may: str
) -> None:
    method, path = request_line.split()

    def ask(headers: dict[str, str]) -> int:
        return guarded.client.request(method, path, None, b"", headers).status

    for name, headers in (("reader", READER), ("starter", STARTER)):
        assert (ask(headers) == 403) == (name not in may.split()), name
    assert ask(ALL) not in (401, 403)
    assert (ask({}) == 401) == (request_line not in OPEN)


ROWS = [
    Row("health is open", "GET /healthz", 200),
    Row("preflights are open", "OPTIONS /jobs", 200),
    Row("no credentials", "GET /jobs", 401, MISSING, says=ASKS),
    Row("unknown user", "GET /jobs", 401, INVALID, headers=NOTHING, says=ASKS),
    Row(
        "wrong password",
        "GET /jobs",
        401,
        INVALID,
        headers=basic("all", "p"),
        says=ASKS,
    ),
    Row("no password", "GET /jobs", 401, INVALID, headers=basic("all", "")),
    Row("another scheme", "GET /jobs", 401, INVALID, headers=BEARER),
    Row("no Base64", "GET /jobs", 401, INVALID, headers={"Authorization": "Basic !"}),
    Row("no permission", "POST /jobs", 403, FORBIDDEN, headers=READER),
    Row("permission", "GET /jobs", 200, [], headers=ALL),
    Row("what anyone may", "GET /data", 200, list),
    Row("unknown user for what anyone may", "GET /data", 401, INVALID, headers=NOTHING),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_answers(guarded: Hearthd, row: Row) -> None:
    check(guarded.client, row, {})


def test_changes_of_the_file_are_seen(guarded: Hearthd) -> None:
    users = Path(str(guarded.settings["hearth.access.users"]))

    def status(password: str) -> int:
        headers = basic("changed", password)
        return guarded.client.request("GET", "/jobs", None, None, headers).status

    assert status("old") == 200
    assert passwd(users, "changed", password="new").returncode == 0
    until(lambda: status("old") == 401, "the old password is not known any more")
    assert status("new") == 200
    assert passwd("--delete", users, "changed").returncode == 0
    until(lambda: status("new") == 401, "the user is not known any more")
    assert users.stat().st_mode & 0o777 == 0o600


def test_no_password_is_kept_in_plain(guarded: Hearthd) -> None:
    secret = "Correct-Horse-7"
    guarded.client.request("GET", "/jobs", None, None, basic("all", secret))
    assert secret not in guarded.log
    assert ALL["Authorization"].split()[1] not in guarded.log
    users = Path(str(guarded.settings["hearth.access.users"])).read_text()
    assert users.count("$y$") >= 3


def test_a_flood_of_wrong_passwords_locks_nobody_out(guarded: Hearthd) -> None:
    """The server of this module remembers nobody at its door."""

    def status(headers: dict[str, str]) -> int:
        return guarded.client.request("GET", "/jobs", None, None, headers).status

    assert status(READER) == 200
    users = Path(str(guarded.settings["hearth.access.users"]))
    add_user(users, "late", "l", "jobs")
    over = threading.Event()
    answers: list[int] = []

    def flood(number: int) -> None:
        for attempt in itertools.count():
            if over.is_set():
                return
            guess = basic("reader", f"wrong-{number}-{attempt}")
            answers.append(status(guess))

    callers = [threading.Thread(target=flood, args=(n,)) for n in range(48)]
    try:
        for caller in callers:
            caller.start()
        until(lambda: 503 in answers, "more passwords come than are checked")
        # A password that was right before is not checked again.
        for _ in range(20):
            assert status(READER) == 200
        # Another address waits for its own turn alone.
        late = ask_from("127.0.0.2", guarded, basic("late", "l"))
        assert late == 200
    finally:
        over.set()
        for caller in callers:
            caller.join()
    assert set(answers) <= {401, 503}


def ask_from(address: str, server: Hearthd, headers: dict[str, str]) -> int:
    """The status of a request that comes from that address of this machine."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.port, timeout=20, source_address=(address, 0)
    )
    with contextlib.closing(connection):
        connection.request("GET", "/jobs", headers=headers)
        return connection.getresponse().status


def test_failed_logins_are_logged(guarded: Hearthd) -> None:
    headers = basic("not\nthere", "hush-hush")
    line = 'failed login of "not\\x0athere" from 127.0.0.1'

    def is_logged() -> bool:
        # Only the first few of a period have a line of their own.
        guarded.client.request("GET", "/jobs", None, None, headers)
        return line in guarded.log

    until(is_logged, "the failure is logged", seconds=30, pause=0.5)
    assert "hush-hush" not in guarded.log


def test_the_command_line_says_who_it_is(guarded: Hearthd, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("r\n")
    secret.chmod(0o600)
    plain = {k: v for k, v in os.environ.items() if not k.startswith("HEARTH_")}

    def run(**variables: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [HEARTH, "--server", f"127.0.0.1:{guarded.port}", "job", "list"],
            env={**plain, **{k: str(v) for k, v in variables.items()}},
            capture_output=True,
            text=True,
            timeout=20,
        )

    assert "requires authentication" in run().stderr
    assert run(HEARTH_USER="reader:r").returncode == 0
    assert run(HEARTH_USER="reader", HEARTH_PASSWORD_FILE=secret).returncode == 0
    assert "is invalid" in run(HEARTH_USER="reader:x").stderr
    config = tmp_path / "config" / "hearth"
    config.mkdir(parents=True)
    known = config / "credentials"
    known.write_text("reader:r\n")
    known.chmod(0o644)
    open_to_all = run(XDG_CONFIG_HOME=tmp_path / "config")
    assert open_to_all.returncode != 0
    assert "600" in open_to_all.stderr
    known.chmod(0o600)
    assert run(XDG_CONFIG_HOME=tmp_path / "config").returncode == 0


def test_a_server_does_not_start_without_its_users(tmp_path: Path) -> None:
    def start(*settings: str) -> subprocess.CompletedProcess[str]:
        words = ["--port", "0", "--set", "hearth.access.enabled=on"]
        for setting in (f"hearth.data-dir={tmp_path}", *settings):
            words += ["--set", setting]
        return run_hearthd(words)

    refused = start()
    assert refused.returncode == 1
    assert f"{tmp_path}/users: No such file" in refused.stderr
    (tmp_path / "users").write_text("")
    (tmp_path / "users").chmod(0o644)
    assert "of mode 600" in start().stderr
    refused = start("hearth.access.anonymous=fly")
    assert refused.returncode == 2
    assert "hearth.access.anonymous" in refused.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["a:b"], "a name has no blank"),
        (["ann", "fly"], "permissions is not known: fly"),
        (["--delete"], "Usage"),
    ],
)
def test_wrong_users_are_refused(tmp_path: Path, words: list[str], says: str) -> None:
    file = tmp_path / "users"
    line = [*words, file] if words[0].startswith("--") else [file, *words]
    done = passwd(*line, password="x")
    assert done.returncode != 0
    assert says in done.stderr
    assert not file.exists()


def test_an_empty_password_is_refused(tmp_path: Path) -> None:
    assert "a password has" in passwd(tmp_path / "users", "ann").stderr


def test_without_access_control_credentials_do_not_matter(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    client = start_hearthd(default_spark).client
    assert client.request("GET", "/contexts", None, None, READER).json() == []

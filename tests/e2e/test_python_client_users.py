"""The Python client with users, and as the program of a person."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import StartHearthd
from hearth_client import AccessDenied, Client
from support.hearthd import BINARY, REPOSITORY, Hearthd
from support.python_client import running, shop, url_of
from support.spark import Spark

CLIENT = REPOSITORY / "clients/python/src"


@pytest.fixture(scope="module")
def hearthd(
    start_shared_hearthd: StartHearthd,
    default_spark: Spark,
    tmp_path_factory: pytest.TempPathFactory,
) -> Hearthd:
    """A server with two users."""
    users = tmp_path_factory.mktemp("users") / "users"
    for name, permissions in (("ann", "*"), ("bob", "jobs:read")):
        done = subprocess.run(
            [BINARY.parent / "hearth-passwd", users, name, permissions],
            input=f"of {name}\n",
            text=True,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr
    settings = {"hearth.access.enabled": "on", "hearth.access.users": users}
    return start_shared_hearthd(default_spark, settings=settings)


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's own settings count."""
    for name in [x for x in os.environ if x.startswith("HEARTH_")]:
        if name in ("HEARTH_URL", "HEARTH_USER", "HEARTH_PASSWORD_FILE"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    return home


def test_who_asks(hearthd: Hearthd) -> None:
    url = url_of(hearthd)
    with Client(url, user="ann", password="of ann") as ann:
        assert ann.contexts() == []
    with Client(url.replace("//", "//ann:of%20ann@")) as ann:
        assert ann.contexts() == []
        assert "of ann" not in repr(ann)
    with Client(url, user="bob:of bob") as bob:
        assert list(bob.jobs()) == []
        with pytest.raises(AccessDenied) as denied:
            bob.contexts()
    assert (denied.value.status, denied.value.code) == (403, "forbidden")
    for wrong in (
        Client(url),
        Client(url, user="ann", password="wrong"),
        Client(url, token="of ann"),
    ):
        with wrong, pytest.raises(AccessDenied) as denied:
            wrong.contexts()
        assert (denied.value.status, denied.value.code) == (401, "unauthorized")
        assert "of ann" not in str(denied.value)


def test_the_environment_of_the_command_line(
    hearthd: Hearthd, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one finds, the other finds, too."""

    def contexts() -> tuple[int, bool]:
        program = [str(BINARY.parent / "hearth"), "context", "list", "-q"]
        by_hand = subprocess.run(program, capture_output=True)
        with Client() as client:
            try:
                client.contexts()
            except AccessDenied:
                return by_hand.returncode, False
        return by_hand.returncode, True

    monkeypatch.setenv("HEARTH_URL", url_of(hearthd))
    assert contexts() == (1, False)
    credentials = empty_home / ".config/hearth/credentials"
    credentials.parent.mkdir(parents=True)
    credentials.write_text("ann:of ann\n")
    credentials.chmod(0o600)
    assert contexts() == (0, True)
    monkeypatch.setenv("HEARTH_USER", "bob:of bob")
    assert contexts() == (1, False)
    password = empty_home / "password"
    password.write_text("of ann")
    password.chmod(0o600)
    monkeypatch.setenv("HEARTH_USER", "ann")
    monkeypatch.setenv("HEARTH_PASSWORD_FILE", str(password))
    assert contexts() == (0, True)


PROGRAM = """
import sys
from hearth_client import Client
client = Client(sys.argv[1], user="ann:of ann")
print(client.job(sys.argv[2]).result(progress=True))
"""


def test_a_bar_in_a_terminal(hearthd: Hearthd, tmp_path: Path) -> None:
    """It is drawn on the terminal alone, and wiped. Nobody closes that client."""
    go = tmp_path / "go"
    environment = {**os.environ, "PYTHONPATH": str(CLIENT), "TERM": "xterm"}
    with (
        Client(url_of(hearthd), user="ann:of ann") as client,
        shop(client, tmp_path) as ctx,
    ):
        job = running(ctx.submit("shop.WaitsForFile", {"file": str(go)}))
        expected = f"job {job.id} RUNNING [{'#' * 15}{'.' * 15}] 1/2 half of it"
        command = [sys.executable, "-c", PROGRAM, client.url, job.id]
        controller, terminal = pty.openpty()
        process = subprocess.Popen(
            command,
            env={**environment, "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=terminal,
            text=True,
        )
        os.close(terminal)
        drawn = ""
        with contextlib.suppress(OSError):  # when the other end is closed
            while piece := os.read(controller, 4096):
                drawn += piece.decode()
                if expected in drawn:
                    go.touch()
        assert expected in drawn
        assert drawn.endswith("\r\033[K")
        assert process.communicate(timeout=60)[0] == "False\n"
        assert process.returncode == 0
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert (done.stdout, done.stderr) == ("False\n", "")

"""Which server, and who asks it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from hearth_client.address import DEFAULT_URL, find_server


def who(authorization: str) -> str:
    kind, _, text = authorization.partition(" ")
    assert kind == "Basic"
    return base64.b64decode(text).decode()


def secret(file: Path, text: str, mode: int = 0o600) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return str(file)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (None, DEFAULT_URL),
        ("jobs.example.org", "http://jobs.example.org"),
        ("https://jobs.example.org/hearth/", "https://jobs.example.org/hearth"),
        ("http://[::1]:8090", "http://[::1]:8090"),
    ],
)
def test_addresses(given: str | None, url: str) -> None:
    server = find_server(given, environment={})
    assert (server.url, server.authorization) == (url, "")


@pytest.mark.parametrize(
    "wrong",
    ["ftp://u:secret@x", "http://", "http://u:secret@x:port", "http://x?secret=1"],
)
def test_what_is_no_address_is_not_quoted(wrong: str) -> None:
    with pytest.raises(ValueError, match="holds no address of a server") as error:
        find_server(wrong, environment={})
    assert "secret" not in str(error.value)
    with pytest.raises(ValueError, match=r"^HEARTH_URL holds no address"):
        find_server(environment={"HEARTH_URL": wrong})


def test_arguments_win_over_the_address_and_that_over_the_environment() -> None:
    env = {"HEARTH_URL": "http://a:b@host", "HEARTH_USER": "c:d"}
    assert who(find_server(environment=env).authorization) == "a:b"
    assert who(find_server("host", environment=env).authorization) == "c:d"
    given = find_server(user="e", password="f:ä", environment=env)
    assert who(given.authorization) == "e:f:ä"
    assert given.url == "http://host"
    assert find_server(token="t", environment=env).authorization == "Bearer t"
    assert who(find_server("http://a%40b:c%3A@x").authorization) == "a@b:c:"
    for wrong in ({"token": "t", "user": "u"}, {"password": "p"}):
        with pytest.raises(ValueError, match="user"):
            find_server(environment={}, **wrong)


def test_files_of_passwords(tmp_path: Path) -> None:
    file = secret(tmp_path / "password", "s3cret\nnot this\n")
    env = {"HEARTH_USER": "ann", "HEARTH_PASSWORD_FILE": file}
    assert who(find_server(environment=env).authorization) == "ann:s3cret"
    with pytest.raises(ValueError, match="needs HEARTH_USER"):
        find_server(environment={"HEARTH_PASSWORD_FILE": file})
    env["HEARTH_PASSWORD_FILE"] = secret(tmp_path / "empty", "")
    with pytest.raises(ValueError, match="is empty"):
        find_server(environment=env)


def test_the_file_of_credentials(tmp_path: Path) -> None:
    place = tmp_path / ".config/hearth/credentials"
    env = {"HOME": str(tmp_path)}
    assert find_server(environment=env).authorization == ""
    secret(place, "ann:p\n")
    assert who(find_server(environment=env).authorization) == "ann:p"
    other = {**env, "XDG_CONFIG_HOME": str(tmp_path / "other")}
    assert find_server(environment=other).authorization == ""
    place.chmod(0o640)
    with pytest.raises(PermissionError, match="chmod 600 it"):
        find_server(environment=env)
    assert who(find_server(environment={**env, "HEARTH_USER": "x:y"}).authorization)


def test_secrets_are_not_shown() -> None:
    assert "c2Vj" not in repr(find_server("http://a:secret@x", environment={}))
    assert "secret" not in repr(find_server(token="secret", environment={}))

"""Which server, and who asks it: from arguments, the environment, and the file of
the command line `hearth`, with the same meaning.
"""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

DEFAULT_URL = "http://127.0.0.1:8090"


@dataclass(frozen=True)
class Server:
    """An address, and the header that says who asks."""

    url: str
    """Without credentials, and without a slash at its end."""
    authorization: str = field(default="", repr=False)
    """The value of the header; "" for none."""


def find_server(
    url: str | None = None,
    *,
    token: str | None = None,
    user: str | None = None,
    password: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Server:
    """Reads arguments first, then the environment, then the file of credentials.

    No error quotes a URL or a password.

    :raises ValueError: if the address is none, or arguments contradict
    :raises PermissionError: if others may read a file with a password
    """
    env = os.environ if environment is None else environment
    given, source = url, "url"
    if given is None and env.get("HEARTH_URL"):
        given, source = env["HEARTH_URL"], "HEARTH_URL"
    server, in_url = _read_url(given or DEFAULT_URL, source)
    if token is not None:
        if user is not None or password is not None:
            raise ValueError("token and user exclude each other")
        return Server(server, f"Bearer {token}")
    if password is not None and user is None:
        raise ValueError("password needs user, the name")
    if user is not None:
        who = user if password is None else f"{user}:{password}"
    else:
        who = in_url or _of_environment(env)
    return Server(server, _basic(who) if who else "")


def _basic(who: str) -> str:
    name, _, password = who.partition(":")
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def _read_url(text: str, source: str) -> tuple[str, str]:
    """The address without a user, and `name:password` or ""."""
    wrong = f"{source} holds no address of a server; one looks like {DEFAULT_URL}"
    full = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(full)
        _ = parts.port
    except ValueError:
        raise ValueError(wrong) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError(wrong)
    who = ""
    if parts.username:
        who = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", "")), who


def _of_environment(env: Mapping[str, str]) -> str:
    user = env.get("HEARTH_USER", "")
    if env.get("HEARTH_PASSWORD_FILE"):
        if not user:
            raise ValueError("HEARTH_PASSWORD_FILE needs HEARTH_USER, the name")
        return f"{user}:{_read_secret(Path(env['HEARTH_PASSWORD_FILE']))}"
    if user:
        return user
    folder = env.get("XDG_CONFIG_HOME", "")
    if not folder and env.get("HOME"):
        folder = f"{env['HOME']}/.config"
    file = Path(folder, "hearth/credentials")
    return _read_secret(file) if folder and file.exists() else ""


def _read_secret(file: Path) -> str:
    """The first line of a file that only its owner may read."""
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PermissionError(f"{file}: others may read this password: chmod 600 it")
    with file.open(encoding="utf-8") as lines:
        line = lines.readline().rstrip("\n")
    if not line:
        raise ValueError(f"{file}: is empty")
    return line

"""Uploads of binaries, which are skipped where the server has them."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from hearth_client.aio.core import Core
from hearth_client.errors import NotFound
from hearth_client.reports import Binary, time_of
from hearth_client.transport import Answer

MEDIA = {
    "jar": "application/java-archive",
    "wheel": "application/python-wheel",
    "egg": "application/python-egg",
    "native": "application/x-sharedlib",
}

_ENDINGS = {".jar": "jar", ".whl": "wheel", ".egg": "egg", ".so": "native"}


async def upload(core: Core, path: Path, name: str | None, type: str | None) -> Binary:
    """Uploads a file, unless the server has its content under that name."""
    kind = type or _ENDINGS.get(path.suffix)
    if kind not in MEDIA:
        raise ValueError(
            f"the name of {path} does not say what it is: give type, one of "
            + ", ".join(MEDIA)
        )
    return await put(core, name or name_of(path), path, kind)


async def put(
    core: Core, name: str, content: bytes | Path, kind: str, fresh: bool = False
) -> Binary:
    """Uploads content, unless the server has it under that name.

    :param fresh: uploads it in any case
    """
    if not fresh:
        digest = await asyncio.to_thread(digest_of, content)
        try:
            there = await core.transport.send("GET", ["binaries", name])
        except NotFound:
            there = None
        if there is not None and _tag(there) == digest:
            return _binary(there)
    await core.transport.send(
        "POST",
        ["binaries", name],
        body=content,
        content_type=MEDIA[kind],
        timeout=None,
    )
    return _binary(await core.transport.send("GET", ["binaries", name]))


def name_of(path: Path) -> str:
    """The name of a binary: that of a wheel or an egg without its version."""
    stem = path.stem
    return stem.partition("-")[0] if path.suffix in (".whl", ".egg") else stem


def digest_of(content: bytes | Path) -> str:
    """The SHA-256 of the content, in hexadecimal digits."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    digest = hashlib.sha256()
    with content.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _tag(answer: Answer) -> str:
    return answer.headers.get("etag", "").strip('"')


def _binary(answer: Answer) -> Binary:
    x = answer.json()
    return Binary(
        str(x["app-name"]), str(x["binary-type"]), time_of(x.get("upload-time"))
    )

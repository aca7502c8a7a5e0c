"""Puts the binaries of a job on the path of this process."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_SPREAD = {"purelib", "platlib"}
"""Parts of a wheel's data folder that are installed beside its packages."""


class BadBinary(Exception):
    """A binary cannot be used by Python jobs."""


class Code(NamedTuple):
    """A binary that is on the path."""

    file: str
    """The wheel or egg; or a folder."""
    digest: str
    """Of the file; "" for a folder."""
    folder: str
    """Where it is unpacked."""


def put_on_path(binaries: list[tuple[str, str]], folder: Path) -> list[Code]:
    """Unpacks wheels and eggs, and puts them on the path, the first one first.

    They stand behind the folder of Hearth's own packages and before everything
    else, as what PYTHONPATH names does.

    :param binaries: the path and the digest of each; "" if it is not known
    :param folder: has the unpacked ones, each in a folder named by its digest
    :raises BadBinary: if one is no wheel, egg or folder
    """
    found = [_place_of(path, digest, folder) for path, digest in binaries]
    sys.path[1:1] = [code.folder for code in found]
    return found


def _place_of(path: str, digest: str, folder: Path) -> Code:
    if Path(path).is_dir():
        return Code(path, "", path)
    if not Path(path).is_file():
        raise BadBinary(f"there is no file {path}")
    digest = digest or _digest_of(path)
    target = folder / digest
    if not target.is_dir():
        _unpack(path, target)
    return Code(path, digest, str(target))


def _digest_of(path: str) -> str:
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _unpack(path: str, target: Path) -> None:
    """Unpacks beside the target and renames, since others may do the same now."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="part-", dir=target.parent))
    try:
        with zipfile.ZipFile(path) as archive:
            _check(path, archive)
            archive.extractall(scratch)
        _spread_data(scratch)
        try:
            scratch.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as e:
        raise BadBinary(f"{path} cannot be unpacked: {e}") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _check(path: str, archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    for name in names:
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts:
            raise BadBinary(f"{path} has the entry {name}, which leaves its folder")
    if not any(name.endswith((".py", ".pyc", ".so")) for name in names):
        raise BadBinary(
            f"{path} has no Python modules; jobs of this context come in wheels, eggs "
            "or zip files of modules"
        )


def _spread_data(folder: Path) -> None:
    """Moves what a wheel has in NAME.data to where an installation would put it."""
    for data in folder.glob("*.data"):
        for part in data.iterdir():
            if part.name in _SPREAD:
                shutil.copytree(part, folder, dirs_exist_ok=True)

"""The virtual environment of a context that names its requirements."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from hearth.agent.log import log_line
from hearth.agent.settings import BadSetting

_COMPLETE = "hearth-complete"
_ENTERED = "HEARTH_PYTHON_ENVIRONMENT"
_LAST_LINES = 30
_PIP = (
    *("-m", "pip", "install", "--disable-pip-version-check"),
    *("--no-input", "--progress-bar=off"),
)


def enter_environment(
    requirements: Sequence[str], cache: Path, arguments: Sequence[str]
) -> None:
    """Makes the environment if there is none yet, and goes on in its interpreter.

    The process stays the same, and begins anew with the same arguments. In the
    environment's interpreter this does nothing.

    :param cache: has environments in folders that are named by their content
    :raises BadSetting: if the requirements cannot be installed
    """
    if not requirements:
        return
    if os.environ.pop(_ENTERED, None) is not None:
        return
    python = make_environment(requirements, cache) / "bin" / "python"
    os.environ[_ENTERED] = str(python)
    os.execv(python, [str(python), *arguments])


def make_environment(requirements: Sequence[str], cache: Path) -> Path:
    """The folder of the environment, which is made unless it is there.

    It sees the packages of the interpreter that makes it, too. Another process
    that needs the same one waits until it is made.

    :raises BadSetting: if the requirements cannot be installed
    """
    folder = cache / _key_of(requirements)
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(folder.with_suffix(".lock")):
        if not (folder / _COMPLETE).exists():
            shutil.rmtree(folder, ignore_errors=True)  # half of one
            _make(folder, requirements)
        (folder / _COMPLETE).touch()  # its time says when it was last used
    return folder


def _key_of(requirements: Sequence[str]) -> str:
    """Names the content: what is installed, and for which interpreter."""
    parts = [
        str(Path(sys.executable).resolve()),
        sys.version,
        sysconfig.get_path("purelib"),
        *sorted(requirements),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(folder: Path, requirements: Sequence[str]) -> None:
    log_line("INFO", f"making an environment with {', '.join(requirements)}")
    _run([sys.executable, "-m", "venv", str(folder)], "no environment can be made")
    python = str(folder / "bin" / "python")
    listed = folder / "requirements.txt"
    listed.write_text("".join(f"{line}\n" for line in requirements))
    # The packages of this interpreter stay visible, behind those of the list.
    (_site_of(folder) / "hearth-parent.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n"
    )
    _run(
        [python, *_PIP, "-r", str(listed)],
        "python.requirements cannot be installed",
    )
    log_line("INFO", "the environment is made")


def _site_of(folder: Path) -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return folder / "lib" / version / "site-packages"


def _run(command: Sequence[str], problem: str) -> None:
    """Runs a program, whose words go to the context's log.

    :raises BadSetting: if it fails; the message has its last words
    """
    last: deque[str] = deque(maxlen=_LAST_LINES)
    try:
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                log_line("INFO", f"python.requirements: {line.rstrip()}")
                last.append(line)
    except OSError as e:
        raise BadSetting(f"{problem}: {e}") from None
    if process.returncode != 0:
        raise BadSetting(f"{problem}:\n{''.join(last).rstrip()}")

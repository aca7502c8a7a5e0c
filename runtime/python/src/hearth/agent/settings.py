"""The settings of a Python context, checked."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MAX_WORKERS = 1024
_UNITS = {"": 1, "b": 1}
for _power, _letter in enumerate("kmgt", 1):
    _UNITS[_letter] = _UNITS[_letter + "i"] = _UNITS[_letter + "ib"] = 1024**_power
    _UNITS[_letter + "b"] = 1000**_power
_SMALLEST_MEMORY = 64 * 1024 * 1024
_KNOWN = {
    "python.executable",
    "python.paths",
    "python.preload",
    "python.requirements",
    "python.worker-memory",
}


class BadSetting(Exception):
    """A setting of the context has a value that cannot be right."""


@dataclass(frozen=True)
class Settings:
    """What the settings of a context say to its agent."""

    cores: int
    cores_are_set: bool
    workers: int
    """How many jobs run at the same time, each in a process."""
    worker_memory: int
    """Bytes; 0: no limit."""
    paths: tuple[str, ...]
    requirements: tuple[str, ...]
    """What the context's virtual environment has; without them it has none."""
    preload: tuple[str, ...]
    """Modules that are imported before the first job, for all workers."""
    interrupt_after: float
    """Seconds from the cancellation of a job to the interruption of its thread."""
    kill_after: float
    """Seconds from there to the end of its process."""


def read_settings(settings: Mapping[str, Any]) -> Settings:
    """Reads the settings of a context.

    :raises BadSetting: names the setting, what it is, and what it has to be
    """
    for key in settings:
        if key.startswith("python.") and key not in _KNOWN:
            raise BadSetting(
                f"there is no setting {key}; there are {', '.join(sorted(_KNOWN))}"
            )
    cores = _count(settings, "num-cpu-cores")
    step = min(1.0, _milliseconds(settings, "kill-timeout", 5000) / 5000)
    return Settings(
        cores=cores or len(os.sched_getaffinity(0)),
        cores_are_set=cores is not None,
        workers=min(_count(settings, "workers") or _MAX_WORKERS, _MAX_WORKERS),
        worker_memory=_memory(settings),
        paths=_texts(settings, "python.paths"),
        requirements=_requirements(settings),
        preload=_texts(settings, "python.preload"),
        interrupt_after=0.3 * step,
        kill_after=1.5 * step,
    )


def _count(settings: Mapping[str, Any], key: str) -> int | None:
    value = settings.get(key)
    if value is None or value == "":
        return None
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number < 1:
        raise BadSetting(f"{key} has to be a whole number from 1 on, not {value!r}")
    return number


def _milliseconds(settings: Mapping[str, Any], key: str, default: float) -> float:
    """A duration, which the server has checked."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]*)", str(settings.get(key, "")))
    units = {"": 1.0, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
    if match is None or match[2] not in units:
        return default
    return float(match[1]) * units[match[2]]


def _memory(settings: Mapping[str, Any]) -> int:
    value = settings.get("python.worker-memory")
    if value is None or value == "":
        return 0
    match = re.fullmatch(r"(\d+)\s*([a-zA-Z]*)", str(value).strip())
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise BadSetting(
            "python.worker-memory has to be a size like 512MiB or 2g, "
            f"not {str(value)!r}"
        )
    size = int(match[1]) * unit
    if size < _SMALLEST_MEMORY:
        raise BadSetting(
            "python.worker-memory has to be at least 64MiB, which the interpreter "
            f"itself needs, not {str(value)!r}"
        )
    return size


def _texts(settings: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list, or a text with commas, as a query parameter has it."""
    value = settings.get(key)
    if value is None or value == "":
        return ()
    if isinstance(value, str) and value.startswith("["):
        with contextlib.suppress(ValueError):  # refused below
            value = json.loads(value)
    elif isinstance(value, str):
        value = [piece.strip() for piece in value.split(",")]
    if not isinstance(value, list) or not all(
        isinstance(item, str) and item for item in value
    ):
        raise BadSetting(
            f"{key} has to be a list of texts, or one text with commas, not {value!r}"
        )
    return tuple(value)


def _requirements(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """A list, or a text with commas, which may be within a requirement, too."""
    found: list[str] = []
    for piece in _texts(settings, "python.requirements"):
        if found and piece[0] in "<>=!~":
            found[-1] += f",{piece}"
        else:
            found.append(piece)
    for requirement in found:
        if requirement.startswith("-") or "\n" in requirement:
            raise BadSetting(
                "python.requirements has to be a list of requirements like "
                f"numpy==2.1, without options; {requirement!r} is none"
            )
    return tuple(found)

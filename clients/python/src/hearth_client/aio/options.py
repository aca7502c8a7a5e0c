"""How contexts and jobs are started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Union

from hearth_client.aio.core import Key

Names = Union[str, Iterable[str]]
"""A name of a binary, a URI, or several."""

KINDS: Mapping[str, str] = {
    "spark": "spark.jobserver.context.DefaultSparkContextFactory",
    "session": "spark.jobserver.context.SessionContextFactory",
    "streaming": "spark.jobserver.context.StreamingContextFactory",
    "java": "spark.jobserver.context.JavaSparkContextFactory",
    "java-session": "spark.jobserver.context.JavaSessionContextFactory",
    "java-streaming": "spark.jobserver.context.JavaStreamingContextFactory",
    "pyspark": "spark.jobserver.python.PythonSessionContextFactory",
    "python": "hearth.python",
    "native": "hearth.native",
}


@dataclass(frozen=True)
class Options:
    """How jobs are started."""

    binaries: tuple[str, ...] = ()
    queue: bool | None = None
    priority: int | None = None
    max_wait: int | None = None
    key: Key = True


def names(of: Names) -> tuple[str, ...]:
    """One name, or several."""
    return (of,) if isinstance(of, str) else tuple(of)


def settings_of(
    kind: str | None,
    cores: int | None,
    memory: str | None,
    more: Mapping[str, object] | None,
) -> dict[str, object]:
    """The settings of a context, by the names that the server knows."""
    settings: dict[str, object] = {}
    if kind is not None:
        if kind not in KINDS and "." not in kind:
            raise ValueError(
                f"there is no kind '{kind}': take one of {', '.join(KINDS)}, or the "
                "name of a factory's class"
            )
        settings["context-factory"] = KINDS.get(kind, kind)
    if cores is not None:
        settings["num-cpu-cores"] = cores
    if memory is not None:
        settings["memory-per-node"] = memory
    settings.update(more or {})
    return settings

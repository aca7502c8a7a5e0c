"""The start file, in which the server says which context this process runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class StartFileError(Exception):
    """The start file cannot be read, or is none."""


@dataclass(frozen=True)
class StartFile:
    """Its keys; runtime/protocol/README.md explains them."""

    context_id: str
    context_name: str
    token: str
    endpoint_file: str
    endpoint_socket: str
    context_factory: str
    settings: Mapping[str, Any]
    spark_conf: Mapping[str, str]
    hadoop_conf: Mapping[str, str]
    jars: tuple[str, ...]
    orphan_timeout: float
    """Seconds."""
    heartbeat: float
    """Seconds."""
    folder: Path
    """The context's, in which the file lies."""

    def __repr__(self) -> str:  # the token must not get into a log
        return f"<StartFile of {self.context_name}>"


def read_start_file(path: str) -> StartFile:
    """Reads a start file.

    :raises StartFileError: if that is not possible
    """
    try:
        keys = json.loads(Path(path).read_bytes())
        return StartFile(
            context_id=keys["contextId"],
            context_name=keys["contextName"],
            token=keys["token"],
            endpoint_file=keys["endpointFile"],
            endpoint_socket=keys.get("endpointSocket", ""),
            context_factory=keys.get("contextFactory", ""),
            settings=keys.get("settings", {}),
            spark_conf=keys.get("sparkConf", {}),
            hadoop_conf=keys.get("hadoopConf", {}),
            jars=tuple(keys.get("jars", [])),
            orphan_timeout=keys.get("orphanTimeoutMs", 60000) / 1000,
            heartbeat=keys.get("heartbeatMs", 5000) / 1000,
            folder=Path(keys.get("folder") or Path(path).resolve().parent),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        raise StartFileError(f"{path} is no start file: {type(e).__name__}") from None

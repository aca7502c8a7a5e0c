"""The fixtures of the end-to-end tests."""

from support.servers import (
    SPARKS,
    StartHearthd,
    context,
    default_spark,
    hearthd,
    pytest_runtest_makereport,
    pytest_sessionstart,
    server,
    spark,
    start_hearthd,
    start_shared_hearthd,
    stopped,
)

__all__ = [
    "SPARKS",
    "StartHearthd",
    "context",
    "default_spark",
    "hearthd",
    "pytest_runtest_makereport",
    "pytest_sessionstart",
    "server",
    "spark",
    "start_hearthd",
    "start_shared_hearthd",
    "stopped",
]

"""The Python client of the Hearth job server.

    from hearth_client import Client

    with Client() as client, client.context("sales", kind="python") as ctx:
        ctx.upload("dist/my_jobs-1.0-py3-none-any.whl")
        job = ctx.submit("my_jobs.WordCount", {"input": {"strings": ["a", "b"]}})
        print(job.result(timeout=60))

`AsyncClient` has the same names for asyncio.
"""

from hearth_client.aio import AsyncClient, AsyncContext, AsyncJob
from hearth_client.errors import (
    AccessDenied,
    Busy,
    ContextFailed,
    HearthError,
    JobFailed,
    JobKilled,
    JobTimeout,
    LoadingFailed,
    NotFound,
    Refused,
    Unreachable,
    ValidationFailed,
)
from hearth_client.reports import (
    ABSENT,
    Binary,
    ContextReport,
    JobReport,
    Progress,
    Step,
)
from hearth_client.results import Stream
from hearth_client.sync import Client, Context, Job, ResultStream
from hearth_client.transport import VERSION, Retries

__version__ = VERSION

__all__ = [
    "ABSENT",
    "AccessDenied",
    "AsyncClient",
    "AsyncContext",
    "AsyncJob",
    "Binary",
    "Busy",
    "Client",
    "Context",
    "ContextFailed",
    "ContextReport",
    "HearthError",
    "Job",
    "JobFailed",
    "JobKilled",
    "JobReport",
    "JobTimeout",
    "LoadingFailed",
    "NotFound",
    "Progress",
    "Refused",
    "ResultStream",
    "Retries",
    "Step",
    "Stream",
    "Unreachable",
    "ValidationFailed",
]

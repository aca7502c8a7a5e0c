"""The client for programs without asyncio. Threads may share one."""

from hearth_client.sync.client import Client
from hearth_client.sync.context import Context
from hearth_client.sync.job import Job
from hearth_client.sync.stream import ResultStream

__all__ = ["Client", "Context", "Job", "ResultStream"]

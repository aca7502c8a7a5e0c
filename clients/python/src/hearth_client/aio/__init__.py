"""The client for asyncio: the same names as in `hearth_client`, to be awaited."""

from hearth_client.aio.client import AsyncClient
from hearth_client.aio.context import AsyncContext
from hearth_client.aio.job import AsyncJob

__all__ = ["AsyncClient", "AsyncContext", "AsyncJob"]

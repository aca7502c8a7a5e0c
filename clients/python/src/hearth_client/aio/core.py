"""What client, contexts and jobs share."""

from __future__ import annotations

import uuid
from typing import Union

from hearth_client.transport import Transport
from hearth_client.watch import Watch

Key = Union[str, bool]
"""An idempotency key; True: one is made, False: none."""


class Core:
    """The connections to a server, the watch, and what is known to be there."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.watch = Watch(transport)
        self.shipped: set[str] = set()
        """Binaries of functions that this client has uploaded or found."""

    async def close(self) -> None:
        """Ends everything."""
        await self.watch.close()
        await self.transport.close()


def key_of(key: Key) -> str | None:
    """The header's value."""
    if isinstance(key, str):
        return key
    return uuid.uuid4().hex if key else None

"""The HTTP library: httpx2 where there is one, httpx for older Pythons."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    import httpx2 as httpx
else:
    import httpx

__all__ = ["httpx"]

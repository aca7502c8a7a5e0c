"""Zip files for tests that need a whole one, whatever is in it."""

from __future__ import annotations

import io
import zipfile


def zip_of(content: bytes = b"", name: str = "content") -> bytes:
    """A jar with one entry, which is stored as it is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()

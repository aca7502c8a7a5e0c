"""Makes wheels: the same files make the same bytes, so that they are uploaded once."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping

_TIME = (1980, 1, 1, 0, 0, 0)


def make_wheel(name: str, files: Mapping[str, bytes]) -> bytes:
    """The content of a wheel with these files."""
    info = f"{name.replace('-', '_')}-0.dist-info"
    all_files = dict(files)
    all_files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n".encode()
    )
    all_files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: hearth-client\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = "".join(
        f"{path},sha256={_digest(data)},{len(data)}\n"
        for path, data in sorted(all_files.items())
    )
    all_files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(all_files.items()):
            entry = zipfile.ZipInfo(path, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def _digest(data: bytes) -> str:
    digest = hashlib.sha256(data).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

"""Binaries, and the older /jars (rest-contract: section Binaries)."""

import base64
import io
import re
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.client import JAR, Answer, Client
from support.hearthd import Hearthd
from support.spark import Spark
from support.zips import zip_of

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module")
def jar(default_spark: Spark) -> bytes:
    """A real jar."""
    return default_spark.versioned(1).read_bytes()


def upload(server: Client, name: str, content: bytes, kind: str | None) -> Answer:
    """POST /binaries/NAME with that Content-Type."""
    headers = {} if kind is None else {"Content-Type": kind}
    return server.request("POST", f"/binaries/{name}", None, content, headers)


def form_of(content: bytes) -> bytes:
    """What curl -F sends."""
    return (
        b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n'
        + content
        + b"\r\n--x--\r\n"
    )


def zip64_of(count: int) -> bytes:
    """An archive of which each entry is written for more than 4 GiB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            with archive.open(f"{number}", "w", force_zip64=True) as entry:
                entry.write(b"x" * 1000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/java-archive", "Jar"),
        ("application/java-archive; charset=UTF-8", "Jar"),
        ("Application/Java-Archive", "Jar"),
        ("application/python-egg", "Egg"),
        ("application/python-archive", "Egg"),
        ("application/python-wheel", "Wheel"),
    ],
)
def test_upload_and_show(
    server: Client, jar: bytes, content_type: str, kind: str
) -> None:
    answer = upload(server, "shown", jar, content_type)
    assert (answer.status, answer.json()) == (201, {"status": "SUCCESS"})
    shown = server.get("/binaries/shown").json()
    assert TIMESTAMP.fullmatch(shown.pop("upload-time"))
    assert shown == {"app-name": "shown", "binary-type": kind}
    listed = server.get("/binaries").json()["shown"]
    assert set(listed) == {"binary-type", "upload-time"}
    assert listed["binary-type"] == kind


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/octet-stream", "nonsense"]
)
def test_other_types(server: Client, jar: bytes, content_type: str | None) -> None:
    answer = upload(server, "typed", jar, content_type)
    assert answer.status == 415
    shown = content_type or "application/octet-stream"
    assert answer.json() == {
        "status": "ERROR",
        "result": f"Unsupported binary type {shown}",
    }
    assert server.get("/binaries/typed").status == 404


@pytest.mark.parametrize("content", [b"hello", b"", b"PK"])
def test_content_of_another_type(server: Client, content: bytes) -> None:
    answer = upload(server, "typed", content, JAR)
    assert answer.status == 400
    assert answer.json() == {
        "status": "ERROR",
        "result": "Binary is not of the right format",
    }


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "is cut off": lambda x: x[: len(x) // 2],
    "replaced by U+FFFD": lambda x: x.decode("utf-8", "replace").encode(),
    "written as UTF-8": lambda x: x.decode("latin-1").encode(),
    "line feeds became": lambda x: x.replace(b"\n", b"\r\n"),
    "curl -d does": lambda x: x.replace(b"\n", b"").replace(b"\r", b""),
    "carriage returns": lambda x: x.replace(b"\r", b""),
    "a form with a file": form_of,
    "Base64": base64.b64encode,
    "checksum": lambda x: x[:2000] + bytes(50) + x[2050:],
}


@pytest.mark.parametrize("reason", DAMAGES)
@pytest.mark.parametrize("path", ["/binaries/kept", "/jars/kept"])
def test_what_is_not_whole_replaces_nothing(
    server: Client, jar: bytes, path: str, reason: str
) -> None:
    assert upload(server, "kept", jar, JAR).status == 201
    before = server.get("/binaries/kept").json()
    headers = {"Content-Type": JAR}
    answer = server.request("POST", path, None, DAMAGES[reason](jar), headers)
    assert answer.status == 400
    result = answer.json()["result"]
    assert result.startswith("Binary is not of the right format: ")
    assert reason in result
    assert "--data-binary @FILE" in result or "send the whole file" in result
    assert server.get("/binaries/kept").json() == before


def test_what_java_and_python_read_is_whole(server: Client, jar: bytes) -> None:
    """An executable jar, one with a comment, and one in ZIP64."""
    for content in (
        b"#!/bin/sh\nexec java -jar $0\n" + jar,
        jar[:-2] + b"\x05\0words",
        zip64_of(3),
        zip_of(),
    ):
        assert upload(server, "legal", content, JAR).status == 201


def test_delete(server: Client, jar: bytes) -> None:
    upload(server, "gone", jar, JAR)
    answer = server.delete("/binaries/gone")
    assert (answer.status, answer.json()) == (200, {"status": "SUCCESS"})
    answer = server.delete("/binaries/gone")
    assert answer.status == 404
    assert answer.json()["result"] == "can't find binary with name gone"
    answer = server.get("/binaries/gone")
    assert answer.status == 404
    assert answer.json()["result"] == "Can't find binary with name gone"
    assert "gone" not in server.get("/binaries").json()


def test_method_override(server: Client, jar: bytes) -> None:
    upload(server, "overridden", jar, JAR)
    assert server.post("/binaries/overridden", _method="DELETE").status == 200
    answer = server.post("/binaries/overridden", _method="DELETE")
    assert answer.status == 404
    assert answer.json()["result"] == "can't find binary with name overridden"


def test_jars(server: Client, jar: bytes) -> None:
    for kind in ("application/x-www-form-urlencoded", JAR, "text/plain"):
        answer = server.request("POST", "/jars/old", None, jar, {"Content-Type": kind})
        assert (answer.status, answer.json()) == (
            200,
            {"status": "SUCCESS", "result": "Jar uploaded"},
        )
    assert TIMESTAMP.fullmatch(server.get("/jars").json()["old"])
    assert server.get("/binaries/old").json()["binary-type"] == "Jar"
    assert server.post("/jars/bad", "hello").status == 400
    assert server.delete("/jars/old").status == 200
    assert "old" not in server.get("/jars").json()


def test_names_are_decoded_once(server: Client, jar: bytes) -> None:
    for encoded, name in [("a%2Fb", "a/b"), ("%2e%2e%2fx", "../x"), ("a%2520", "a%20")]:
        answer = upload(server, encoded, jar, JAR)
        assert answer.status in (201, 400), answer.text
        if answer.status == 201:
            assert name in server.get("/binaries").json()
            assert server.delete(f"/binaries/{encoded}").status == 200


def test_content_is_stored_once(hearthd: Hearthd, jar: bytes) -> None:
    """Files by content: the same bytes under two names are one file."""
    upload(hearthd.client, "first", jar, JAR)
    upload(hearthd.client, "second", jar, JAR)
    files = [f for f in hearthd.data.rglob("*.jar") if f.is_file()]
    assert len([f for f in files if f.stat().st_size == len(jar) and same(f, jar)]) == 1


def same(file: Path, content: bytes) -> bool:
    """Whether a file holds just that."""
    return file.read_bytes() == content


def test_database_is_one_that_sqlite_reads(hearthd: Hearthd) -> None:
    [file] = hearthd.data.glob("*.db")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
        assert db.execute("pragma quick_check").fetchone() == ("ok",)


def test_large_upload(server: Client, jar: bytes) -> None:
    """Anything may be before a zip; 60 MB pass the limit of other bodies."""
    assert upload(server, "large", b"\0" * (60 << 20) + jar, JAR).status == 201
    assert server.delete("/binaries/large").status == 200

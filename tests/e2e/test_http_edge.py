"""The HTTP edge of the real binary: every request gets an answer, in JSON."""

from __future__ import annotations

import json
import re
import socket
import struct

import pytest

from conftest import StartHearthd
from support.client import Client
from support.hearthd import Hearthd
from support.native import create, library, upload
from support.spark import Spark
from support.wait import until

METHODS = {
    "/healthz": {"GET", "HEAD", "OPTIONS"},
    "/binaries": {"GET", "HEAD", "OPTIONS"},
    "/binaries/x": {"GET", "HEAD", "POST", "DELETE", "OPTIONS"},
    "/jars": {"GET", "HEAD", "OPTIONS"},
    "/contexts": {"GET", "HEAD", "PUT", "OPTIONS"},
    "/contexts/x": {"GET", "HEAD", "POST", "DELETE", "OPTIONS"},
    "/jobs": {"GET", "HEAD", "POST", "OPTIONS"},
    "/jobs/x": {"GET", "HEAD", "DELETE", "OPTIONS"},
    "/jobs/x/config": {"GET", "HEAD", "OPTIONS"},
    "/data": {"GET", "HEAD", "PUT", "OPTIONS"},
    "/data/x": {"POST", "DELETE", "OPTIONS"},
    "/metricz": {"GET", "HEAD", "OPTIONS"},
    "/admin/actors": {"GET", "HEAD", "OPTIONS"},
}


def raw(port: int, data: bytes, seconds: float = 10) -> bytes:
    """All that comes back for these bytes until the server closes or is silent."""
    with socket.create_connection(("127.0.0.1", port), seconds) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


def raw_status(port: int, data: bytes) -> tuple[int, object]:
    """Status and JSON body of the one answer on a connection left open."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(data)
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = connection.recv(65536)
            assert part, f"closed without an answer: {answer!r}"
            answer += part
        head, body = answer.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        assert length, head
        while len(body) < int(length[1]):
            body += connection.recv(65536)
        return int(head.split(b" ")[1]), json.loads(body or b"null")


def test_health(server: Client) -> None:
    answer = server.get("/healthz")
    assert (answer.status, answer.json()) == (200, {"status": "SUCCESS"})
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "path", ["/nonsense", "/jobs/a/b/c", "/contextsx", "/binaries/x/y/z", "//"]
)
def test_unknown_path(server: Client, path: str) -> None:
    answer = server.get(path)
    assert answer.status == 404
    assert answer.json()["status"] == "ERROR"


@pytest.mark.parametrize("path", METHODS)
def test_wrong_method(server: Client, path: str) -> None:
    for method in {"PATCH", "PUT", "DELETE"} - METHODS[path]:
        answer = server.request(method, path)
        assert answer.status == 405, (method, path)
        assert answer.json()["status"] == "ERROR"
        allowed = set(re.split(", *", answer.headers["allow"]))
        assert allowed | {"OPTIONS"} == METHODS[path]


def test_head(server: Client) -> None:
    got = server.get("/contexts")
    head = server.request("HEAD", "/contexts")
    assert head.status == got.status == 200
    assert head.body == b""
    assert head.headers["content-type"] == "application/json"


def test_cross_origin(limited: Hearthd) -> None:
    """A listed origin may do all; another one reads and changes nothing."""
    client = limited.client
    origin = {"Origin": "http://a.example"}
    answer = client.request("GET", "/contexts", headers=origin)
    assert answer.headers["access-control-allow-origin"] == "http://a.example"
    for path, method in [
        ("/jobs", "POST"),
        ("/jobs/x", "DELETE"),
        ("/binaries/x", "POST"),
    ]:
        preflight = client.request(
            "OPTIONS", path, headers={**origin, "Access-Control-Request-Method": method}
        )
        assert preflight.status in (200, 204)
        assert method in preflight.headers["access-control-allow-methods"]
    assert client.request("DELETE", "/jobs/x", headers=origin).status == 404
    foreign = {"Origin": "http://b.example"}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = client.request(method, "/jobs/x", headers=foreign)
        assert answer.status == 403
    answer = client.request("GET", "/contexts", headers=foreign)
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8090", 200),
        ("jobs.example", 200),
        ("evil.test", 421),
        ("127.0.0.1.evil.test", 421),
        ("0.0.0.0", 421),
    ],
)
def test_names_of_the_server(limited: Hearthd, host: str, status: int) -> None:
    answer = limited.client.request("GET", "/contexts", headers={"Host": host})
    assert answer.status == status


@pytest.mark.parametrize(
    "path", ["/jobs/%zz", "/jobs/%", "/contexts/%ff%fe", "/jobs/%00"]
)
def test_bad_escape(hearthd: Hearthd, path: str) -> None:
    status, body = raw_status(
        hearthd.port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    )
    assert status in (400, 404)
    assert isinstance(body, dict)
    assert body["status"] == "ERROR"


def test_method_override(server: Client) -> None:
    answer = server.post("/contexts/nope", _method="DELETE")
    assert answer.status == 404
    assert answer.json()["result"] == "context nope not found"
    assert server.post("/contexts?reset=x", _method="PUT").status == 400


def test_body_over_the_limit(limited: Hearthd) -> None:
    answer = limited.client.post("/jobs?cp=x&mainClass=y", b"a" * 150_000)
    assert answer.status == 413
    assert answer.json()["status"] == "ERROR"
    answer = limited.client.request(
        "POST",
        "/binaries/x",
        body=b"PK" * 150_000,
        headers={"Content-Type": "application/java-archive"},
    )
    assert answer.status == 413


def test_url_over_the_limit(server: Client) -> None:
    answer = server.get("/jobs/" + "x" * 10_000)
    assert answer.status == 414
    assert answer.json()["status"] == "ERROR"


def test_headers_over_the_limit(server: Client) -> None:
    for headers in ({"X": "x" * 20_000}, {f"X-{n}": "x" * 200 for n in range(90)}):
        answer = server.request("GET", "/healthz", headers=headers)
        assert answer.status == 431
        assert answer.json()["status"] == "ERROR"


def test_deep_configuration(server: Client) -> None:
    """What would crash a recursive parser is a 400."""
    for body in ("[" * 50_000, '{"a":' * 50_000, "a{" * 50_000, "a=" + "[" * 50_000):
        answer = server.post("/jobs?cp=x&mainClass=y", body)
        assert answer.status == 400
        assert server.get("/healthz").status == 200


def test_configuration_reads_no_file(server: Client) -> None:
    answer = server.post("/jobs?cp=x&mainClass=y", 'include file("/etc/passwd")')
    assert answer.status == 400
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "head",
    [
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
        "POST /jobs HTTP/1.1\r\nHost: localhost\r\n"
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /jobs HTTP/1.1\r\nHost: localhost\r\n"
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n",
    ],
    ids=[
        "no host",
        "two hosts",
        "gzip, chunked",
        "blank before the colon",
        "folded",
        "two encodings",
        "chunk without an end",
    ],
)
def test_requests_that_proxies_read_otherwise(hearthd: Hearthd, head: str) -> None:
    """400, and the connection is closed."""
    answer = raw(hearthd.port, head.encode())
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    assert answer.count(b"HTTP/1.1") == 1


def test_a_client_that_shut_its_writing_side_gets_its_answer(
    hearthd: Hearthd,
) -> None:
    answer = raw(hearthd.port, b"GET /contexts HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")


def test_old_clients_get_no_chunks(hearthd: Hearthd) -> None:
    """An answer whose length is not known ends with its connection."""
    upload(hearthd.client, "jobs", library("test_jobs_v1"))
    context = create(hearthd.client, "old", "jobs")
    context.submit("version").wait()
    answer = raw(hearthd.port, b"GET /contexts/old/logs HTTP/1.0\r\n\r\n")
    head = answer.split(b"\r\n\r\n", 1)[0]
    assert head.startswith(b"HTTP/1.1 200")
    assert b"chunked" not in head
    hearthd.client.delete("/contexts/old")


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/jobs?cp=x&mainClass=y", "Content-Type: text/plain; charset=utf-7", 415),
        ("/jobs?cp=x&mainClass=y", "Content-Encoding: gzip", 415),
        ("/jars/x", "Content-Type: multipart/form-data; boundary=b", 415),
    ],
)
def test_bodies_in_a_form_that_is_not_read(
    server: Client, target: str, headers: str, status: int
) -> None:
    name, value = headers.split(": ")
    answer = server.request("POST", target, body=b"{}", headers={name: value})
    if "cp=x" in target and name == "Content-Type":
        assert answer.status == status, answer.text
    else:
        assert (answer.status, answer.headers["connection"]) == (status, "close")


def test_expect(hearthd: Hearthd) -> None:
    """100 at once, or a refusal before the body."""
    head = (
        "POST /data/x HTTP/1.1\r\nHost: localhost\r\n"
        "Expect: 100-continue\r\nContent-Length: {}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", hearthd.port), 10) as connection:
        connection.sendall(head.format(2).encode())
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ab")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(head.format(10**12).encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


def test_pipelined_burst(hearthd: Hearthd) -> None:
    """40 requests at once on one connection: 40 answers."""
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", hearthd.port), 10) as connection:
        connection.sendall(request * 40)
        answers = b""
        while answers.count(b"HTTP/1.1 200") < 40:
            part = connection.recv(65536)
            assert part, f"closed after {answers.count(b'HTTP/1.1 200')} answers"
            answers += part


def test_early_resets(hearthd: Hearthd) -> None:
    """Clients that reset at once take nothing with them."""
    for _ in range(300):
        connection = socket.create_connection(("127.0.0.1", hearthd.port), 5)
        connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        connection.close()
    assert hearthd.client.get("/healthz").status == 200


def test_out_of_descriptors(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    """More clients than the process may have open files: it serves on afterwards."""
    server = start_hearthd(default_spark, descriptors=200)
    crowd = []
    try:
        for _ in range(400):
            connection = socket.create_connection(("127.0.0.1", server.port), 5)
            connection.setblocking(False)
            crowd.append(connection)
    finally:
        for connection in crowd:
            connection.close()

    def healthy() -> bool:
        try:
            return Client(server.port, timeout=2).get("/healthz").status == 200
        except OSError:
            return False

    until(healthy, "it serves again", 10)


def test_slow_client_does_not_hold_up_others(hearthd: Hearthd) -> None:
    with socket.create_connection(("127.0.0.1", hearthd.port), 5) as slow:
        slow.sendall(
            b"POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc"
        )
        for _ in range(20):
            assert hearthd.client.get("/healthz").status == 200


def test_actors_tree(server: Client) -> None:
    answer = server.get("/admin/actors")
    assert answer.status == 200
    actors = answer.json()
    assert isinstance(actors, list)
    for actor in actors:
        assert {"id", "name", "parent", "state", "mailbox", "since"} <= set(actor)
    ids = {actor["id"] for actor in actors}
    assert len(ids) == len(actors)
    assert all(actor["parent"] in ids or not actor["parent"] for actor in actors)
    names = {actor["name"] for actor in actors}
    assert any("store" in name for name in names)
    assert any("supervisor" in name for name in names)


@pytest.fixture(scope="module")
def limited(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server that takes bodies of 100,000 bytes and binaries of 200,000."""
    return start_shared_hearthd(
        default_spark,
        settings={
            "hearth.http.max-body-size": 100_000,
            "hearth.http.max-upload-size": 200_000,
            "hearth.http.allowed-origins": "http://a.example",
            "hearth.http.allowed-hosts": "jobs.example",
        },
    )

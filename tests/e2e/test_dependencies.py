"""Class paths that name files on other servers."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import SPARKS, StartHearthd
from support import native
from support.hearthd import Hearthd
from support.native import NativeContext
from support.scripted import Says, scripted, silent
from support.spark import Spark, StandaloneCluster
from support.wait import until

LIBRARY = "test_jobs_v1"


@pytest.fixture(scope="module")
def needy(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server that takes files of up to 16 MiB, and has no Maven."""
    settings = {
        "hearth.dependencies.max-size": "16MiB",
        "hearth.dependencies.maven": "/no/such/mvn",
    }
    return start_shared_hearthd(default_spark, settings=settings)


@pytest.fixture(scope="module")
def context(needy: Hearthd) -> NativeContext:
    native.upload(needy.client, "jobs", native.library(LIBRARY))
    return native.create(needy.client, "c", "jobs")


def run_from(context: NativeContext, uri: str) -> object:
    return context.run("version", cp=uri)


def refusal(context: NativeContext, uri: str) -> str:
    answer = context.start("version", cp=uri)
    assert answer.status == 400, answer.text
    assert answer.json()["status"] == "JOB LOADING FAILED"
    return str(answer.json()["result"]["message"])


def test_http(context: NativeContext) -> None:
    content = native.library(LIBRARY).read_bytes()
    with scripted({"GET /jobs.so": Says(content)}) as script:
        assert run_from(context, f"{script.url}/jobs.so") == 1
        assert len(script.asked) == 1


def test_http_asks_whether_it_changed(context: NativeContext, needy: Hearthd) -> None:
    content = native.library(LIBRARY).read_bytes()
    first = Says(content, headers={"ETag": '"one"'})
    with scripted({"GET /kept.so": [first, Says(status=304)]}) as script:
        assert run_from(context, f"{script.url}/kept.so") == 1
        assert run_from(context, f"{script.url}/kept.so") == 1
        assert script.asked[1].headers["if-none-match"] == '"one"'
    kept = needy.data / "dependencies"
    assert len(list(kept.glob("*.so"))) == 1, "the same content is kept once"


def test_a_host_that_never_answers_delays_only_its_own(
    start_hearthd: StartHearthd, default_spark: Spark
) -> None:
    """A Maven that hangs counts as a host, too."""
    server = start_hearthd(default_spark)
    server.stop()
    program = server.folder / "mvn"
    program.write_text("#!/bin/sh\n: >started\nexec sleep 600\n")
    program.chmod(0o755)
    server.settings = {"hearth.dependencies.maven": program}
    server.start()
    native.upload(server.client, "jobs", native.library(LIBRARY))
    context = native.create(server.client, "c", "jobs")
    content = native.library(LIBRARY).read_bytes()
    with silent() as mute, scripted({"GET /jobs.so": Says(content)}) as script:
        slow = [f"{mute.url}/{number}.so" for number in range(3)]
        slow.append("maven:org.x:tool:1.0")
        callers = [
            threading.Thread(target=ask_in_vain, args=(context, uri)) for uri in slow
        ]
        for caller in callers:
            caller.start()
        until(lambda: len(mute.asked) == 2, "two fetches hang")
        started = server.data / "dependencies/maven/org.x/tool/1.0/started"
        until(started.exists, "Maven hangs")
        assert run_from(context, f"{script.url}/jobs.so") == 1
        assert len(mute.hanging) == 2
        server.stop()
        for caller in callers:
            caller.join()


def ask_in_vain(context: NativeContext, uri: str) -> None:
    """Starts a job whose class path does not come before its server ends."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        context.start("version", cp=uri)


def test_jobs_share_the_fetch_of_a_url(context: NativeContext) -> None:
    content = native.library(LIBRARY).read_bytes()
    says = Says(content, after=1)
    with scripted({"GET /shared.so": says}) as script:
        results: list[object] = []

        def run() -> None:
            results.append(run_from(context, f"{script.url}/shared.so"))

        callers = [threading.Thread(target=run) for _ in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert results == [1, 1, 1, 1]
        assert len(script.asked) < 4


def test_ftp(context: NativeContext, tmp_path: Path) -> None:
    shutil.copy(native.library(LIBRARY), tmp_path / "jobs.so")
    with ftp_server(tmp_path) as url:
        assert run_from(context, f"{url}/jobs.so") == 1


def test_what_is_not_there(context: NativeContext) -> None:
    with scripted({}) as script:
        assert "404" in refusal(context, f"{script.url}/nope.so")
    why = refusal(context, f"http://user:hush@{script.url[7:]}/gone.so")
    assert "gone.so" in why
    assert "hush" not in why


def test_what_is_too_large(context: NativeContext) -> None:
    with scripted({"GET /big.so": Says(b"x" * (17 << 20))}) as script:
        assert "larger than 16777216 bytes" in refusal(context, f"{script.url}/big.so")


@pytest.mark.parametrize("coordinate", ["maven:a:b", "maven:a:b:../c"])
def test_malformed_coordinate(context: NativeContext, coordinate: str) -> None:
    answer = context.start("version", cp=coordinate)
    assert answer.status == 400
    assert "maven:group:artifact:version" in answer.json()["result"]["message"]


def test_coordinate_without_maven(context: NativeContext) -> None:
    assert "hearth.dependencies.maven says" in refusal(context, "maven:a:b:1")


def test_coordinate(start_hearthd: StartHearthd, default_spark: Spark) -> None:
    """A stand-in for Maven: what is tested is what is made of its answer."""
    server = start_hearthd(default_spark)
    server.stop()
    program = server.folder / "mvn"
    program.write_text(
        "#!/bin/sh\n"
        'for x; do case "$x" in -DoutputDirectory=*) to=${x#*=};; esac; done\n'
        "echo called >>calls\n"
        f'cp {default_spark.examples} "$to/tool-1.0.jar"\n'
        f'cp {default_spark.versioned(1)} "$to/another-2.jar"\n'
    )
    program.chmod(0o755)
    server.settings = {"hearth.dependencies.maven": program}
    server.start()
    context = server.client.create_context("c")
    for _ in range(2):
        words = context.run(
            "WordCountExample", 'input.string = "a"', cp="maven:org.x:tool:1.0"
        )
        assert words == {"a": 1}
    folder = server.data / "dependencies/maven/org.x/tool/1.0"
    assert (folder / "calls").read_text() == "called\n", "it is resolved once"
    assert "<exclusion><groupId>org.apache.spark" in (folder / "pom.xml").read_text()


class _Ftp(socketserver.StreamRequestHandler):
    """As much of a passive FTP server as one download needs."""

    folder: Path

    def handle(self) -> None:
        say = self._say
        say("220 here")
        data: socket.socket | None = None
        for line in self.rfile:
            verb, _, rest = line.decode().strip().partition(" ")
            file = self.folder / rest.lstrip("/")
            if verb == "USER":
                say("331 password")
            elif verb == "PASS":
                say("230 in")
            elif verb == "PWD":
                say('257 "/"')
            elif verb == "EPSV":
                data = socket.create_server(("127.0.0.1", 0))
                say(f"229 (|||{data.getsockname()[1]}|)")
            elif verb == "TYPE":
                say("200 ok")
            elif verb == "SIZE":
                say(f"213 {file.stat().st_size}")
            elif verb == "MDTM":
                say("213 20200101000000")
            elif verb == "RETR" and data is not None:
                say("150 it comes")
                with data, data.accept()[0] as out:
                    out.sendall(file.read_bytes())
                say("226 done")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("502 no")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def ftp_server(folder: Path) -> Iterator[str]:
    handler = type("Handler", (_Ftp,), {"folder": folder})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"ftp://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_own_version_of_a_library_of_spark(
    start_hearthd: StartHearthd, spark: Spark, tmp_path: Path
) -> None:
    """As Spark has it: its own goes first, the job's where a setting says so."""
    others = [x for x in SPARKS if x != spark]
    if not others:
        pytest.skip("there is no other Spark to take a library from")
    here, another = jackson(spark), jackson(others[0])
    job = {"cp": f"examples,file://{another}"}
    with StandaloneCluster(spark, tmp_path / "cluster") as cluster:
        server = start_hearthd(spark, settings={"spark.master": cluster.url})
        server.client.upload("examples", spark.examples)
        small = {"num-cpu-cores": 1, "memory-per-node": "512m"}
        usual = server.client.create_context("usual", small)
        found = usual.run("JacksonVersionJob", **job)
        assert found == {"driver": version(here), "task": version(here)}
        server.client.delete("/contexts/usual")
        first = server.client.create_context(
            "first",
            {
                **small,
                "spark.driver.userClassPathFirst": True,
                "spark.executor.userClassPathFirst": True,
            },
        )
        found = first.run("JacksonVersionJob", **job)
        assert found == {"driver": version(another), "task": version(another)}
        # What it shares with Spark and the agent is not its own.
        words = first.run("WordCountExample", 'input.string = "a"', cp="examples")
        assert words == {"a": 1}


def jackson(spark: Spark) -> Path:
    """The jar that a Spark brings."""
    (jar,) = (spark.home / "jars").glob("jackson-core-2.*.jar")
    return jar


def version(jar: Path) -> str:
    """Of jackson-core-VERSION.jar."""
    return jar.stem.rpartition("-")[2]

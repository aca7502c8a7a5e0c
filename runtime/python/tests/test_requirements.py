"""Virtual environments of contexts, from a folder of wheels."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from hearth.agent.frames import Kind
from hearth.agent.settings import BadSetting, read_settings
from support.server import Server, zip_of

JOBS = """
import sys
class Where:
    def run_job(self, context, runtime, data):
        import colours
        return [colours.VERSION, sys.prefix, colours.__file__.startswith(sys.prefix)]
class Parent:
    def run_job(self, context, runtime, data):
        import pytest
        return pytest.__name__
"""


def wheel(folder: Path, version: str) -> None:
    """A wheel that pip installs."""
    info = f"colours-{version}.dist-info"
    files = {
        "colours.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: colours\n"
        f"Version: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
        f"{info}/RECORD": f"colours.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n"
        f"{info}/RECORD,,\n",
    }
    zip_of(folder / f"colours-{version}-py3-none-any.whl", files)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables with which pip finds the wheels, and nothing else."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for version in ("1.0", "2.0"):
        wheel(wheels, version)
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}


def start(
    tmp_path: Path, name: str, requirements: object, environment: dict[str, str]
) -> Server:
    """A context with requirements, as the server's folders lie."""
    folder = tmp_path / "data" / "contexts" / name
    folder.mkdir(parents=True)
    settings = {"python.requirements": requirements}
    return Server(folder, settings, environment=environment)


def test_environments(tmp_path: Path, environment: dict[str, str]) -> None:
    jobs = ("d", zip_of(tmp_path / "jobs.whl", {"jobs.py": JOBS}))
    with (
        start(tmp_path, "a", ["colours==1.0"], environment) as first,
        start(tmp_path, "b", "colours>=1.0,<2.0", environment) as second,
        start(tmp_path, "c", ["colours==1.0"], environment) as third,
    ):
        found = []
        for server in (first, second, third):
            hello = server.accept()
            assert hello.header["pid"] == server.process.pid
            server.link.send(Kind.WELCOME, {"protocol": 1, "heartbeatMs": 0})
            server.link.expect(Kind.CONTEXT_READY)
            server.link.run("j-1", "jobs.Where", {}, [jobs])
            found.append(server.link.end("j-1").value)
            server.link.run("j-2", "jobs.Parent", {}, [jobs])
            assert server.link.end("j-2").value == "pytest"
        assert [x[0] for x in found] == ["1.0", "1.0", "1.0"]
        assert all(x[2] for x in found)
        # The same content is made once, by whichever context came first.
        assert found[0][1] == found[2][1] != found[1][1]
        log = first.log + third.log
        assert log.count("making an environment with colours==1.0") == 1
        assert "python.requirements: Successfully installed colours-1.0" in log


def test_what_cannot_be_installed(tmp_path: Path, environment: dict[str, str]) -> None:
    with start(tmp_path, "a", ["colours==3.0"], environment) as server:
        server.accept()
        server.link.send(Kind.WELCOME, {"protocol": 1, "heartbeatMs": 0})
        failed = server.link.expect(Kind.CONTEXT_FAILED)
        message = failed.header["message"]
        assert message.startswith("python.requirements cannot be installed:\n")
        assert "colours==3.0" in message
        assert server.exit_code() == 1


def test_half_an_environment_is_made_again(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hearth.agent.requirements import make_environment

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    folder = make_environment(["colours==2.0"], tmp_path / "cache")
    (folder / "hearth-complete").unlink()
    (folder / "bin" / "python").unlink()
    made = []
    threads = [
        threading.Thread(
            target=lambda: made.append(
                make_environment(["colours==2.0"], tmp_path / "cache")
            )
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [folder, folder]
    assert (folder / "bin" / "python").exists()


@pytest.mark.parametrize("value", [["-r other.txt"], ["a\n-r other.txt"], "-e ."])
def test_options_are_refused(value: object) -> None:
    with pytest.raises(BadSetting, match="a list of requirements like"):
        read_settings({"python.requirements": value})

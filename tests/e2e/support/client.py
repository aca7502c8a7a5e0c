"""A small client of the REST interface, as a user's program would have it."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

from support.wait import START_PATIENCE, until

JAR = "application/java-archive"
FINAL_JOB_STATES = {"FINISHED", "ERROR", "KILLED"}


@dataclass(frozen=True)
class Answer:
    """What the server said to one request."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:  # noqa: ANN401
        """The body as JSON; fails with the body if it is none."""
        try:
            return json.loads(self.body)
        except ValueError as e:
            raise AssertionError(f"{self.status} without JSON: {self.body!r}") from e

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class RequestFailed(AssertionError):
    """An answer of another status than the one that was needed."""

    def __init__(self, what: str, answer: Answer) -> None:
        super().__init__(f"{what}: {answer.status} {answer.text[:2000]}")
        self.answer = answer


@dataclass
class Client:
    """A connection a request, so that threads may share a client; or one for all
    requests if `keep_alive`, for one thread.
    """

    port: int
    host: str = "127.0.0.1"
    keep_alive: bool = False
    timeout: float = 90
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def request(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] | None = None,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Sends one request; any status is an answer."""
        if params:
            path += ("&" if "?" in path else "?") + urlencode(
                {k: _text(v) for k, v in params.items()}
            )
        data = body.encode() if isinstance(body, str) else body
        connection = self._connect()
        try:
            connection.request(method, path, data, dict(headers or {}))
            response = connection.getresponse()
            answer = Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
        except BaseException:
            self._close(connection)
            raise
        if not self.keep_alive or answer.headers.get("connection") == "close":
            self._close(connection)
        return answer

    def get(self, path: str, **params: object) -> Answer:
        """GET, with query parameters."""
        return self.request("GET", path, params)

    def post(self, path: str, body: str | bytes = b"", **params: object) -> Answer:
        """POST, with query parameters."""
        return self.request("POST", path, params, body)

    def delete(self, path: str, **params: object) -> Answer:
        """DELETE, with query parameters."""
        return self.request("DELETE", path, params)

    # -- as a user's session ---------------------------------------------------

    def create_context(
        self,
        name: str,
        settings: Mapping[str, object] | None = None,
        body: str | bytes = b"",
    ) -> Context:
        """Creates a context and returns once it takes jobs."""
        # The server gives up first, and says why.
        patient = replace(self, timeout=START_PATIENCE + self.timeout, _connection=None)
        path = f"/contexts/{quote(name, '')}"
        with patient:
            answer = patient.request("POST", path, settings, body)
        if answer.status != 200:
            raise RequestFailed(f"create context {name}", answer)
        return Context(self, name)

    def contexts(self) -> list[str]:
        """The names of the live contexts."""
        names: list[str] = self._ok(self.get("/contexts"))
        return names

    def upload(self, name: str, jar: Path) -> None:
        """Uploads a jar, as a new binary or as a newer version of one."""
        answer = self.request(
            "POST", f"/binaries/{name}", None, jar.read_bytes(), {"Content-Type": JAR}
        )
        if answer.status != 201:
            raise RequestFailed(f"upload {name}", answer)

    def run(self, main_class: str, config: object = None, **params: object) -> Any:  # noqa: ANN401
        """Runs a job and waits for its result; an error of it is raised.

        The client is patient unless `timeout` says otherwise: machines can be slow.
        """
        params = {"timeout": 80, **params}
        answer = self.start(main_class, config, sync=True, **params)
        report = answer.json()
        if answer.status != 200 or report.get("status") == "ERROR":
            raise RequestFailed(f"run {main_class}", answer)
        return report["result"]

    def submit(self, main_class: str, config: object = None, **params: object) -> Job:
        """Starts a job without waiting for it."""
        answer = self.start(main_class, config, **params)
        if answer.status != 202:
            raise RequestFailed(f"submit {main_class}", answer)
        return Job(self, answer.json()["jobId"])

    def start(self, main_class: str, config: object = None, **params: object) -> Answer:
        """POST /jobs with the answer as it came.

        `config`: HOCON text, or what JSON is made of. The binary is `examples`
        unless `cp` names others.
        """
        text = config if isinstance(config, str) else json.dumps(config or {})
        query = {
            "cp": "examples",
            "mainClass": f"spark.jobserver.{main_class}",
            **params,
        }
        return self.request("POST", "/jobs", query, text)

    def job(self, job_id: str) -> Job:
        """A job that is there already."""
        return Job(self, job_id)

    def close(self) -> None:
        """Closes the connection that is kept, if any."""
        if self._connection is not None:
            self._close(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self._connection is not None:
            return self._connection
        connection = http.client.HTTPConnection(
            self.host, self.port, timeout=self.timeout
        )
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.keep_alive:
            self._connection = connection
        return connection

    def _close(self, connection: http.client.HTTPConnection) -> None:
        connection.close()
        if connection is self._connection:
            self._connection = None

    @staticmethod
    def _ok(answer: Answer) -> Any:  # noqa: ANN401
        if answer.status != 200:
            raise RequestFailed("request", answer)
        return answer.json()


@dataclass(frozen=True)
class Context:
    """A context by its name."""

    client: Client
    name: str

    def info(self) -> dict[str, Any]:
        """What GET /contexts/NAME says."""
        info: dict[str, Any] = self.client._ok(
            self.client.get(f"/contexts/{quote(self.name, '')}")
        )
        return info

    @property
    def state(self) -> str:
        """Its state, e.g. `RUNNING`."""
        return str(self.info()["state"])

    def run(self, main_class: str, config: object = None, **params: object) -> Any:  # noqa: ANN401
        """Runs a job in this context and returns its result."""
        return self.client.run(main_class, config, context=self.name, **params)

    def submit(self, main_class: str, config: object = None, **params: object) -> Job:
        """Starts a job in this context."""
        return self.client.submit(main_class, config, context=self.name, **params)

    def start(self, main_class: str, config: object = None, **params: object) -> Answer:
        """Starts a job in this context; the answer as it came."""
        return self.client.start(main_class, config, context=self.name, **params)

    def stop(self) -> None:
        """Stops it."""
        answer = self.client.delete(f"/contexts/{quote(self.name, '')}")
        if answer.status != 200:
            raise RequestFailed(f"stop context {self.name}", answer)


@dataclass(frozen=True)
class Job:
    """A job by its id."""

    client: Client
    id: str

    def report(self) -> dict[str, Any]:
        """What GET /jobs/ID says."""
        report: dict[str, Any] = self.client._ok(self.client.get(f"/jobs/{self.id}"))
        return report

    @property
    def status(self) -> str:
        """Its state, e.g. `RUNNING`."""
        return str(self.report()["status"])

    def wait(self, seconds: float = 60) -> dict[str, Any]:
        """Its report once it is in a final state."""

        def ended() -> dict[str, Any] | None:
            report = self.report()
            return report if report["status"] in FINAL_JOB_STATES else None

        return until(ended, f"the end of job {self.id}", seconds)

    def wait_running(self, seconds: float = 30) -> None:
        """Returns once it runs."""
        until(lambda: self.status == "RUNNING", f"job {self.id} runs", seconds)

    def result(self, seconds: float = 60) -> Any:  # noqa: ANN401
        """Its result once it is finished."""
        report = self.wait(seconds)
        assert report["status"] == "FINISHED", report
        return report["result"]

    def kill(self) -> Answer:
        """Asks for its end."""
        return self.client.delete(f"/jobs/{self.id}")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

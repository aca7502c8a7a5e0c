"""Native contexts and the libraries that tests upload to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.client import Answer, Client, Job, RequestFailed
from support.hearthd import BINARY

SHARED_LIBRARY = "application/x-sharedlib"
BUILD = BINARY.parent


def library(name: str) -> Path:
    """A library that the build made."""
    return BUILD / f"{name}.so"


def upload(client: Client, name: str, content: Path | bytes) -> None:
    """Uploads a library."""
    body = content if isinstance(content, bytes) else content.read_bytes()
    answer = client.request(
        "POST", f"/binaries/{name}", None, body, {"Content-Type": SHARED_LIBRARY}
    )
    if answer.status != 201:
        raise RequestFailed(f"upload {name}", answer)


@dataclass(frozen=True)
class NativeContext:
    """A context of C++ jobs, and the binary whose jobs it runs."""

    client: Client
    name: str
    binary: str

    def start(self, job: str, config: object = None, **params: object) -> Answer:
        """POST /jobs; the answer as it came."""
        query = {
            "cp": self.binary,
            "mainClass": job,
            "context": self.name,
            **params,
        }
        return self.client.request("POST", "/jobs", query, json.dumps(config or {}))

    def run(self, job: str, config: object = None, **params: object) -> Any:  # noqa: ANN401
        """Runs a job and returns its result."""
        answer = self.start(job, config, sync=True, **{"timeout": 60, **params})
        report = answer.json()
        if answer.status != 200 or report.get("status") == "ERROR":
            raise RequestFailed(f"run {job}", answer)
        return report["result"]

    def submit(self, job: str, config: object = None, **params: object) -> Job:
        """Starts a job."""
        answer = self.start(job, config, **params)
        if answer.status != 202:
            raise RequestFailed(f"submit {job}", answer)
        return Job(self.client, answer.json()["jobId"])

    @property
    def state(self) -> str:
        """Its state, e.g. `RUNNING`."""
        return str(self.client.get(f"/contexts/{self.name}").json()["state"])


def create(client: Client, name: str, binary: str, **settings: object) -> NativeContext:
    """Creates a native context with two cores."""
    client.create_context(
        name, {"context-factory": "hearth.native", "num-cpu-cores": 2, **settings}
    )
    return NativeContext(client, name, binary)

"""Clients that submit jobs while faults come, and what has to be true after.

Each job leaves a mark of its own in a file that it appends to, so that it can
be counted how often it ran, whatever the server says.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from support.client import FINAL_JOB_STATES, Answer, Client
from support.hearthd import Hearthd
from support.wait import pause, until

CLIENTS = 16

REFUSALS = {404, 409, 503, 507}
"""After these a request with a key is sent again."""


@dataclass(frozen=True)
class Target:
    """A context that gets jobs."""

    name: str
    binary: str
    main_class: str
    share: int
    """Of the jobs, compared with the shares of the others."""


@dataclass
class Sent:
    """One job as its client knows of it."""

    mark: str
    target: Target
    sync: bool
    queue: bool
    key: str
    status: int = 0
    """Of the answer; 0: there was none."""
    job: str = ""
    """Its id, if the client was told one."""
    result: Any = None
    """What a sync client was told."""
    asked: int = 0
    """How often it was sent: with a key, until there is an answer."""


@dataclass
class Workload:
    """The clients. They go on until `stop`, whatever becomes of the server."""

    server: Hearthd
    targets: list[Target]
    moments: random.Random
    marks: Path
    nap: int = 60
    """Jobs nap for up to so many ms."""
    clients: int = CLIENTS
    sent: list[Sent] = field(default_factory=list)
    answered: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.marks.touch()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._client, args=(random.Random(self.moments.random()), i)
            )
            for i in range(self.clients)
        ]
        self._failures: list[BaseException] = []

    # -- life ------------------------------------------------------------------

    def __enter__(self) -> Workload:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the clients; what they asked for with a key is answered first."""
        self._over.set()
        for thread in self._threads:
            thread.join(120)
        assert not any(thread.is_alive() for thread in self._threads)
        if self._failures:
            raise self._failures[0]

    def wait_for_answers(self, count: int, seconds: float = 60) -> None:
        """Returns once so many more requests were answered."""
        enough = self.answered + count

        def reached() -> bool:
            return self.answered >= enough or bool(self._failures)

        until(reached, f"{count} more requests are answered", seconds, 0.002)

    # -- a client --------------------------------------------------------------

    def _client(self, moments: random.Random, number: int) -> None:
        try:
            count = 0
            while not self._over.is_set():
                count += 1
                self._one(moments, f"{number}-{count}")
        except BaseException as e:
            self._failures.append(e)

    def _one(self, moments: random.Random, mark: str) -> None:
        weights = [target.share for target in self.targets]
        target = moments.choices(self.targets, weights)[0]
        sent = Sent(
            mark,
            target,
            sync=moments.random() < 0.4,
            queue=moments.random() < 0.5,
            key=f"key-{mark}" if moments.random() < 0.3 else "",
        )
        config = {
            "mark": mark,
            "file": str(self.marks),
            "millis": moments.randrange(self.nap),
        }
        self.sent.append(sent)
        while True:
            sent.asked += 1
            answer = self._ask(sent, config)
            if answer is not None:
                self._note(sent, answer)
            # With a key, a client asks until it knows.
            known = answer is not None and answer.status not in REFUSALS
            if known or not sent.key:
                break
            if self._over.is_set() and answer is not None:
                break
            pause(0.02)
        if sent.status != 202 and sent.status != 200:
            pause(0.01)

    def _ask(self, sent: Sent, config: dict[str, object]) -> Answer | None:
        query = {
            "cp": sent.target.binary,
            "mainClass": sent.target.main_class,
            "context": sent.target.name,
            "sync": sent.sync,
            "queue": sent.queue,
            "timeout": 60,
        }
        headers = {"Idempotency-Key": sent.key} if sent.key else {}
        body = str(config).replace("'", '"')
        try:
            return Client(self.server.port).request(
                "POST", "/jobs", query, body, headers
            )
        except (OSError, HTTPException):
            return None

    def _note(self, sent: Sent, answer: Answer) -> None:
        self.answered += 1
        self.statuses[answer.status] += 1
        sent.status = answer.status
        report = answer.json()
        sent.job = report.get("jobId", "")
        sent.result = report.get("result")
        if answer.status == 503:
            full = report.get("status") == "NO SLOTS AVAILABLE"
            assert full or "retry-after" in answer.headers, answer

    # -- what has to be true -----------------------------------------------------

    def ran(self) -> Counter[str]:
        """How often each job ran."""
        return Counter(self.marks.read_text().split())

    def check(
        self, lost: Callable[[dict[str, Any]], bool] | None = None
    ) -> Counter[str]:
        """Fails unless each job that was accepted has its right end, and none
        ran twice. Returns what was found, for the report.

        `lost`: whether a report tells of a fault that may end a job.
        """
        reports = {
            sent.mark: self._final_report(sent) for sent in self.sent if sent.job
        }
        # What nobody was told of may still run, but not for long.
        ran = self.ran()
        found: Counter[str] = Counter()
        wrong = []
        for sent in self.sent:
            verdict = self._verdict(
                sent, reports.get(sent.mark), ran[sent.mark], lost or (lambda _: False)
            )
            found[verdict] += 1
            if verdict.startswith("WRONG"):
                wrong.append((verdict, sent, reports.get(sent.mark), ran[sent.mark]))
        assert not wrong, "\n".join(map(str, wrong[:10]))
        assert set(ran) <= {sent.mark for sent in self.sent}
        return found

    def _final_report(self, sent: Sent) -> dict[str, Any]:
        client = self.server.client

        def final() -> dict[str, Any] | None:
            answer = client.get(f"/jobs/{sent.job}")
            assert answer.status == 200, (sent, answer)
            report: dict[str, Any] = answer.json()
            return report if report["status"] in FINAL_JOB_STATES else None

        return until(final, f"the end of {sent}", 60)

    @staticmethod
    def _verdict(
        sent: Sent,
        report: dict[str, Any] | None,
        ran: int,
        lost: Callable[[dict[str, Any]], bool],
    ) -> str:
        if ran > 1:
            return "WRONG: ran twice"
        if report is None:
            if sent.status == 200:
                return "WRONG: answered 200 without a job"
            return "never accepted" if ran == 0 else "unknown to its client"
        if report["status"] == "FINISHED":
            told = sent.status != 200 or sent.result == sent.mark
            right = report["result"] == sent.mark and ran == 1 and told
            return "finished" if right else "WRONG: another result, or never ran"
        return "lost with a reason" if lost(report) else "WRONG: lost"

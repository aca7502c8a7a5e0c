"""The life of a worker: from the fork to the end of the context."""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, NoReturn

from hearth import jobs
from hearth.agent.frames import Frame, Kind
from hearth.config import Config
from hearth.errors import (
    Failure,
    HearthError,
    JobCancelled,
    failure_of,
)
from hearth.runtime import NamedObjects, PythonContext
from hearth.validation import validation_failure
from hearth.worker.channel import AgentGone, Channel, serve_control
from hearth.worker.code import Code, put_on_path
from hearth.worker.delivery import send_result
from hearth.worker.interrupts import Interrupts
from hearth.worker.objects import WorkerObjects
from hearth.worker.output import JobLog
from hearth.worker.run import Run
from hearth.worker.spark import Spark


@dataclass(frozen=True)
class WorkerSpec:
    """What all workers of a context have in common."""

    context_name: str
    settings: Mapping[str, Any]
    spark: str
    """What the jobs get of Spark; "" if there is none."""
    cores: int
    memory: int
    """The most that one may use, bytes; 0: no limit."""
    binaries: tuple[str, ...]
    """The context's own, which all jobs see behind theirs."""
    folder: str
    """The context's."""


class _Refused(Exception):
    """The job does not run, for one of the protocol's reasons."""

    def __init__(self, reason: str, failure: Failure) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure = failure


def worker_main(spec: WorkerSpec, fds: list[int]) -> None:
    """Runs jobs until the agent is gone. Called in the new process."""
    work, control, faults = fds
    faulthandler.enable(faults, all_threads=True)
    if spec.memory:
        resource.setrlimit(resource.RLIMIT_DATA, (spec.memory, spec.memory))
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()  # else all workers draw the same numbers
    try:
        Worker(spec, socket.socket(fileno=work), socket.socket(fileno=control)).serve()
    except AgentGone:
        _end_all()


def _end_all() -> NoReturn:
    """Ends this process and all that it has started."""
    os.killpg(0, signal.SIGKILL)
    os._exit(1)


class Worker:
    """Runs jobs in the main thread, one at a time."""

    def __init__(
        self, spec: WorkerSpec, work: socket.socket, control: socket.socket
    ) -> None:
        self._spec = spec
        self._interrupts = Interrupts()
        self._channel = Channel(work, self._interrupts)
        self._control = control
        self._log = JobLog()
        self._config = Config.from_settings(spec.settings)
        self._plain = PythonContext(spec.context_name, self._config, spec.cores)
        self._spark: Spark | None = None
        self._on_path: list[Code] = []
        self._code = Path(spec.folder) / "files" / "code"
        self._has_code = False
        self._objects: WorkerObjects | None = None
        self._classes: dict[str, type] = {}
        self._lock = threading.Lock()  # guards the next two
        self._run: Run | None = None
        self._early: list[Frame] = []

    def serve(self) -> None:
        """Runs jobs until the agent is gone."""
        self._log.install()
        serve_control(self._control, self._controlled, _end_all)
        while True:
            self._perform(self._channel.read())

    # -- the thread of the control socket ---------------------------------------

    def _controlled(self, frame: Frame) -> None:
        if frame.kind == Kind.ANSWER:
            self._channel.answered(frame)
            return
        with self._lock:
            run = self._run
            if run is None or run.job_id != frame.text("job"):
                # The job's own frame is read by another thread, and may be late.
                self._early = [*self._early[-7:], frame]
                return
        self._tell(run, frame)

    def _tell(self, run: Run, frame: Frame) -> None:
        if frame.kind == Kind.SAY_STARTED:
            run.say_started()
        elif frame.kind == Kind.CANCEL:
            run.cancel()
        elif frame.kind == Kind.INTERRUPT:
            self._interrupts.interrupt(run.job_id)

    # -- the thread of the jobs -------------------------------------------------

    def _perform(self, request: Frame) -> None:
        job = request.text("job")
        run = Run(
            job,
            self._channel,
            self._spec.context_name,
            self._config,
            lambda ask: self._objects_for(request, ask),
        )
        with self._lock:
            self._run = run
            early = [x for x in self._early if x.header.get("job") == job]
            self._early = []
        for frame in early:
            self._tell(run, frame)
        self._log.job = job
        kind, header, rest = self._outcome(request, run)
        self._interrupts.forbid()
        reusable = self._detach()
        self._log.flush()
        run.end()
        with self._lock:
            self._run = None
        self._log.job = ""
        if not reusable:
            header["spent"] = True
        self._channel.send(kind, header, rest)

    def _outcome(
        self, request: Frame, run: Run
    ) -> tuple[int, dict[str, object], bytes]:
        """How the job ended: the frame that says so."""
        job = run.job_id
        ended: dict[str, object] = {"job": job, "outcome": "error"}
        try:
            with self._interrupts.allowed(job):
                rest = self._run_job(request, run)
            return Kind.JOB_ENDED, {"job": job, "outcome": "finished"}, rest
        except _Refused as e:
            header = {"job": job, "reason": e.reason, **e.failure.header()}
            return Kind.JOB_REFUSED, header, b""
        except AgentGone:
            raise
        except JobCancelled as e:
            if run.cancelled:
                return Kind.JOB_ENDED, {"job": job, "outcome": "killed"}, b""
            return Kind.JOB_ENDED, {**ended, **failure_of(e).header()}, b""
        except SystemExit as e:
            message = f"the job called sys.exit({e.code!r}), instead of returning"
            failure = failure_of(e)._replace(message=message)
            return Kind.JOB_ENDED, {**ended, **failure.header()}, b""
        except MemoryError as e:
            failure = failure_of(e)
            if self._spec.memory:
                failure = failure._replace(
                    message="the job needed more memory than the "
                    f"{self._spec.memory} bytes that python.worker-memory allows "
                    f"each worker ({failure.message})"
                )
            ended["spent"] = True
            return Kind.JOB_ENDED, {**ended, **failure.header()}, b""
        except BaseException as e:
            return Kind.JOB_ENDED, {**ended, **failure_of(e).header()}, b""

    def _run_job(self, request: Frame, run: Run) -> bytes:
        kind = self._load(request, run)
        self._attach(run)
        config = Config(json.loads(request.payload or b"{}"))
        made: Any = kind()
        context = self._plain if self._spark is None else self._spark.for_job(made)
        problems, data = jobs.validate(made, context, run, config)
        if problems:
            raise _Refused("validation-failed", validation_failure(problems))
        run.validated()
        return send_result(
            self._channel,
            run.job_id,
            request.number("maxResult"),
            made.run_job(context, run, data),
        )

    def _attach(self, run: Run) -> None:
        """Gives the job Spark, if the context has it."""
        if not self._spec.spark:
            return
        if self._spark is None:
            gateway = run.ask("gateway")
            if "error" in gateway:
                raise HearthError(f"no gateway to Spark: {gateway['error']}")
            self._spark = Spark(self._spec.spark, gateway, self._on_path, self._code)
        self._spark.begin(run.job_id)

    def _detach(self) -> bool:
        """The next job must not find what this one has set.

        :returns: false if this process must not run another job
        """
        if self._interrupts.delivered:
            return False
        if self._spark is None:
            return True
        try:
            self._spark.end()
        except Exception:  # the job may have closed the gateway
            return False
        return True

    def _load(self, request: Frame, run: Run) -> type:
        main_class = request.text("mainClass")
        known = self._classes.get(main_class)
        if known is not None:
            return known
        try:
            self._put_code_on_path(request, run)
            found = jobs.find_class(main_class)
            jobs.check_kind(found, has_spark=bool(self._spec.spark))
        except jobs.ClassNotFound as e:
            raise _Refused("class-not-found", failure_of(e)) from None
        except jobs.WrongContext as e:
            raise _Refused("wrong-context", failure_of(e)) from None
        except (AgentGone, JobCancelled):
            raise
        except BaseException as e:
            raise _Refused("loading-failed", failure_of(e)) from None
        self._classes[main_class] = found
        return found

    def _put_code_on_path(self, request: Frame, run: Run) -> None:
        if self._has_code:
            return
        binaries = []
        for binary in request.header.get("binaries", []):
            path, digest = str(binary["path"]), str(binary["digest"])
            if not os.access(path, os.R_OK):
                answer = run.ask("binary", digest=digest, path=path)
                if "error" in answer:
                    raise FileNotFoundError(answer["error"])
                path = answer["path"]
            binaries.append((path, digest))
        binaries += [(path, "") for path in self._spec.binaries]
        self._on_path = put_on_path(binaries, self._code)
        self._has_code = True

    def _objects_for(
        self, request: Frame, ask: Callable[..., dict[str, Any]]
    ) -> NamedObjects:
        """They outlive a job, since they have the copies of this process."""
        if self._objects is None:
            digests = [str(x["digest"]) for x in request.header.get("binaries", [])]
            self._objects = WorkerObjects("+".join(digests), str(self._code))
        self._objects.ask = ask
        return self._objects

"""The agent: the process of one Python context."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from hearth.agent.frames import Frame, Kind, ProtocolError
from hearth.agent.jobs import Jobs
from hearth.agent.link import Link, LinkEvents
from hearth.agent.log import log_line
from hearth.agent.loop import Loop
from hearth.agent.settings import BadSetting, Settings, read_settings
from hearth.agent.spark import KINDS, PRELOAD, put_pyspark_on_path
from hearth.agent.start_file import StartFile, StartFileError, read_start_file
from hearth.agent.zygote import Zygote
from hearth.errors import Failure, failure_of
from hearth.worker.main import WorkerSpec, worker_main

_ORPHAN_GRACE = 10.0
_FLUSH_TIME = 2.0

PYTHON = platform.python_version()


class Agent(LinkEvents):
    """Wires the parts together, and decides when the process ends."""

    def __init__(
        self, start: StartFile, settings: Settings, zygote: Zygote, parent: int = -1
    ) -> None:
        """:param parent: a pipe that ends with the process that has started this"""
        self._parent = parent
        self._start = start
        self._zygote = zygote
        self._loop = Loop()
        self._link = Link(self._loop, start, self)
        self._jobs = Jobs(self._loop, zygote, settings, start.folder)
        self._jobs.link = self._link
        self._has_spark = start.context_factory in KINDS
        self._failure: Failure | None = None
        self._ready = False
        self._stopping = False
        self._status = 0

    def run(self) -> int:
        """Serves the context; returns the status of this process."""
        self._loop.watch(self._zygote.fileno(), self._hear_zygote, None)
        if self._parent >= 0:
            self._loop.watch(self._parent, self._parent_gone, None)
        self._link.start()
        self._loop.run()
        self._link.close(flush=_FLUSH_TIME)
        self._zygote.close()
        return self._status

    # -- the link ---------------------------------------------------------------

    def hello(self) -> dict[str, object]:
        return {
            "protocol": 1,
            "contextId": self._start.context_id,
            "token": self._start.token,
            "pid": os.getpid(),
            "runtime": f"python {PYTHON}",
            "ready": self._ready,
            "running": self._jobs.running(),
            "ended": self._jobs.ended(),
            **({"workers": self._jobs.gateways.open} if self._has_spark else {}),
        }

    def welcomed(self) -> None:
        self._say_ready()
        self._jobs.connected()

    def received(self, frame: Frame) -> None:
        if frame.kind == Kind.RUN_JOB:
            self._jobs.run(frame)
        elif frame.kind == Kind.KILL_JOB:
            self._jobs.kill(frame.text("job"))
        elif frame.kind == Kind.CREDIT:
            self._jobs.credit(frame.text("job"), frame.number("bytes"))
        elif frame.kind == Kind.JOB_STORED:
            self._jobs.stored(frame.text("job"))
        elif frame.kind == Kind.FILE_BLOCK:
            self._jobs.file_block(frame)
        elif frame.kind == Kind.GATEWAY_READY:
            self._jobs.gateways.ready(frame)
        elif frame.kind == Kind.STOP:
            self._stop(frame.number("graceMs") / 1000)
        else:
            raise ProtocolError(f"a frame of the kind {frame.kind} after the welcome")

    def lost(self) -> None:
        pass

    def drained(self) -> None:
        self._jobs.drained()

    def ended(self, reason: str) -> None:
        log_line("ERROR", f"context {self._start.context_name} ends: {reason}")
        self._status = 1
        self._jobs.stop()
        self._quit_when_idle(_ORPHAN_GRACE)

    # -- the end ----------------------------------------------------------------

    def _stop(self, grace: float) -> None:
        if self._stopping:
            return
        self._stopping = True
        log_line("INFO", "stopped by the server")
        self._link.send(Kind.STOPPING, {})
        self._jobs.stop()
        self._quit_when_idle(grace)

    def _quit_when_idle(self, grace: float) -> None:
        self._jobs.on_idle = self._loop.stop
        if self._jobs.idle:
            self._loop.stop()
        else:
            self._loop.after(grace, self._loop.stop)

    def _parent_gone(self) -> None:
        log_line("ERROR", "the driver's JVM is gone")
        self._status = 1
        self._loop.stop()

    # -- the zygote -------------------------------------------------------------

    def _hear_zygote(self) -> None:
        try:
            report = self._zygote.report()
            while report is not None:
                self._take_report(report)
                report = self._zygote.report()
        except ProtocolError as e:
            if self._failure is None:
                log_line("ERROR", str(e))
                self._status = 1
                self._loop.stop()
            else:
                self._loop.watch(self._zygote.fileno(), None, None)

    def _take_report(self, report: dict[str, object]) -> None:
        if "ready" in report:
            self._ready = True
            self._say_ready()
        elif "failed" in report:
            failed = report["failed"]
            assert isinstance(failed, dict)
            self._failure = Failure(
                failed["message"], failed["errorClass"], failed["stack"]
            )
            self._say_ready()
        else:
            self._jobs.zygote_reports(report)

    def _say_ready(self) -> None:
        if self._failure is not None:
            if self._link.is_open:
                self._link.send(Kind.CONTEXT_FAILED, self._failure.header())
                self._status = 1
                self._loop.stop()
        elif self._ready:
            self._link.send(
                Kind.CONTEXT_READY,
                {"applicationId": "", "webUrl": "", "version": PYTHON},
            )


class _FailedZygote(Zygote):
    """Stands in for a zygote if the context cannot start."""

    def __init__(self, failure: Failure) -> None:
        self._read, self._write = os.pipe()
        os.write(self._write, b"x")
        self._failure: Failure | None = failure

    def fileno(self) -> int:
        return self._read

    def report(self) -> dict[str, object] | None:
        failure, self._failure = self._failure, None
        if failure is None:
            raise ProtocolError("the context cannot start")
        return {"failed": failure.header()}

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


def main(arguments: Sequence[str]) -> int:
    """Runs the context of a start file."""
    if len(arguments) != 2:
        log_line("ERROR", "usage: hearth_agent.py START_FILE")
        return 2
    try:
        start = read_start_file(arguments[1])
    except StartFileError as e:
        log_line("ERROR", str(e))
        return 1
    settings = Settings(1, False, 1, 0, (), (), (), 0, 0)
    parent = -1
    try:
        settings = read_settings(start.settings)
        if settings.requirements:
            # Most contexts have none, and need not wait for these imports.
            from hearth.agent.requirements import enter_environment

            cache = start.folder.parent.parent / "python"
            enter_environment(settings.requirements, cache, arguments)
        # Not before: the process may have replaced itself, and kept its input.
        if start.context_factory in KINDS:
            parent = _take_input()
        zygote = _make_zygote(start, settings)
    except BadSetting as e:
        zygote = _FailedZygote(failure_of(e)._replace(error_class="hearth.BadSetting"))
    return Agent(start, settings, zygote, parent).run()


def _take_input() -> int:
    """The standard input, in whose place workers find nothing to read."""
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return pipe


def _make_zygote(start: StartFile, settings: Settings) -> Zygote:
    """Forks it, before this process has threads or connections."""
    missing = [path for path in settings.paths if not Path(path).exists()]
    if missing:
        raise BadSetting(f"python.paths names {missing[0]}, which does not exist")
    if settings.cores_are_set:
        # Libraries like NumPy ask for it when they are imported.
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, str(settings.cores))
    sys.path[1:1] = settings.paths  # behind the folder of the agent
    spark = KINDS.get(start.context_factory, "")
    if spark:
        put_pyspark_on_path(os.environ.get("SPARK_HOME", ""))
    spec = WorkerSpec(
        context_name=start.context_name,
        settings=start.settings,
        spark=spark,
        cores=settings.cores,
        memory=settings.worker_memory,
        binaries=start.jars,
        folder=str(start.folder),
    )
    preload = (*(PRELOAD if spark else ()), *settings.preload)
    return Zygote(preload, lambda fds: worker_main(spec, fds))

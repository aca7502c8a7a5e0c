"""All jobs that run or wait, and those whose end the server has not stored yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hearth.agent.files import ServerFiles
from hearth.agent.frames import Frame, Kind, ProtocolError
from hearth.agent.gateways import Gateways
from hearth.agent.job import Job, killed_failure
from hearth.agent.link import Link
from hearth.agent.log import log_line
from hearth.agent.loop import Loop
from hearth.agent.objects import Objects
from hearth.agent.settings import Settings
from hearth.agent.workers import Key, Worker, WorkerEvents, Workers, how_it_ended
from hearth.agent.zygote import Zygote
from hearth.errors import Failure, simple_failure

_LEAST_YOUTH = 0.0005
"""The shortest time that a job runs before its start is reported, seconds."""
_LONGEST_YOUTH = 60.0


class Jobs(WorkerEvents):
    """Gives jobs to workers, and passes on what these say. Not thread-safe."""

    def __init__(
        self, loop: Loop, zygote: Zygote, settings: Settings, folder: Path
    ) -> None:
        self._loop = loop
        self._settings = settings
        self._folder = folder
        self._workers = Workers(loop, zygote, settings.workers, self)
        self._objects = Objects(loop, folder / "files" / "objects")
        self._files = ServerFiles(
            loop, folder / "files", lambda kind, header: self.link.send(kind, header)
        )
        self.gateways = Gateways(lambda kind, header: self.link.send(kind, header))
        self._jobs: dict[str, Job] = {}
        self._running: dict[str, Worker] = {}
        self._waiting: deque[Job] = deque()
        self._stopping = False
        self.link: Link
        self.on_idle: Callable[[], None] | None = None
        """Called when no job is left to run."""

    # -- what the server says ---------------------------------------------------

    def run(self, request: Frame) -> None:
        """Runs a job. One that is known already is not run again."""
        known = self._jobs.get(request.text("job"))
        if known is not None:
            known.repeat(self.link)
            return
        job = self._jobs[request.text("job")] = Job(request, self._folder)
        if self._stopping:
            self._refuse(job, "stopping", "The context is being stopped")
            return
        self._waiting.append(job)
        self._start_waiting()

    def kill(self, job_id: str) -> None:
        """Cancels a job."""
        job = self._jobs.get(job_id)
        if job is None:
            # It never came here, or its end is stored: the server knows which.
            self.link.send(
                Kind.JOB_ENDED,
                {"job": job_id, "outcome": "killed", **killed_failure(job_id)},
            )
        elif job.over:
            job.repeat(self.link)
        else:
            self._kill(job)

    def credit(self, job_id: str, amount: int) -> None:
        """The server takes more of a result."""
        job = self._jobs.get(job_id)
        if job is not None:
            job.add_credit(amount)
            self._deliver(job)

    def stored(self, job_id: str) -> None:
        """The server has stored the end of a job."""
        job = self._jobs.get(job_id)
        if job is not None and job.over:
            job.result.discard()
            del self._jobs[job_id]

    def file_block(self, block: Frame) -> None:
        """A part of a file has come."""
        self._files.received(block)

    # -- the connection ---------------------------------------------------------

    def running(self) -> list[str]:
        """The jobs that have not ended."""
        return [job.id for job in self._jobs.values() if not job.over]

    def ended(self) -> list[str]:
        """The jobs whose end the server has not stored."""
        return [job.id for job in self._jobs.values() if job.over]

    def connected(self) -> None:
        """Sends all that the server may have missed."""
        for job in list(self._jobs.values()):
            job.connected()
            job.say_started(self.link)
            self._deliver(job)
        self._files.repeat_all()
        self.gateways.repeat_all()

    def drained(self) -> None:
        """The server has taken what was sent, and can take more."""
        for job in list(self._jobs.values()):
            if job.over or job.streamed:
                self._deliver(job)

    # -- the end ----------------------------------------------------------------

    def stop(self) -> None:
        """Takes no more jobs, and cancels those that run."""
        self._stopping = True
        for job in list(self._jobs.values()):
            if not job.over:
                self._kill(job)

    @property
    def idle(self) -> bool:
        """Whether no job runs or waits."""
        return not self._running and not self._waiting

    # -- workers ----------------------------------------------------------------

    def zygote_reports(self, report: dict[str, Any]) -> None:
        """The zygote says that a worker's process has ended."""
        if "errno" in report:
            how = f"no process could be made for it (error {report['errno']})"
        else:
            how = how_it_ended(report["status"])
        self._workers.exited(report["exited"], how)

    def worker_says(self, worker: Worker, frame: Frame) -> None:
        """Handles a frame of a worker.

        :raises ProtocolError: if it must not send that, which ends it
        """
        job = self._jobs.get(worker.job)
        if job is None or job.over or frame.text("job") != job.id:
            return  # of a thread that an earlier job has left behind
        if frame.kind == Kind.JOB_ENDED:
            self._ended(worker, job, frame)
        elif frame.kind == Kind.JOB_REFUSED:
            self._end(
                worker, job, lambda: job.refused(frame.text("reason"), _of(frame))
            )
        elif frame.kind == Kind.JOB_STARTED:
            job.validated = True
            job.say_started(self.link)
        elif frame.kind == Kind.JOB_PROGRESS:
            job.say_progress(self.link, frame.header)
        elif frame.kind == Kind.RESULT_PART:
            job.streamed = job.streamed or frame.header.get("streamed") is True
            self._append(worker, job, frame.payload)
            self._deliver(job)
        else:
            self._request(worker, job, frame)

    def worker_gone(self, worker: Worker) -> None:
        """A worker's process has ended."""
        job = self._jobs.get(worker.job)
        # A job that was interrupted has ended, but may have left work in Spark.
        self.gateways.gone(worker.number, worker.last_job)
        if worker.job:
            self._objects.left(worker)
            self._running.pop(worker.job, None)
        if job is not None and not job.over:
            if job.killed:
                job.was_killed()
            else:
                failure = self._crash(worker)
                log_line("ERROR", failure.stack, job.id)
                job.failed(failure)
            self._over(job)
        self._start_waiting()

    def _crash(self, worker: Worker) -> Failure:
        message = f"job {worker.job}: {worker.how}"
        failure = simple_failure(message, "hearth.Crashed")
        if worker.trace:
            return failure._replace(stack=f"{failure.stack}\n{worker.trace}")
        return failure

    def _start_waiting(self) -> None:
        """Gives jobs to workers, in the order in which they came."""
        while self._waiting:
            job = self._waiting[0]
            try:
                worker = self._workers.take(_key_of(job))
            except OSError as e:
                self._waiting.popleft()
                failure = simple_failure(f"no process for it: {e}", "hearth.Crashed")
                job.failed(failure)
                self._over(job)
                continue
            if worker is None:
                return
            self._waiting.popleft()
            self._give(worker, job)
        self._say_idle()

    def _give(self, worker: Worker, job: Job) -> None:
        worker.job = worker.last_job = job.id
        self._running[job.id] = worker
        worker.send(
            Kind.RUN_JOB,
            {
                "job": job.id,
                "mainClass": job.request.get("mainClass", ""),
                "binaries": job.binaries,
                "maxResult": job.request.get("maxResult", 0),
                "user": job.request.get("user", ""),
            },
            job.config,
        )
        wanted = job.request.get("startedAfterMs", 0) / 1000
        youth = min(max(wanted, _LEAST_YOUTH), _LONGEST_YOUTH)
        job.timer = self._loop.after(
            youth, lambda: worker.control(Kind.SAY_STARTED, {"job": job.id})
        )

    def _append(self, worker: Worker, job: Job, data: bytes) -> None:
        if job.killed:
            return
        try:
            job.result.append(data)
        except OSError as e:
            worker.kill()
            error = f"the result cannot be kept on the disk: {e}"
            self._end(worker, job, lambda: job.failed(simple_failure(error, "OSError")))

    def _ended(self, worker: Worker, job: Job, frame: Frame) -> None:
        if frame.header.get("spent") is True:
            worker.kill()  # before it could get the next job
        if frame.text("outcome") == "finished":
            self._append(worker, job, frame.payload)
            if not job.over:
                self._end(worker, job, job.finished)
        elif frame.text("outcome") == "killed":
            self._end(worker, job, job.was_killed)
        else:
            self._end(worker, job, lambda: job.failed(_of(frame)))

    def _end(self, worker: Worker, job: Job, end: Callable[[], None]) -> None:
        if job.killed:
            job.was_killed()
        else:
            end()
        self._running.pop(job.id, None)
        self._objects.left(worker)
        self._workers.free(worker)
        self._over(job)
        self._start_waiting()

    def _over(self, job: Job) -> None:
        self._files.left(job.id)
        if self._stopping and not job.killed:
            job.result.discard()
        if not self._stopping:
            self._deliver(job)

    def _deliver(self, job: Job) -> None:
        job.deliver(self.link)
        worker = self._running.get(job.id)
        if worker is not None and job.streamed:
            # A stream goes on when its reader is near enough.
            if job.is_ahead and not job.killed:
                worker.wire.pause()
            else:
                worker.wire.resume()

    def _refuse(self, job: Job, reason: str, message: str) -> None:
        job.refused(reason, simple_failure(message, "hearth.Stopped"))
        job.deliver(self.link)

    # -- kills ------------------------------------------------------------------

    def _kill(self, job: Job) -> None:
        if job.killed:
            return
        job.killed = True
        worker = self._running.get(job.id)
        if worker is None:
            self._waiting.remove(job)
            job.was_killed()
            self._over(job)
            self._say_idle()
            return
        job.stop_timer()
        worker.wire.resume()
        worker.control(Kind.CANCEL, {"job": job.id})
        job.timer = self._loop.after(
            self._settings.interrupt_after, lambda: self._interrupt(job, worker)
        )

    def _interrupt(self, job: Job, worker: Worker) -> None:
        worker.control(Kind.INTERRUPT, {"job": job.id})
        job.timer = self._loop.after(self._settings.kill_after, worker.kill)

    def _say_idle(self) -> None:
        if self.on_idle is not None and self.idle:
            self.on_idle()

    # -- requests of jobs -------------------------------------------------------

    def _request(self, worker: Worker, job: Job, frame: Frame) -> None:
        number = frame.number("request")
        what = frame.text("what")

        def answer(result: dict[str, Any]) -> None:
            worker.control(Kind.ANSWER, {"request": number, **result})

        scope = frame.text("scope", "")
        if what == "object":
            timeout = frame.number("timeoutMs") / 1000
            create = frame.header.get("create") is True
            name = frame.text("name")
            self._objects.get(worker, name, scope, create, timeout, answer)
        elif what == "new-object":
            answer({"create": self._objects.new_file()})
        elif what == "store":
            generation = self._objects.put(
                frame.text("name"), scope, frame.text("file")
            )
            answer({"generation": generation})
        elif what == "give-up":
            self._objects.give_up(worker, frame.text("name"))
            answer({})
        elif what == "forget":
            self._objects.forget(frame.text("name"), scope)
            answer({})
        elif what == "names":
            answer({"names": self._objects.names(scope)})
        elif what == "gateway":
            self.gateways.get(worker.number, answer)
        elif what == "data":
            self._files.data(job.id, frame.text("name"), answer)
        elif what == "binary":
            self._files.binary(job.id, frame.text("digest"), frame.text("path"), answer)
        else:
            raise ProtocolError(f"the request '{what}'")


def _key_of(job: Job) -> Key:
    """The version of a job's code: what decides which worker it may run in."""
    return tuple(str(x.get("digest", "")) for x in job.binaries)


def _of(frame: Frame) -> Failure:
    return Failure(
        frame.text("message", ""),
        frame.text("errorClass", ""),
        frame.text("stack", ""),
    )

"""The process that workers are forked from.

    agent ---- control: fork, signal ----> zygote, with one thread
      |  ^                                     | fork
      |  +---------- reports: ready, exit -----+------+
      +------------- work and control ---------> workers

It is forked before the agent does anything else, and imports the modules that all
workers need. When the agent ends, in whatever way, the zygote ends the workers
with all processes that they have started, and then itself. When the zygote ends,
the kernel ends the workers.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import os
import selectors
import signal
import socket
from collections.abc import Callable
from typing import Any

from hearth.agent.frames import ProtocolError
from hearth.errors import Failure, failure_of

_MAX_MESSAGE = 200_000
_PACKET = 64 * 1024

ChildMain = Callable[[list[int]], None]


class Zygote:
    """The agent's handle for it."""

    def __init__(self, preload: tuple[str, ...], child: ChildMain) -> None:
        """Forks it. The calling process must have only one thread.

        :param child: runs in each worker, with the descriptors given to `fork`
        """
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                mine.close()
                _Nursery(theirs, child).run(preload)
                status = 0
            finally:
                os._exit(status)
        theirs.close()
        mine.setblocking(False)
        self._socket = mine

    def fileno(self) -> int:
        """The descriptor that is readable when there is a report."""
        return self._socket.fileno()

    def fork(self, number: int, fds: list[int]) -> None:
        """Makes a worker, which gets copies of the descriptors.

        :raises OSError: if the zygote is gone
        """
        message = json.dumps({"fork": number}).encode()
        self._socket.setblocking(True)
        try:
            socket.send_fds(self._socket, [message], fds)
        finally:
            self._socket.setblocking(False)

    def signal(self, number: int, signum: int) -> None:
        """Sends a signal to a worker and all that it has started, if it lives."""
        self._socket.setblocking(True)
        try:
            self._socket.send(json.dumps({"signal": number, "with": signum}).encode())
        except OSError:
            pass  # it is gone, and its workers with it
        finally:
            self._socket.setblocking(False)

    def report(self) -> dict[str, Any] | None:
        """The next report; None if there is none now.

        `{"ready": true}`, `{"failed": {…}}` if a module could not be imported, or
        `{"exited": number, "status": status of waitpid}`.

        :raises ProtocolError: if the zygote is gone
        """
        try:
            data = self._socket.recv(_PACKET)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as e:
            raise ProtocolError(f"the zygote is gone: {e}") from None
        if not data:
            raise ProtocolError("the zygote is gone")
        report: dict[str, Any] = json.loads(data)
        return report

    def close(self) -> None:
        """Ends it and all workers."""
        self._socket.close()


class _Nursery:
    """The work of the zygote's process."""

    def __init__(self, control: socket.socket, child: ChildMain) -> None:
        self._control = control
        self._child = child
        self._selector = selectors.DefaultSelector()
        self._workers: dict[int, tuple[int, int]] = {}  # pid and pidfd by number

    def run(self, preload: tuple[str, ...]) -> None:
        # It survives a kill of the agent's group, and can end the workers.
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            for module in preload:
                importlib.import_module(module)
        except BaseException as e:
            self._report({"failed": _short(failure_of(e)).header()})
            return
        self._report({"ready": True})
        _libc()
        gc.collect()
        gc.freeze()  # so that no worker copies the pages of what is here already
        self._selector.register(self._control, selectors.EVENT_READ)
        try:
            while self._serve():
                pass
        finally:
            for pid, _ in self._workers.values():
                with contextlib.suppress(OSError):
                    os.killpg(pid, signal.SIGKILL)

    def _serve(self) -> bool:
        """Handles what has come; False when the agent is gone."""
        for key, _ in self._selector.select():
            if key.fileobj is not self._control:
                self._reap(key.data)
        return not self._has_request() or self._obey()

    def _has_request(self) -> bool:
        try:
            self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            pass  # `_obey` sees it, too
        return True

    def _obey(self) -> bool:
        try:
            data, fds, _, _ = socket.recv_fds(self._control, _PACKET, 8)
        except OSError:
            return False
        if not data:
            return False
        request = json.loads(data)
        if "fork" in request:
            self._fork(request["fork"], fds)
        elif request["signal"] in self._workers:
            with contextlib.suppress(OSError):
                os.killpg(self._workers[request["signal"]][0], request["with"])
        return True

    def _fork(self, number: int, fds: list[int]) -> None:
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as e:
            _close_all(fds)
            self._report({"exited": number, "errno": e.errno})
            return
        if pid == 0:
            self._become_worker(parent, fds)
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # by both: neither is to wait for the other
        pidfd = os.pidfd_open(pid)
        self._workers[number] = (pid, pidfd)
        self._selector.register(pidfd, selectors.EVENT_READ, number)
        _close_all(fds)

    def _become_worker(self, parent: int, fds: list[int]) -> None:
        status = 1
        try:
            os.setpgid(0, 0)
            _die_with_parent()
            if os.getppid() != parent:
                return
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._selector.close()
            self._control.close()
            _close_all([pidfd for _, pidfd in self._workers.values()])
            self._child(fds)
            status = 0
        finally:
            os._exit(status)

    def _reap(self, number: int) -> None:
        pid, pidfd = self._workers.pop(number)
        self._selector.unregister(pidfd)
        os.close(pidfd)
        # What it has started itself. It is a zombie as yet, so its group is its own.
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        self._report({"exited": number, "status": status})

    def _report(self, report: dict[str, object]) -> None:
        with contextlib.suppress(OSError):
            self._control.send(json.dumps(report).encode())


def _close_all(fds: list[int]) -> None:
    for fd in fds:
        os.close(fd)


def _short(failure: Failure) -> Failure:
    """A failure that one packet has room for."""
    return Failure(
        failure.message[: _MAX_MESSAGE // 50],
        failure.error_class[:200],
        failure.stack[-_MAX_MESSAGE // 20 :],
    )


def _die_with_parent() -> None:
    """Makes the kernel end this process with the zygote."""
    set_parent_death_signal = 1
    _libc().prctl(set_parent_death_signal, signal.SIGKILL, 0, 0, 0)


@functools.cache
def _libc() -> Any:  # noqa: ANN401
    # Its import takes a while, for which the context need not wait.
    import ctypes

    return ctypes.CDLL(None)

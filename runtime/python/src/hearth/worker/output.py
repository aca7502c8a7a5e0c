"""Makes lines of the context's log of what a job prints and logs."""

from __future__ import annotations

import io
import logging
import sys
import threading
from typing import Any, BinaryIO

from hearth.agent.log import log_line

_LEVELS = {"WARNING": "WARN", "CRITICAL": "ERROR"}


class JobLog:
    """Knows which job's lines they are: one job runs at a time."""

    def __init__(self) -> None:
        self.job = ""

    def install(self) -> None:
        """Takes over `print`, standard error and `logging`."""
        sys.stdout = LineStream(self, "INFO", sys.__stdout__)
        sys.stderr = LineStream(self, "WARN", sys.__stderr__)
        root = logging.getLogger()
        root.addHandler(LogHandler(self))
        root.setLevel(logging.INFO)
        logging.captureWarnings(True)

    def flush(self) -> None:
        """Writes lines that have no end yet."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, LineStream):
                stream.end_lines()


class LineStream(io.TextIOBase):
    """A standard stream whose lines say which job wrote them."""

    def __init__(self, log: JobLog, level: str, own: Any) -> None:  # noqa: ANN401
        self._log = log
        self._level = level
        self._own = own
        self._begun: dict[int, str] = {}  # by thread
        self._lock = threading.Lock()

    @property
    def buffer(self) -> BinaryIO:
        """For bytes, which go to the log as they are."""
        buffer: BinaryIO = self._own.buffer
        return buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "replace"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        number: int = self._own.fileno()
        return number

    def write(self, text: str) -> int:
        thread = threading.get_ident()
        with self._lock:
            *lines, rest = (self._begun.pop(thread, "") + text).split("\n")
            if rest:
                self._begun[thread] = rest
        if lines:
            log_line(self._level, "\n".join(lines), self._log.job)
        return len(text)

    def flush(self) -> None:
        self._own.flush()

    def end_lines(self) -> None:
        """Writes lines that have no end yet."""
        with self._lock:
            begun, self._begun = self._begun, {}
        for text in begun.values():
            log_line(self._level, text, self._log.job)


class LogHandler(logging.Handler):
    """Writes the records of all loggers."""

    def __init__(self, log: JobLog) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = f"{record.name}: {self.format(record)}"
            level = _LEVELS.get(record.levelname, record.levelname)
            log_line(level, text, self._log.job)
        except Exception:
            self.handleError(record)

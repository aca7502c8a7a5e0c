"""Shows how far jobs are: in a line of a terminal, or in the output of a notebook's
cell. Elsewhere nothing is shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import os
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Protocol, TypeVar

from hearth_client.errors import HearthError
from hearth_client.reports import JobReport, Progress

FIRST_AFTER = 0.3
"""For work that is done sooner, nothing is shown."""

PAUSE = 0.5
_WIDTH = 30


class Watched(Protocol):
    """A job, as far as bars know it."""

    id: str

    def progress(self) -> Awaitable[Progress]: ...


class Screen:
    """Where something is shown, again and again at the same place."""

    def show(self, text: str, markup: str) -> None:
        """Replaces what was shown. The text is for terminals."""

    def close(self) -> None:
        """Nothing follows."""


class _Terminal(Screen):
    """Draws on a line of stderr, and wipes it at the end."""

    def __init__(self) -> None:
        self._drawn = False

    def show(self, text: str, markup: str) -> None:
        columns = shutil.get_terminal_size().columns
        line = "".join(c if c.isprintable() else " " for c in text)[: columns - 1]
        sys.stderr.write(f"\r\033[K{line}")
        sys.stderr.flush()
        self._drawn = True

    def close(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


class _Notebook(Screen):
    """Draws in the output of a cell, and leaves the last state there."""

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display = display
        self._handle: Any = None

    def show(self, text: str, markup: str) -> None:
        data = {"text/plain": text, "text/html": markup}
        if self._handle is None:
            self._handle = self._display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


def screen() -> Screen | None:
    """Where this program may show something; None: nowhere."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None and getattr(shell, "kernel", None) is not None:
        from IPython.display import display  # type: ignore[import-not-found,unused-ignore]

        return _Notebook(display)
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return _Terminal()
    return None


B = TypeVar("B", bound="_Bar")


class _Bar:
    """Shows something until the `with` block ends."""

    def __init__(self, wanted: bool) -> None:
        self._screen = screen() if wanted else None
        self._task: asyncio.Task[None] | None = None
        self._begun = time.monotonic()
        self._last = (0, 0, "")
        """How much was done when it was last drawn, of how much, and a note."""

    def __enter__(self: B) -> B:
        if self._screen is not None:
            self._task = asyncio.ensure_future(self._keep_drawing(self._screen))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._screen is not None:
            self._screen.close()

    async def _keep_drawing(self, on: Screen) -> None:
        await asyncio.sleep(FIRST_AFTER)
        # A server without progress has none to show.
        with contextlib.suppress(HearthError):
            while True:
                await self.draw(on)
                await asyncio.sleep(PAUSE)

    async def draw(self, on: Screen) -> None:
        """Draws once."""
        raise NotImplementedError

    def finish(self, title: str, complete: bool = True) -> None:
        """Leaves in a notebook how it ended, if anything was shown.

        :param complete: whether all of it is done
        """
        if self._screen is None or self.seconds < FIRST_AFTER:
            return
        done, total, note = self._last
        done = total if complete else done
        self._screen.show(*_shown(title, done, total, note, self.seconds))

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._begun


class JobBar(_Bar):
    """Shows how far one job is."""

    def __init__(self, job: Watched, wanted: bool) -> None:
        super().__init__(wanted)
        self._job = job

    async def draw(self, on: Screen) -> None:
        seen = await self._job.progress()
        self._last = (seen.done, seen.total, seen.text)
        title = f"job {self._job.id} {seen.status}"
        on.show(*_shown(title, *self._last, self.seconds))


class JobsBar(_Bar):
    """Shows how many of several jobs have ended."""

    def __init__(self, wanted: bool, total: int = 0) -> None:
        super().__init__(wanted)
        self.ended = 0
        self.total = total

    async def draw(self, on: Screen) -> None:
        self._last = (self.ended, self.total, "")
        on.show(*_shown("jobs", *self._last, self.seconds))


def _shown(
    title: str, done: int, total: int, note: str, seconds: float
) -> tuple[str, str]:
    """As text, and as HTML."""
    count = f"{done}/{total}" if total > 0 else ""
    note = " ".join(x for x in (count, note, _elapsed(seconds)) if x)
    middle = _bar(done, total) if total > 0 else "…"
    return f"{title} {middle} {note}", bar_html(title, done, total, note)


def _bar(done: int, total: int) -> str:
    full = int(min(max(done / total, 0.0), 1.0) * _WIDTH)
    return f"[{'#' * full}{'.' * (_WIDTH - full)}]"


def _elapsed(seconds: float) -> str:
    n = int(seconds)
    hours, rest = divmod(n, 3600)
    minutes, n = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{n:02}" if hours else f"{minutes}:{n:02}"


def bar_html(title: str, done: int, total: int, note: str) -> str:
    """A bar for a notebook."""
    bar = ""
    if total > 0:
        bar = f'<progress value="{int(done)}" max="{int(total)}"></progress> '
    return f"<div><code>{html.escape(title)}</code> {bar}{html.escape(note)}</div>"


def job_html(id: str, report: JobReport | None, seen: Progress | None) -> str:
    """A job for a notebook: its state, and a bar while it runs."""
    if report is None:
        return f"<div><code>job {html.escape(id)}</code></div>"
    rows: Sequence[tuple[str, object]] = [
        ("Job", id),
        ("State", report.status),
        ("Class", report.main_class),
        ("Context", report.context),
        ("Seconds", "" if report.duration is None else f"{report.duration:g}"),
        ("Error", _error_of(report)),
    ]
    cells = "".join(
        f"<tr><th style='text-align:left'>{name}</th>"
        f"<td style='text-align:left'>{html.escape(str(value))}</td></tr>"
        for name, value in rows
        if value
    )
    bar = ""
    if seen is not None and not report.done:
        bar = bar_html("", seen.done, seen.total, seen.text)
    return f"<table>{cells}</table>{bar}"


def _error_of(report: JobReport) -> str:
    if report.status not in ("ERROR", "KILLED") or not isinstance(report.result, dict):
        return ""
    return str(report.result.get("message") or report.result.get("errorClass") or "")

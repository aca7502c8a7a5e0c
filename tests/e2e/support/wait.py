"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

START_PATIENCE = 180
"""Seconds for a context's start. A machine that does much else besides takes several
times as long as usual, and a context that does not start at all is told from that.
"""


def until(
    condition: Callable[[], T | None],
    what: str,
    seconds: float = 10,
    pause: float = 0.02,
) -> T:
    """Returns the first true value of `condition`.

    Raises AssertionError with `what` once `seconds` have passed without one.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(
                f"not within {seconds} s: {what}; last seen: {value!r}"
            )
        time.sleep(pause)


def pause(seconds: float) -> None:
    """Lets time pass: for faults that are to come at a random moment."""
    time.sleep(seconds)

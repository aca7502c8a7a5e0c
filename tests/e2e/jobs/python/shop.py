"""Jobs for the tests of Python contexts."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STATE = {"runs": 0}


class WordCount:
    """Counts words, as Spark Job Server's example does."""

    def validate(self, context: Any, runtime: Any, config: Any) -> Any:  # noqa: ANN401
        from hearth import build_problems

        if config.get("input.strings", None):
            return config.get("input.strings")
        return build_problems(["config input.strings not found", "nothing to count"])

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        counts: dict[str, int] = {}
        for word in data:
            counts[word] = counts.get(word, 0) + 1
        return counts


class Fails:
    """Ends with an error."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        raise ValueError(data.get("message", "bad order"))


class Count:
    """Says in which process it runs, and how often that has run it."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        STATE["runs"] += 1
        return [os.getpid(), STATE["runs"]]


class Waits:
    """Runs until it is killed, or for some seconds."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        runtime.progress(1, 2, "half of it")
        print("waiting")
        logging.getLogger("shop").warning("still waiting")
        return runtime.wait_cancelled(data.get_float("seconds", 60))


class WaitsForFile:
    """Reports progress, and runs until a file is there."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        runtime.progress(1, 2, "half of it")
        while not Path(data["file"]).exists():
            if runtime.wait_cancelled(0.02):
                return True
        return False


class Stubborn:
    """Swallows everything that could end it."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        while True:
            try:
                time.sleep(60)
            except BaseException:
                print("no")


class Crashes:
    """Loses its process."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        if data["how"] == "exit":
            os._exit(3)
        os.kill(os.getpid(), signal.Signals[data["how"]])


class Hungry:
    """Takes memory."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        return len(bytearray(data.get_int("bytes")))


class Numbers:
    """A result of any size."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        return list(range(data["count"]))


class Stream:
    """A result that is made while it is read."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Iterator[bytes]:  # noqa: ANN401
        Path("stream").write_text("begun")
        try:
            yield b"["
            for i in range(data["pieces"]):
                yield b'%s"%s"' % (b"," if i else b"", b"x" * data["size"])
            yield b"]"
        finally:
            Path("stream").write_text("closed")


class Frame:
    """A DataFrame of pandas."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        import numpy
        import pandas

        frame = pandas.DataFrame({"x": numpy.arange(3) / 2, "y": ["a", None, "c"]})
        return {"rows": frame, "mean": numpy.float64(frame["x"].mean())}


class ReadsData:
    """Reads an uploaded file."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        return Path(runtime.data_file(data["file"])).read_text()


class Unshowable:
    """Returns what JSON has no form for."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        return {"orders": [1, object()]}


class Named:
    """Shares an object with the other jobs of its context."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        return runtime.named_objects.get_or_else_create("maker", os.getpid)


class NoJob:
    """No job."""


class InSteps:
    """Gives a large first row at once, and the others when a file is there."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Iterator[list[Any]]:  # noqa: ANN401
        yield [0, "x" * 3_000_000]
        while not Path(data["go"]).exists():
            if runtime.wait_cancelled(0.02):
                return
        if data.get("fail", False):
            raise ValueError("half-way")
        yield from ([row] for row in range(1, data.get("rows", 3)))

"""Jobs without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hearth import DataFileError, Job, Runtime, testing
from sparkjobserver.api import (
    JobEnvironment,
    SparkJob,
    ValidationProblem,
    build_problems,
)


class WordCount:
    """A job as Spark Job Server's documents have it."""

    def validate(self, context: Any, runtime: Runtime, config: Any) -> Any:  # noqa: ANN401
        """Finds the words."""
        if config.get("input.strings", None):
            return config.get("input.strings")
        return build_problems(["config input.strings not found"])

    def run_job(self, context: Any, runtime: Runtime, data: Any) -> Any:  # noqa: ANN401
        """Counts them."""
        runtime.progress(1, 1)
        counts: dict[str, int] = {}
        for word in data:
            counts[word] = counts.get(word, 0) + 1
        return counts


def test_runs_a_job() -> None:
    runtime = testing.LocalRuntime()
    config = {"input": {"strings": ["a", "b", "a"]}}
    assert testing.run(WordCount, config, runtime=runtime) == {"a": 2, "b": 1}
    assert runtime.reported == [(1, 1, "")]


def test_finds_a_class_by_its_name() -> None:
    config = {"input": {"strings": ["a"]}}
    assert testing.run(f"{__name__}.WordCount", config) == {"a": 1}


def test_problems() -> None:
    with pytest.raises(testing.ValidationFailed, match="not found") as e:
        testing.run(WordCount, {})
    assert e.value.problems == ["config input.strings not found"]


@pytest.mark.parametrize(
    ("validated", "expected"),
    [
        ([], []),
        (["text"], ["text"]),
        ([ValidationProblem("a"), "text"], None),
        (None, None),
    ],
)
def test_data_that_are_no_problems(validated: Any, expected: Any) -> None:  # noqa: ANN401
    class Own(Job):
        def validate(self, context: Any, runtime: Runtime, config: Any) -> Any:  # noqa: ANN401
            return validated

        def run_job(self, context: Any, runtime: Runtime, data: Any) -> Any:  # noqa: ANN401
            return expected if data is validated else "wrong"

    assert testing.run(Own) == expected


def test_one_problem_alone_counts() -> None:
    class Own(Job):
        def validate(self, context: Any, runtime: Runtime, config: Any) -> Any:  # noqa: ANN401
            return ValidationProblem("only one")

    with pytest.raises(testing.ValidationFailed, match="only one"):
        testing.run(Own)


def test_streams_and_files(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text("hello")

    class Reads(Job):
        def run_job(self, context: Any, runtime: Runtime, data: Any) -> Any:  # noqa: ANN401
            text = Path(runtime.getDataFile(data["name"])).read_text()
            return iter(text)

    runtime = testing.LocalRuntime(data_folder=tmp_path)

    class Bytes(Reads):
        def run_job(self, context: Any, runtime: Runtime, data: Any) -> Any:  # noqa: ANN401
            yield b'"'
            yield from (x.encode() for x in super().run_job(context, runtime, data))
            yield b'"'

    assert testing.run(Bytes, {"name": "a.dat"}, runtime=runtime) == "hello"
    with pytest.raises(DataFileError, match=r"there is no data file b\.dat"):
        testing.run(Reads, {"name": "b.dat"}, runtime=runtime)


def test_named_objects_and_cancellation() -> None:
    class Uses(Job):
        def run_job(self, context: Any, runtime: Runtime, data: Any) -> Any:  # noqa: ANN401
            objects = runtime.namedObjects
            first = objects.get_or_else_create("a", lambda: [1])
            objects.update("b", {"x": 1})
            objects.update("c", lambda: "made")
            again = objects.get_or_else_create("a", lambda: [2])
            names = objects.get_names()
            objects.destroy("b")
            objects.forget("c")
            return [
                first is again,
                names,
                objects.get("b"),
                runtime.cancelled,
                runtime.wait_cancelled(0),
            ]

    runtime = testing.LocalRuntime()
    expected = [True, ["a", "b", "c"], None]
    assert testing.run(Uses, runtime=runtime) == [*expected, False, False]
    runtime.cancel()
    assert testing.run(Uses, runtime=runtime) == [*expected, True, True]


def test_the_compatible_classes() -> None:
    environment = JobEnvironment("j-1", None, {"a": {"b": 1}})
    assert environment.jobId == "j-1"
    assert environment.contextConfig.get_int("a.b") == 1
    job = SparkJob()
    with pytest.raises(NotImplementedError, match="override validate"):
        job.validate(None, environment, environment.context_config)
    with pytest.raises(NotImplementedError, match="override run_job"):
        job.run_job(None, environment, None)
    assert job.build_context(None, None, None) is None

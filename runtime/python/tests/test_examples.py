"""The examples of the documents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hearth import testing

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the modules of the example project visible."""
    monkeypatch.syspath_prepend(REPOSITORY / "examples/python/src")


def test_word_count() -> None:
    config = {"input": {"strings": ["to be or", "not to be"]}}
    counts = {"to": 2, "be": 2, "or": 1, "not": 1}
    assert testing.run("examples.word_count.WordCount", config) == counts
    with pytest.raises(testing.ValidationFailed, match="a list of texts"):
        testing.run("examples.word_count.WordCount", {"input": {"strings": "to be"}})


def test_model() -> None:
    pytest.importorskip("numpy")
    runtime = testing.LocalRuntime()

    def score(rows: Any) -> Any:  # noqa: ANN401
        return testing.run("examples.model.Score", {"rows": rows}, runtime=runtime)

    assert score([[1, 2], [3, 4]]) == [5.0, 7.0]
    model = runtime.named_objects.get("examples.model")
    assert score([[0, 0]]) == [5.0]
    assert runtime.named_objects.get("examples.model") is model
    with pytest.raises(ValueError, match="pairs of numbers"):
        score([[1]])


def test_pi() -> None:
    runtime = testing.LocalRuntime()
    result = testing.run("examples.pi.Pi", {"darts": 25_000}, runtime=runtime)
    assert 3 < result["pi"] < 3.3
    assert runtime.reported == [
        (10_000, 25_000, "darts"),
        (20_000, 25_000, "darts"),
        (25_000, 25_000, "darts"),
    ]


def test_stream() -> None:
    assert testing.run("examples.stream.Table", {"rows": 3}) == [
        {"row": 0, "square": 0},
        {"row": 1, "square": 1},
        {"row": 2, "square": 4},
    ]
    assert testing.run("examples.stream.Table", {"rows": 0}) == []


@pytest.mark.parametrize("page", ["runtime/python/README.md", "docs/python-jobs.md"])
def test_pages(page: str) -> None:
    """The Python code of a page runs, one part after the other."""
    text = (REPOSITORY / page).read_text()
    parts = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert parts
    names: dict[str, Any] = {"__name__": "page"}

    for part in parts:
        exec(part, names)

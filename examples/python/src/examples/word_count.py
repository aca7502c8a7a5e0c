"""Counts words.

    curl -d '{"input": {"strings": ["a", "b", "a"]}}' \
      'localhost:8090/jobs?context=warm&cp=examples&sync=true&mainClass=examples.word_count.WordCount'
"""

from __future__ import annotations

from collections import Counter

from hearth import Config, PythonContext, Runtime, build_problems


class WordCount:
    """Takes `input.strings`; returns how often each word is in it."""

    def validate(
        self, context: PythonContext, runtime: Runtime, config: Config
    ) -> object:
        """Its problems become a 400 that has all of them."""
        strings = config.get("input.strings", None)
        if isinstance(strings, list) and all(isinstance(x, str) for x in strings):
            return strings
        return build_problems(["input.strings has to be a list of texts"])

    def run_job(
        self, context: PythonContext, runtime: Runtime, data: list[str]
    ) -> dict[str, int]:
        """Gets what `validate` returned."""
        return dict(Counter(word for text in data for word in text.split()))

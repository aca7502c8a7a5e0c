"""The problems that the validation of a job may find."""

from __future__ import annotations

from collections.abc import Iterable

from hearth.errors import Failure, clean, simple_failure


class ValidationProblem:
    """One reason why a job cannot run with its configuration."""

    def __init__(self, problem: str) -> None:
        self.problem = problem

    def __repr__(self) -> str:
        return f"ValidationProblem({self.problem!r})"

    def __str__(self) -> str:
        return self.problem

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ValidationProblem) and other.problem == self.problem

    def __hash__(self) -> int:
        return hash(self.problem)


def build_problems(problems: Iterable[str]) -> list[ValidationProblem]:
    """A list of problems from their texts."""
    return [ValidationProblem(problem) for problem in problems]


def problems_in(validated: object) -> list[ValidationProblem]:
    """The problems that `validate` returned; none if it returned a job's data.

    Any object that has a `problem` counts, alone or in a list of nothing else.
    """
    if isinstance(validated, ValidationProblem):
        return [validated]
    if not isinstance(validated, (list, tuple)) or not validated:
        return []
    found = []
    for item in validated:
        if not _is_problem(item):
            return []
        found.append(ValidationProblem(str(item.problem)))
    return found


def _is_problem(item: object) -> bool:
    return isinstance(item, ValidationProblem) or any(
        kind.__name__ == "ValidationProblem" for kind in type(item).__mro__
    )


def validation_failure(problems: list[ValidationProblem]) -> Failure:
    """What a client is told about problems: all of them, one on each line."""
    text = "\n".join(problem.problem for problem in problems)
    return simple_failure(clean(text), "hearth.ValidationFailed")

"""Tags a test with the correctness property of the design document that it checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


def design_property(*numbers: int) -> Callable[[F], F]:
    """Mark a Hypothesis test as checking the numbered properties; its docstring carries the specification's tag."""

    def mark(test: F) -> F:
        test.design_properties = numbers  # type: ignore[attr-defined]  # pytest collects functions, which take attributes
        return test

    return mark

"""How a function of the schema says that there is a cheaper way to its answers for a page of objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def asked_together(of_all: Callable[[Sequence[Any]], Sequence[Any]]) -> Callable[[F], F]:
    """Mark a function of one object with one that gives its answers for many, in order; :mod:`compiler.columns` looks.

    The two must agree, also on what they cannot answer: then ``of_all`` raises, and each object is asked for itself.
    """

    def mark(function: F) -> F:
        function.of_all = of_all  # type: ignore[attr-defined]
        return function

    return mark

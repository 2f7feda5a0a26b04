"""How functions of the schema say that there are cheaper ways to their answers for many objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import strawberry

from schema.info import Info

F = TypeVar("F", bound=Callable[..., Any])


def asked_together(of_all: Callable[[Sequence[Any]], Sequence[Any]]) -> Callable[[F], F]:
    """Mark a function of one object with one that gives its answers for many, in order; :mod:`compiler.columns` looks.

    The two must agree, also on what they cannot answer: then ``of_all`` raises, and each object is asked for itself.
    """

    def mark(function: F) -> F:
        function.of_all = of_all  # type: ignore[attr-defined]
        return function

    return mark


def asked_for_a_run(for_run: Callable[[Info], Callable[[Any], Any]]) -> Callable[..., Any]:
    """A resolver made of what is the same for all objects of a field; :mod:`compiler.getters` asks for that once a run.

    Args:
        for_run: given ``info``, whose path is not to be looked at, makes the function that answers for each object.
    """

    def resolve(parent: strawberry.Parent[Any], info: Info) -> Any:
        return for_run(info)(parent)

    resolve.for_run = for_run  # type: ignore[attr-defined]
    return resolve

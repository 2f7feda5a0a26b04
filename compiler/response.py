"""What has come of a run by now: data, errors, and what became null for them."""

from __future__ import annotations

from typing import Any, Final

from graphql import ExecutionResult, GraphQLError

from compiler.info import Place, is_within, keys_of


class Pending:
    """What stands in a place of the response whose value is waited for."""


PENDING: Final = Pending()


class Response:
    """The response under way.

    Attributes:
        data: the operation's object as far as it is made; None where it cannot be had.
    """

    __slots__ = ("_errors", "_nulls", "data")

    def __init__(self) -> None:
        self.data: dict[str, Any] | None = None
        self._errors: list[GraphQLError] = []
        self._nulls: set[Place | None] = set()

    def note(self, error: GraphQLError, place: Place | None) -> None:
        """An error makes a place null; nobody is told of one within what is null already."""
        if None not in self._nulls and not is_within(place, self._nulls):
            self._nulls.add(place)
            self._errors.append(error)

    def set_null(self, place: Place | None) -> None:
        """Put null in a place, unless something around it is null or waited for; None: the whole."""
        if place is None:
            self.data = None
            return
        *above, last = keys_of(place)
        container: Any = self.data
        for key in above:
            if container is None or container is PENDING:
                return
            container = container[key]
        if container is not None and container is not PENDING:
            container[last] = None

    def result(self) -> ExecutionResult:
        """What is answered."""
        return ExecutionResult(self.data, self._errors or None)

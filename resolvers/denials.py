"""What a caller was denied, told once a field of the document however often the field occurs in the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphql import FieldNode

from resolvers.callers import Scope
from resolvers.errors import Forbidden

ResponsePath = Sequence[str | int]


@dataclass(slots=True)
class Denial:
    """A field of the document that the caller may not read.

    Attributes:
        nodes: where the field stands in the document.
        scopes: what the caller lacks.
        path: the first place in the answer where it occurs.
        count: how often it occurs.
    """

    nodes: Sequence[FieldNode]
    scopes: frozenset[Scope]
    path: ResponsePath
    count: int = 1

    @property
    def error(self) -> Forbidden:
        """What the client reads."""
        return Forbidden(self.scopes, count=self.count)


class Denials:
    """The denials of one request, in the order in which they came up."""

    def __init__(self) -> None:
        self._by_node: dict[int, Denial] = {}

    def __len__(self) -> int:
        return len(self._by_node)

    def __iter__(self) -> Iterator[Denial]:
        return iter(self._by_node.values())

    def note(self, nodes: Sequence[FieldNode], path: ResponsePath, scopes: frozenset[Scope]) -> None:
        """A field was denied at a place of the answer.

        Args:
            nodes: the field in the document; those that are merged into one answer come together.
            path: where it stands in the answer.
            scopes: what the caller lacks.
        """
        denial = self._by_node.get(id(nodes[0]))
        if denial is None:
            self._by_node[id(nodes[0])] = Denial(nodes, scopes, path)
            return
        denial.count += 1
        # Rows that waited for upstreams come up in the order in which those answered.
        if _rows(path) < _rows(denial.path):
            denial.path = path


def _rows(path: ResponsePath) -> list[int]:
    return [key for key in path if isinstance(key, int)]

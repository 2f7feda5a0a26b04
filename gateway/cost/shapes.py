"""Estimates kept by what of an operation's variables they depend on.

What an operation costs follows from how many rows it asks for, from which filters are there, and from the type and
source of the ids it names, and from which of its values are equal, since equal reads are one. The texts themselves do
not matter: a page of contacts of another week costs the same. So requests that differ in texts alone share an estimate.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

from graphql import DocumentNode, OperationDefinitionNode, StringValueNode, Visitor, visit

from gateway.cost.ledger import Estimate
from gateway.cost.walk import Costs
from resolvers.ids import id_or_none

MOST_SHAPES = 64
"""Estimates that are kept of one operation."""


class Estimates:
    """The estimates of one operation.

    Args:
        costs: works them out.
        document: valid, with the operation and its fragments.
        operation: which.
    """

    def __init__(self, costs: Costs, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._costs = costs
        self._document = document
        self._operation = operation
        self._literals = _literals(document) if operation.variable_definitions else frozenset()
        self._known: OrderedDict[Hashable, Estimate] = OrderedDict()

    def of(self, variables: Any) -> Estimate:
        """What the operation costs at worst.

        Args:
            variables: coerced, as graphql-core holds them.
        """
        shape = shape_of(variables.coerced, self._literals)
        known = self._known.get(shape)
        if known is None:
            known = self._known[shape] = self._costs.estimate(self._document, self._operation, variables)
            if len(self._known) > MOST_SHAPES:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(shape)
        return known


def shape_of(values: Mapping[str, Any], literals: frozenset[str] = frozenset()) -> Hashable:
    """What of coerced variables a cost depends on: equal for two requests only if both cost the same.

    Args:
        values: by their names.
        literals: the texts of the document itself; one that is equal to such a text is kept as it is.
    """
    seen: dict[str, int] = {}
    return tuple((name, _shape(value, literals, seen)) for name, value in values.items())


def _shape(value: Any, literals: frozenset[str], seen: dict[str, int]) -> Hashable:
    if isinstance(value, str):
        if value in literals:
            return value
        parsed = id_or_none(value)
        kind = None if parsed is None else (parsed.entity, parsed.source)
        return kind, seen.setdefault(value, len(seen))
    if isinstance(value, list):
        return tuple(_shape(held, literals, seen) for held in value)
    if isinstance(value, dict):
        return frozenset((key, _shape(held, literals, seen)) for key, held in value.items())
    return type(value), value


def _literals(document: DocumentNode) -> frozenset[str]:
    class Texts(Visitor):
        def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
            found.add(node.value)

    found: set[str] = set()
    visit(document, Texts())
    return frozenset(found)

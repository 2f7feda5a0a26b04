"""How large a request may be: the tokens, depth, aliases and directives of a document, the elements of its lists.

A document is measured alone, before validation and long before any upstream call. Depth, aliases and directives are
counted for each operation with its fragments where they are spread; a fragment is measured once, so that nested
fragments cost no more time than they have text. What introspection reads counts in no depth: it makes no upstream call,
and the rule of graphql-core that bounds its nesting is on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from resolvers.errors import TooComplex

overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000
"""Steps that validation may take to compare fields of one name, which takes the square of their number. graphql-core
allows ten times as many, which is seconds; an operation that a person or a code generator wrote takes far fewer."""

_INTROSPECTION = {"__schema", "__type"}
_TOO_MANY = ("Syntax Error: Document contains more than", "Syntax Error: Source contains more than")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may hold at most.

    Attributes:
        directives: of an operation. No setting: ``@include`` and ``@skip`` on a hundred fields fit, and more than one
            of a kind at one place is no use to anybody.
    """

    depth: int = 15
    tokens: int = 5000
    aliases: int = 50
    directives: int = 200


class Extent(NamedTuple):
    """The size of a selection: levels of fields, aliased fields, directives."""

    depth: int
    aliases: int
    directives: int


_NOTHING = Extent(0, 0, 0)


def parse_within(text: str, limits: Limits) -> DocumentNode:
    """Parse a document.

    Raises:
        GraphQLError: it is not GraphQL.
        TooComplex: it has more tokens (or comments) than it may.
    """
    try:
        return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLError as error:
        if error.message.startswith(_TOO_MANY):
            raise TooComplex(
                f"The document has more than {limits.tokens} tokens, the limit of this gateway. Split the operation."
            ) from error
        if "nested too deeply" in error.message:
            raise _too_nested(limits) from error
        raise


def is_unfinished(error: GraphQLError) -> bool:
    """Whether validation gave up on the document, for its budget or for the depth of the interpreter's stack."""
    return error.message == "Validation aborted."


def over_budget() -> TooComplex:
    """The document repeats fields more often than validation may compare."""
    return TooComplex("The document selects the same fields too often to be validated. Split the operation.")


def check_extent(document: DocumentNode, limits: Limits) -> None:
    """Hold each operation of a document to the limits.

    Raises:
        TooComplex: an operation is over a limit; the message says which, by how much.
    """
    measure = _Measure(document)
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        try:
            extent = measure.selection(definition.selection_set)
        except RecursionError as error:
            raise _too_nested(limits) from error
        if extent.depth > limits.depth:
            raise TooComplex(
                f"The operation nests fields {extent.depth} levels deep; this gateway allows {limits.depth}."
            )
        if extent.aliases > limits.aliases:
            raise TooComplex(f"The operation has {extent.aliases} aliases; this gateway allows {limits.aliases}.")
        directives = extent.directives + len(definition.directives or ())
        if directives > limits.directives:
            raise TooComplex(f"The operation has {directives} directives; this gateway allows {limits.directives}.")


def check_lists(value: Any, most: int, name: str) -> None:
    """Hold the lists of arguments to a limit, at any depth.

    Args:
        value: of an argument, or all arguments by their names.
        most: elements that a list may have.
        name: what it is called.

    Raises:
        TooComplex: a list is longer.
    """
    if isinstance(value, Mapping):
        for key, held in value.items():
            check_lists(held, most, key)
    elif isinstance(value, list):
        if len(value) > most:
            raise TooComplex(f"{name} holds {len(value)} elements; this gateway allows {most} in a list.")
        for held in value:
            check_lists(held, most, name)


def _too_nested(limits: Limits) -> TooComplex:
    return TooComplex(f"The document is nested too deeply; this gateway allows {limits.depth} levels of fields.")


class _Measure:
    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._known: dict[str, Extent] = {}

    def selection(self, selections: SelectionSetNode | None) -> Extent:
        depth = aliases = directives = 0
        for node in selections.selections if selections else ():
            match node:
                case FieldNode():
                    inner = self.selection(node.selection_set)
                    below = 1 if node.name.value in _INTROSPECTION else 1 + inner.depth
                    extent = Extent(below, inner.aliases + (node.alias is not None), inner.directives)
                case InlineFragmentNode():
                    extent = self.selection(node.selection_set)
                case FragmentSpreadNode():
                    extent = self._fragment(node.name.value)
                case _:
                    extent = _NOTHING
            depth = max(depth, extent.depth)
            aliases += extent.aliases
            directives += extent.directives + len(node.directives or ())
        return Extent(depth, aliases, directives)

    def _fragment(self, name: str) -> Extent:
        known = self._known.get(name)
        if known is None:
            # A fragment that spreads itself finds this; validation then refuses it.
            self._known[name] = _NOTHING
            definition = self._fragments.get(name)
            known = self.selection(definition.selection_set) if definition else _NOTHING
            self._known[name] = known
        return known

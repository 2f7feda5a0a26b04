"""Documents: parsed, held to the limits and validated once, then kept for the next request with the same text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    specified_rules,
    validate,
)

from gateway.errors import RequestRefused, bad_request, document_error, formatted
from gateway.limits import Limits, check_extent, is_unfinished, over_budget, parse_within
from resolvers.errors import TooComplex

_LONGEST_KEPT = 50_000
_MOST_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is within the limits and valid.

    Attributes:
        node: the parsed text.
        operations: by name; an anonymous one under None.
    """

    node: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run.

        Raises:
            RequestRefused: there is none of that name, or several and no name.
        """
        found = self.operations.get(name)
        if name is None and found is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if found is None:
            raise _unknown_operation(name, self.operations)
        return found


class Documents:
    """The documents lately seen, the least recently used forgotten first.

    Args:
        schema: what they are validated against.
        limits: what they may hold at most.
        introspection: whether they may read the schema. Without it no message suggests a name either.
        room: characters of text kept in all; what is parsed takes about a hundred bytes of memory for each.
    """

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, *, introspection: bool = True, room: int = 500_000
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._introspection = introspection
        self._rules = specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        self._room = room
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._size = 0

    def read(self, text: str) -> Document:
        """The document of a text.

        Raises:
            RequestRefused: it is not GraphQL, over a limit, or does not fit the schema.
        """
        document = self._kept.get(text)
        if document is not None:
            self._kept.move_to_end(text)
            return document
        document = self._prepare(text)
        if len(text) <= _LONGEST_KEPT:
            self._keep(text, document)
        return document

    def _prepare(self, text: str) -> Document:
        try:
            node = parse_within(text, self._limits)
            check_extent(node, self._limits)
        except TooComplex as error:
            raise _too_complex(error) from error
        except GraphQLError as error:
            raise RequestRefused([document_error(error, "GRAPHQL_PARSE_FAILED")], well_formed=True) from error
        errors = validate(
            self._schema, node, self._rules, max_errors=_MOST_ERRORS, hide_suggestions=not self._introspection
        )
        if errors and is_unfinished(errors[-1]):
            raise _too_complex(over_budget())
        if errors:
            raise RequestRefused(
                [document_error(error, "GRAPHQL_VALIDATION_FAILED") for error in errors], well_formed=True
            )
        operations: dict[str | None, OperationDefinitionNode] = {
            definition.name.value if definition.name else None: definition
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        return Document(node, operations)

    def _keep(self, text: str, document: Document) -> None:
        self._kept[text] = document
        self._size += len(text)
        while self._size > self._room:
            forgotten, _ = self._kept.popitem(last=False)
            self._size -= len(forgotten)


def _too_complex(error: TooComplex) -> RequestRefused:
    return RequestRefused([formatted(error.message, error.code)], well_formed=True)


def _unknown_operation(name: str | None, operations: Mapping[str | None, OperationDefinitionNode]) -> RequestRefused:
    if not operations:
        message = "The document holds no operation, only fragments."
    elif name is None:
        message = "The document holds several operations: say which to run in operationName."
    else:
        message = "The document holds no operation of the name in operationName."
    refused = bad_request(message)
    return RequestRefused(refused.errors, well_formed=True)

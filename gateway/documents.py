"""Documents: parsed, held to the limits and validated once, then kept for the next request with the same text.

A request may name a document instead of sending it: a trusted one, or one that was sent with its hash before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    specified_rules,
    validate,
)

from compiler import Variables
from gateway.cost import Estimates
from gateway.discretion import Discretion
from gateway.errors import FormattedError, RequestRefused, bad_request, document_error, formatted
from gateway.limits import Limits, check_extent, is_unfinished, over_budget, parse_within
from gateway.trusted import hash_of
from resolvers.errors import TooComplex
from upstreams.needs import Need

_LONGEST_KEPT = 50_000
_MOST_ERRORS = 20


@dataclass(slots=True, eq=False)
class Operation:
    """An operation of a document that is within the limits and valid, with what is worked out of it once.

    Attributes:
        node: the operation.
        name: its own; it is a GraphQL name, so it may be logged.
        kind: ``query`` or ``mutation``.
        variables: what coerces its variables, once they were; a view of the schema has the same inputs as any other.
        estimates: what it costs, once that was asked.
        needs: what it reads of contacts beyond their own fields, by the view of the schema.
    """

    node: OperationDefinitionNode
    name: str | None
    kind: str
    variables: Variables | None = None
    estimates: Estimates | None = None
    needs: dict[GraphQLSchema, frozenset[Need]] = field(default_factory=dict)

    @classmethod
    def of(cls, node: OperationDefinitionNode) -> Self:
        """An operation of which nothing is known yet."""
        return cls(node, node.name.value if node.name else None, node.operation.value)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is within the limits and valid.

    Attributes:
        text: as it was sent.
        node: the parsed text.
        operations: by name; an anonymous one under None.
        trusted: it is one of those that the operator trusts.
    """

    text: str
    node: DocumentNode
    operations: Mapping[str | None, Operation]
    trusted: bool = False

    def operation(self, name: str | None) -> Operation:
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
    """The documents lately seen, the least recently used forgotten first; trusted ones are never forgotten.

    Args:
        schema: what they are validated against.
        limits: what they may hold at most.
        introspection: whether they may read the schema. Without it no message names anything of it either.
        trusted: texts by hash.
        only_trusted: nothing else is read.
        room: characters of text kept in all; what is parsed takes about a hundred bytes of memory for each.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        *,
        introspection: bool = True,
        trusted: Mapping[str, str] | None = None,
        only_trusted: bool = False,
        room: int = 500_000,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._introspection = introspection
        self._rules = specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        self._discretion = None if introspection else Discretion(schema)
        self._room = room
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._size = 0
        self._trusted = trusted or {}
        self._only_trusted = only_trusted
        self._known: dict[str, Document] = {}
        self._registered: OrderedDict[str, str] = OrderedDict()
        self._registered_size = 0

    def named(self, text: str | None, digits: str | None, *, by_id: bool = False) -> Document:
        """The document of a request.

        Args:
            text: of the document; None: it is named only.
            digits: its SHA-256, where the request names it by that.
            by_id: it is named by an id, which nothing can be registered under.

        Raises:
            RequestRefused: see :meth:`read`; or nothing of that name is known, or it is not trusted.
        """
        if digits is not None and digits in self._trusted:
            if text is not None and text != self._trusted[digits]:
                raise _wrong_hash()
            return self._of_trust(digits)
        if self._only_trusted:
            raise RequestRefused(
                [formatted("This gateway runs trusted documents only.", "DOCUMENT_NOT_TRUSTED")], well_formed=True
            )
        if text is None:
            known = self._registered.get(digits or "")
            if known is None or digits is None or by_id:
                raise RequestRefused(
                    [formatted("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")], well_formed=True
                )
            self._registered.move_to_end(digits)
            return self.read(known)
        if digits is not None and hash_of(text) != digits:
            raise _wrong_hash()
        document = self.read(text)
        if digits is not None:
            self._register(digits, text)
        return document

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

    def discreet(self, errors: list[FormattedError], text: str) -> list[FormattedError]:
        """Errors about a text, or about a request with it, that name no more of the schema than they may."""
        if self._discretion is not None:
            for error in errors:
                error["message"] = self._discretion.hide(error["message"], text)
        return errors

    def _of_trust(self, digits: str) -> Document:
        document = self._known.get(digits)
        if document is None:
            document = self._known[digits] = replace(self._prepare(self._trusted[digits]), trusted=True)
        return document

    def _register(self, digits: str, text: str) -> None:
        if digits in self._registered or len(text) > _LONGEST_KEPT:
            return
        self._registered[digits] = text
        self._registered_size += len(text)
        while self._registered_size > self._room:
            _, forgotten = self._registered.popitem(last=False)
            self._registered_size -= len(forgotten)

    def _prepare(self, text: str) -> Document:
        try:
            node = parse_within(text, self._limits)
            check_extent(node, self._limits)
        except TooComplex as error:
            raise too_complex(error) from error
        except GraphQLError as error:
            raise RequestRefused([document_error(error, "GRAPHQL_PARSE_FAILED")], well_formed=True) from error
        errors = validate(
            self._schema, node, self._rules, max_errors=_MOST_ERRORS, hide_suggestions=not self._introspection
        )
        if errors and is_unfinished(errors[-1]):
            raise too_complex(over_budget())
        if errors:
            told = [document_error(error, "GRAPHQL_VALIDATION_FAILED") for error in errors]
            raise RequestRefused(self.discreet(told, text), well_formed=True)
        operations = [Operation.of(part) for part in node.definitions if isinstance(part, OperationDefinitionNode)]
        return Document(text, node, {operation.name: operation for operation in operations})

    def _keep(self, text: str, document: Document) -> None:
        self._kept[text] = document
        self._size += len(text)
        while self._size > self._room:
            forgotten, _ = self._kept.popitem(last=False)
            self._size -= len(forgotten)


def _wrong_hash() -> RequestRefused:
    return bad_request("The document does not have the SHA-256 that the request gives for it.")


def too_complex(error: TooComplex) -> RequestRefused:
    """The operation is over a limit."""
    return RequestRefused([formatted(error.message, error.code)], well_formed=True)


def _unknown_operation(name: str | None, operations: Mapping[str | None, Operation]) -> RequestRefused:
    if not operations:
        message = "The document holds no operation, only fragments."
    elif name is None:
        message = "The document holds several operations: say which to run in operationName."
    else:
        message = "The document holds no operation of the name in operationName."
    refused = bad_request(message)
    return RequestRefused(refused.errors, well_formed=True)

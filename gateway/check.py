"""What a front-end's build runs: ``contactgraph check`` and ``contactgraph documents build``. Neither makes a call."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    parse,
    type_from_ast,
    validate,
)
from graphql.execution.values import get_variable_values

from gateway.app import cost_config
from gateway.cost import Config, Costs, Estimate
from gateway.cost.rules import Unknown
from gateway.settings import Settings
from gateway.trusted import BadDocuments, Operation, read_operations, write_manifest
from resolvers.errors import TooComplex
from schema.build import build_schema
from upstreams.records import Source

_SHOWN = 5
_MOST_ERRORS = 20


def check_costs(settings: Settings, files: Sequence[str], variables: str | None) -> int:
    """Print what each operation of the files costs, and what of it costs most.

    A variable that has no value counts as the worst: a page as large as allowed, a list with as many ids. Without a
    configured source all are assumed.

    Returns:
        1 when a file is no good or an operation costs more than ``GATEWAY_MAX_COST``; else 0.
    """
    schema = build_schema()._schema
    config = worst_config(settings)
    try:
        given = {} if variables is None else read_variables(variables)
        operations = read_operations(files)
        estimates = [(each, estimated(schema, config, each, given)) for each in operations]
    except BadDocuments as error:
        print(f"contactgraph: {error}", file=sys.stderr)
        return 1
    over = 0
    for operation, estimate in estimates:
        too_much = estimate.requested > settings.max_cost
        over += too_much
        sources = ", ".join(f"{source.value.lower()} {calls}" for source, calls in estimate.sources.items())
        verdict = f"\tover the limit of {settings.max_cost}" if too_much else ""
        print(f"{operation.name or '(anonymous)'}\t{estimate.requested}\t{sources or '-'}\t{operation.file}{verdict}")
        for path, calls in list(estimate.fields.items())[:_SHOWN]:
            print(f"  {path}\t{calls}")
    return 1 if over else 0


def build_documents(files: Sequence[str], out: str) -> int:
    """Write the manifest of the operations of files; print the name and id of each.

    Returns:
        1 when a file is no good or does not fit the schema; else 0.
    """
    try:
        operations = read_operations(files)
        schema = build_schema()._schema
        for operation in operations:
            validated(schema, operation)
        Path(out).write_text(write_manifest(operations), encoding="utf-8")
    except (BadDocuments, OSError) as error:
        print(f"contactgraph: {error}", file=sys.stderr)
        return 1
    for operation in operations:
        print(f"{operation.name or '(anonymous)'}\tsha256:{operation.hash}")
    return 0


def read_variables(path: str) -> dict[str, Any]:
    """The variables in a file.

    Raises:
        BadDocuments: they are no JSON object, or cannot be read.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadDocuments(f"{path}: it cannot be read as JSON") from error
    if not isinstance(found, dict):
        raise BadDocuments(f"{path}: it must be a JSON object")
    return found


def validated(schema: GraphQLSchema, operation: Operation) -> DocumentNode:
    """The document of an operation.

    Raises:
        BadDocuments: it does not fit the schema.
    """
    document = parse(operation.text)
    if errors := validate(schema, document, max_errors=_MOST_ERRORS):
        raise BadDocuments(f"{operation.file}: {operation.name or '(anonymous)'}: {errors[0].message}")
    return document


def operation_of(document: DocumentNode) -> OperationDefinitionNode:
    """The operation of a document that has one."""
    return next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))


def worst_config(settings: Settings) -> Config:
    """What decides costs; without a configured source all are assumed."""
    config = cost_config(settings)
    return config if config.sources else Config(tuple(Source), config.scan_rows, config.max_page, config.max_ids)


def estimated(schema: GraphQLSchema, config: Config, operation: Operation, given: Mapping[str, Any]) -> Estimate:
    """What an operation costs; a variable that has no value counts as the worst.

    Raises:
        BadDocuments: it does not fit the schema, or the variables do not fit it.
    """
    document = validated(schema, operation)
    node = operation_of(document)
    own = given.get(operation.name or "")
    values = dict(own if isinstance(own, dict) else given)
    unknown = set()
    for definition in node.variable_definitions or ():
        name = definition.variable.name.value
        if name not in values and definition.default_value is None:
            kind = type_from_ast(schema, definition.type)
            unknown.add(name)
            if (worst := _worst(kind, config)) is not None:
                values[name] = worst
    names = {definition.variable.name.value for definition in node.variable_definitions or ()}
    coerced = get_variable_values(
        schema, node.variable_definitions or (), {name: value for name, value in values.items() if name in names}
    )
    if isinstance(coerced, list):
        raise BadDocuments(f"{operation.file}: {operation.name or '(anonymous)'}: {coerced[0].message}")
    try:
        return Costs(schema, config).estimate(document, node, coerced, frozenset(unknown))
    except TooComplex as error:
        raise BadDocuments(f"{operation.file}: {operation.name or '(anonymous)'}: {error.message}") from error


def _worst(kind: Any, config: Config) -> Any:
    """A value for a variable that has none; None where it may be left out, as a filter is.

    Numbers are taken for the size of a page, and texts for a cursor, which is what they are in all but a few places.
    """
    if not isinstance(kind, GraphQLNonNull):
        return {"Int": config.max_page, "String": ""}.get(getattr(kind, "name", ""))
    kind = kind.of_type
    if isinstance(kind, GraphQLList):
        one = _worst(kind.of_type, config)
        if isinstance(one, Unknown):
            return [Unknown(f"{one} {number}") for number in range(config.max_ids)]
        return [] if one is None else [one]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {
            name: _worst(part.type, config)
            for name, part in kind.fields.items()
            if isinstance(part.type, GraphQLNonNull) and part.default_value is Undefined
        }
    scalars = {
        "Int": config.max_page,
        "Float": 0.0,
        "Boolean": True,
        "ID": Unknown("any id"),
        "DateTime": "2000-01-01T00:00:00Z",
        "LocalDateTime": "2000-01-01T00:00:00",
    }
    return scalars.get(kind.name, "")

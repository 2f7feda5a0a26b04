"""What ``contactgraph explain`` prints: how operations are run, without running them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from graphql import GraphQLSchema

from compiler import Explained, Fallback, Plan, Way, compile
from gateway.check import estimated, operation_of, read_variables, validated, worst_config
from gateway.cost import Config, Estimate
from gateway.settings import Settings
from gateway.trusted import BadDocuments, Operation, read_operations
from schema.build import build_schema

_WAYS = {Way.DATA: "data", Way.HOLDER: "data, with joins below", Way.JOIN: "join"}
_MOST_NAMED = 3


def explain_operations(settings: Settings, files: Sequence[str], variables: str | None, *, code: bool) -> int:
    """Print the plan of each operation of the files: what is read, what is joined, what that costs at worst.

    A variable without a value counts as in ``contactgraph check``; one of ``@skip`` or ``@include`` leaves nothing out.

    Args:
        settings: what decides costs; without a configured source all are assumed.
        files: GraphQL documents.
        variables: file of the variables, as JSON.
        code: print the generated code as well.

    Returns:
        1 when a file is no good; else 0.
    """
    schema = build_schema()._schema
    config = worst_config(settings)
    try:
        given = {} if variables is None else read_variables(variables)
        for operation in read_operations(files):
            print("\n".join(_told(schema, config, operation, given, code)))
    except BadDocuments as error:
        print(f"contactgraph: {error}", file=sys.stderr)
        return 1
    return 0


def _told(
    schema: GraphQLSchema, config: Config, operation: Operation, given: Mapping[str, Any], code: bool
) -> Iterator[str]:
    document = validated(schema, operation)
    estimate = estimated(schema, config, operation, given)
    plan: Plan | None = None
    try:
        plan = compile(schema, document, operation_of(document))
        runner = "compiled"
    except Fallback as fallback:
        runner = f"graphql-core: {fallback.reason}"
    sources = "".join(f", {source.value.lower()} {calls}" for source, calls in estimate.sources.items())
    calls = f"{_calls(estimate.requested)} at worst{sources}"
    yield f"{operation.name or '(anonymous)'}\t{runner}\t{calls}\t{operation.file}"
    if plan is not None:
        yield from _fields(plan.explain(), estimate, "", 1, in_list=False)
        yield from _code(plan) if code else ()


def _fields(fields: Sequence[Explained], estimate: Estimate, above: str, depth: int, *, in_list: bool) -> Iterator[str]:
    """The lines of fields; neighbours that are plain data share one."""
    for plain, group in groupby(fields, lambda field: field.way is Way.DATA and not field.below):
        if plain:
            yield f"{'  ' * depth}{' '.join(field.key for field in group)}: data"
            continue
        for field in group:
            yield from _field(field, estimate, above, depth, in_list=in_list)


def _field(field: Explained, estimate: Estimate, above: str, depth: int, *, in_list: bool) -> Iterator[str]:
    path = f"{above}.{field.name}" if above else field.name
    name = field.name if field.key == field.name else f"{field.key}: {field.name}"
    given = f"({', '.join(field.arguments)})" if field.arguments else ""
    way = "join, all objects of the list at once" if in_list and field.way is Way.JOIN else _WAYS[field.way]
    cost = estimate.fields.get(path)
    calls = f", {_calls(cost)} at worst" if cost else ", no further call" if field.way is Way.JOIN else ""
    yield f"{'  ' * depth}{name}{given} -> {field.type}: {way}{calls}"
    in_list = in_list or "[" in field.type
    first = field.below[0].fields if field.below else ()
    of_all = [each for each in first if all(each in some.fields for some in field.below)]
    yield from _fields(of_all, estimate, path, depth + 1, in_list=in_list)
    for below in field.below:
        more = [each for each in below.fields if each not in of_all]
        if more:
            yield f"{'  ' * (depth + 1)}on {_named(below.types)}"
            yield from _fields(more, estimate, path, depth + 2, in_list=in_list)


def _code(plan: Plan) -> Iterator[str]:
    """The generated code, each text once with the places that it is for."""
    places: dict[str, list[str]] = {}
    for each in plan.code():
        places.setdefault(each.text, []).append(each.place)
    for text, known in places.items():
        yield f"\n# {_named(known)}\n{text.rstrip()}"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _calls(number: int) -> str:
    return f"{number} call" + "s" * (number != 1)

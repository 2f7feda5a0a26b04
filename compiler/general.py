"""The general way to the response of any value, as graphql-core does it.

Generated code does what is usual and leaves the rest to this: awaitables, exceptions given as values, leaves that need
converting, lists that are no lists, nulls where none may be, objects of a type that has not come up.
"""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLLeafType,
    GraphQLObjectType,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.pyutils import Undefined, inspect, is_iterable
from graphql.pyutils.is_awaitable import is_async_iterable
from strawberry.execution import optimized_is_awaitable as is_awaitable

from compiler.info import Place, ResolveInfo
from compiler.run import Run

if TYPE_CHECKING:
    from compiler.selection import Field, Selection


def go_on(
    run: Run, selection: Selection, source: Any, place: Place | None, response: dict[str, Any], error: Exception
) -> dict[str, Any]:
    """The rest of an object, from a field that failed.

    Args:
        response: the fields before it.
        error: why it failed.

    Raises:
        GraphQLError: the object cannot be had.
    """
    failed, *rest = selection.fields[len(response) :]
    typename = selection.type.name
    run.failed(failed, 0, error, (place, failed.key, typename))
    response[failed.key] = None
    for field in rest:
        response[field.key] = resolve(run, field, source, (place, field.key, typename), response)
    return response


def resolve(run: Run, field: Field, source: Any, place: Place, response: dict[str, Any]) -> Any:
    """The response of a field of an object.

    Raises:
        GraphQLError: it cannot be had, and must not be null.
    """
    try:
        value = field.getter.get(run, field, source, place)
        return complete(run, field, 0, value, response, field.key, place)
    except Exception as error:
        run.failed(field, 0, error, place)
        return None


def complete(run: Run, field: Field, depth: int, value: Any, container: Any, key: str | int, place: Place) -> Any:
    """The response of a value.

    Args:
        depth: 0 for the field's own value, 1 for an item of its list, and so on.
        container: the object or list of the response that it goes into, under ``key``.

    Raises:
        Exception: it cannot be had.
    """
    if type(value) in run.program.awaited:
        return run.wait(value, field, depth, container, key, place)
    if is_awaitable(value):
        run.program.learn_awaited(type(value))
        return run.wait(value, field, depth, container, key, place)
    if isinstance(value, Exception):
        raise value
    type_ = field.types[depth]
    if value is None or value is Undefined:
        if is_non_null_type(type_):
            raise run.null(field)
        return None
    if is_non_null_type(type_):
        type_ = type_.of_type
    if is_list_type(type_):
        if is_async_iterable(value):
            return run.wait(_collected(value), field, depth, container, key, place)
        return _list(run, field, depth + 1, value, place)
    if type(value) not in run.known:
        run.program.learn(type(value))
    if is_leaf_type(type_):
        return _leaf(type_, value)
    found = object_type(run, field, type_, value, place) if is_abstract_type(type_) else type_
    return field.selection(cast(GraphQLObjectType, found)).project(run, value, place)


def _list(run: Run, field: Field, depth: int, value: Any, place: Place) -> list[Any]:
    if not is_iterable(value):
        raise GraphQLError(f"Expected Iterable, but did not find one for field '{field.parent_type}.{field.name}'.")
    response: list[Any] = []
    for index, item in enumerate(value):
        inner: Place = (place, index, None)
        response.append(None)
        try:
            response[index] = complete(run, field, depth, item, response, index, inner)
        except Exception as error:
            run.failed(field, depth, error, inner)
    return response


def _leaf(type_: GraphQLLeafType, value: Any) -> Any:
    coerced = type_.coerce_output_value(value)
    if coerced is None or coerced is Undefined:
        raise no_leaf(type_, value, coerced)
    return coerced


def no_leaf(type_: GraphQLLeafType, value: Any, coerced: Any) -> TypeError:
    """The error of a value that its type makes nothing of."""
    return TypeError(
        f"Expected `{inspect(type_)}.coerce_output_value({inspect(value)})` to return non-nullable value,"
        f" returned: {inspect(coerced)}"
    )


async def _collected(items: AsyncIterable[Any]) -> list[Any]:
    return [item async for item in items]


def object_type(run: Run, field: Field, type_: GraphQLAbstractType, value: Any, place: Place) -> GraphQLObjectType:
    """The type of an object in a field of an abstract type.

    Raises:
        GraphQLError: there is no such type in that place.
    """
    resolve_type = run.program.check(type_).function
    assert resolve_type is not None  # noqa: S101 - an abstract type has one, if only the default
    name = resolve_type(value, ResolveInfo(run, field, place), type_)
    about = f"Abstract type '{type_}'"
    at = f"for field '{field.parent_type}.{field.name}'"
    if name is None:
        raise GraphQLError(
            f"{about} must resolve to an Object type at runtime {at}. Either the '{type_}' type should provide"
            " a 'resolve_type' function or each possible type should provide an 'is_type_of' function.",
            field.nodes,
        )
    if not isinstance(name, str):
        raise GraphQLError(
            f"{about} must resolve to an Object type at runtime {at} with value {inspect(value)},"
            f" received '{inspect(name)}', which is not a valid Object type name.",
            field.nodes,
        )
    found = run.program.schema.get_type(name)
    if found is None:
        raise GraphQLError(
            f"{about} was resolved to a type '{name}' that does not exist inside the schema.", field.nodes
        )
    if not is_object_type(found):
        raise GraphQLError(f"{about} was resolved to a non-object type '{name}'.", field.nodes)
    if not run.program.schema.is_sub_type(type_, found):
        raise GraphQLError(f"Runtime Object type '{found}' is not a possible type for '{type_}'.", field.nodes)
    return found


def wrong_type(selection: Selection, source: Any) -> GraphQLError:
    """The error of an object that is not of the type of its place."""
    nodes = selection.owner.nodes if selection.owner is not None else None
    return GraphQLError(f"Expected value of type '{selection.type}' but got: {inspect(source)}.", nodes)

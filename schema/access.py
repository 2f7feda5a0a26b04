"""Who may read what, as marks on the schema: the gateway reads them and enforces them before anything is resolved.

A type that people are described by, or that is behind a scope, is marked once; every field that leads to it follows.
"""

from __future__ import annotations

import strawberry
from strawberry.schema_directive import Location

from resolvers.callers import Scope


@strawberry.schema_directive(
    name="requiresScopes",
    locations=[Location.OBJECT, Location.INTERFACE, Location.FIELD_DEFINITION],
    description="Callers need all of these scopes. Without one the field (or a field that leads to the type, or to a "
    "type that implements it) is null with a `FORBIDDEN` error. The scopes are: "
    + ", ".join(f"`{scope.value}`" for scope in Scope)
    + ".",
)
class RequiresScopes:
    """Marks what only callers with certain scopes may read or change."""

    scopes: list[str]


@strawberry.schema_directive(
    locations=[
        Location.OBJECT,
        Location.FIELD_DEFINITION,
        Location.ARGUMENT_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
    ],
    description="Personal data, which takes the scope `contacts:pii`. Without it a field (or a field that leads to the "
    "type) is null, an empty list, or the value of the field named by `instead`, with one `FORBIDDEN` error for each "
    "field of the document; an argument or a part of a filter must not be given.",
)
class Personal:
    """Marks what names or describes a person."""

    instead: str | None = strawberry.UNSET


PERSONAL = Personal()


def requires(*scopes: Scope) -> RequiresScopes:
    """The mark of what takes scopes."""
    return RequiresScopes(scopes=[scope.value for scope in scopes])

"""What mutations of tags and saved searches take."""

from __future__ import annotations

from enum import Enum

import strawberry

from schema.enums import describe
from schema.mutation_parts import AttributeConditionInput, optional
from schema.mutation_parts import KeyedInput as _Input
from upstreams.records import Source


class Taggable(Enum):
    """What can have a tag of Acquire."""

    CONTACT = "CONTACT"
    CASE = "CASE"


describe(
    Taggable,
    "Taggable",
    "What can have a tag of Acquire.",
    {"CONTACT": "Contacts.", "CASE": "Conversations."},
)


@strawberry.input(description="A tag to make.")
class TagCreateInput(_Input):
    """A tag to make."""

    source: Source = strawberry.field(description="The service: Rechat or Acquire.")
    name: str = strawberry.field(description="The name.")
    touch_days: int | None = optional("Days between touches of the contacts that have it. Rechat.")
    color: str | None = optional("`#RRGGBB`. Acquire.")
    for_: list[Taggable] | None = strawberry.field(
        name="for", default=strawberry.UNSET, description="What can have it; contacts by default. Acquire."
    )


@strawberry.input(description="A tag and its new name.")
class TagRenameInput(_Input):
    """A tag and its new name."""

    id: strawberry.ID = strawberry.field(description="The tag, a segment of the kind `TAG`.")
    name: str = strawberry.field(description="The name.")
    color: str | None = optional("`#RRGGBB`. Acquire.")


@strawberry.input(description="How often the contacts that have a tag of Rechat are to be spoken to.")
class TagTouchInput(_Input):
    """How often the contacts that have a tag are to be spoken to."""

    id: strawberry.ID = strawberry.field(description="The tag, a segment of the kind `TAG`.")
    days: int | None = strawberry.field(description="Days between touches; null: no plan.")


@strawberry.input(description="A saved search to make, which is a segment of the kind `LIST`.")
class SegmentCreateInput(_Input):
    """A saved search to make."""

    source: Source = strawberry.field(description="The service: Rechat.")
    name: str = strawberry.field(description="The name.")
    conditions: list[AttributeConditionInput] | None = optional("What must hold of its contacts.")
    match_any: bool | None = optional("One of the conditions is enough; else all must hold.")
    search: str | None = optional("Text that its contacts must have.")


@strawberry.input(description="What to change of a saved search. What is left out stays.")
class SegmentUpdateInput(_Input):
    """What to change of a saved search."""

    id: strawberry.ID = strawberry.field(description="The segment, of the kind `LIST`.")
    name: str | None = optional("The name.")
    conditions: list[AttributeConditionInput] | None = optional("What must hold of its contacts, all of it.")
    match_any: bool | None = optional("One of the conditions is enough; else all must hold.")
    search: str | None = optional("Text that its contacts must have.")

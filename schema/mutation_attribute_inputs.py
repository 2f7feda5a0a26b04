"""What mutations of attributes and of their definitions take."""

from __future__ import annotations

from enum import Enum

import strawberry

from schema.enums import describe
from schema.mutation_parts import AttributeConditionInput, RechatAttributeInput, optional
from schema.mutation_parts import KeyedInput as _Input
from upstreams.records import Source


class AttributeType(Enum):
    """What the values of an attribute are."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    DATE = "DATE"
    ADDRESS = "ADDRESS"


class AttributeOwner(Enum):
    """What has a custom attribute of Acquire."""

    CONTACT = "CONTACT"
    CASE = "CASE"
    COMPANY = "COMPANY"


describe(
    AttributeType,
    "AttributeType",
    "What the values of an attribute are.",
    {"TEXT": "Text.", "NUMBER": "A number.", "DATE": "A day.", "ADDRESS": "A postal address."},
)

describe(
    AttributeOwner,
    "AttributeOwner",
    "What has a custom attribute of Acquire.",
    {"CONTACT": "Contacts.", "CASE": "Conversations.", "COMPANY": "Companies."},
)


@strawberry.input(description="Attributes to add to a contact of Rechat.")
class ContactAttributesAddInput(_Input):
    """Attributes to add to a contact."""

    id: strawberry.ID = strawberry.field(description="The contact.")
    attributes: list[RechatAttributeInput] = strawberry.field(description="The attributes.")


@strawberry.input(description="An attribute of a contact of Rechat, and what it is to be.")
class ContactAttributeReplaceInput(_Input):
    """An attribute of a contact, and what it is to be."""

    id: strawberry.ID = strawberry.field(description="The contact.")
    attribute_id: str = strawberry.field(description="The `sourceId` of the attribute.")
    attribute: RechatAttributeInput = strawberry.field(description="What it is to be; its kind may be left out.")


@strawberry.input(description="An attribute of a contact of Rechat to delete.")
class ContactAttributeDeleteInput(_Input):
    """An attribute of a contact to delete."""

    id: strawberry.ID = strawberry.field(description="The contact.")
    attribute_id: str = strawberry.field(description="The `sourceId` of the attribute.")


@strawberry.input(description="Attributes to add to every contact of Rechat that all conditions hold for.")
class ContactsAttributesAddInput(_Input):
    """Attributes to add to many contacts."""

    conditions: list[AttributeConditionInput] = strawberry.field(
        description="What must hold. An empty list is refused: it could mean every contact."
    )
    attributes: list[RechatAttributeInput] = strawberry.field(description="The attributes.")
    owner_ids: list[str] | None = optional("Only contacts of these users, by Rechat's ids.")


@strawberry.input(description="Attributes of any contacts of Rechat to delete.")
class ContactsAttributesDeleteInput(_Input):
    """Attributes of any contacts to delete."""

    attribute_ids: list[str] = strawberry.field(description="Their `sourceId`s. An empty list is refused.")


@strawberry.input(description="What only Rechat can be told of the definition of an attribute.")
class RechatDefinitionInput:
    """What only Rechat can be told of a definition."""

    section: str | None = optional("Where Rechat shows it: `Details`.")
    required: bool | None = optional("A contact must have it.")
    singular: bool | None = optional("A contact has one at most.")
    searchable: bool | None = optional("Rechat's search looks into it.")
    has_label: bool | None = optional("Its values may carry a label.")
    labels: list[str] | None = optional("The labels that a value may carry.")


@strawberry.input(description="What only Acquire can be told of the definition of an attribute.")
class AcquireDefinitionInput:
    """What only Acquire can be told of a definition."""

    object: AttributeOwner | None = optional("What has it; contacts by default.")
    required: bool | None = optional("It must be filled in.")


@strawberry.input(description="The definition of an attribute to create.")
class AttributeDefinitionCreateInput(_Input):
    """A definition to create."""

    source: Source = strawberry.field(description="The service: Rechat or Acquire.")
    key: str = strawberry.field(description="What to call it in `customFields`.")
    label: str | None = optional("What people call it.")
    data_type: AttributeType = strawberry.field(
        default=AttributeType.TEXT, description="What its values are. Acquire takes text only."
    )
    options: list[str] | None = optional("The values that it may have; left out: any.")
    rechat: RechatDefinitionInput | None = optional("What only Rechat can be told.")
    acquire: AcquireDefinitionInput | None = optional("What only Acquire can be told.")


@strawberry.input(description="What to change of a definition of Acquire.")
class AttributeDefinitionUpdateInput(_Input):
    """What to change of a definition."""

    id: strawberry.ID = strawberry.field(description="The definition.")
    label: str | None = optional("What people call it.")
    options: list[str] | None = optional("The values that it may have.")

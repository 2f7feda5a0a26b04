"""What mutations take beside contacts: attributes and their definitions, tags, segments, companies, the desk's."""

from __future__ import annotations

from enum import Enum

import strawberry

from schema.enums import describe
from schema.mutation_parts import (
    AttributeConditionInput,
    CustomFieldInput,
    RechatAttributeInput,
    optional,
)
from schema.mutation_parts import KeyedInput as _Input
from schema.scalars import Json
from upstreams.instants import Instant
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


class Taggable(Enum):
    """What can have a tag of Acquire."""

    CONTACT = "CONTACT"
    CASE = "CASE"


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
describe(
    Taggable,
    "Taggable",
    "What can have a tag of Acquire.",
    {"CONTACT": "Contacts.", "CASE": "Conversations."},
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


@strawberry.input(description="Something to delete, by its id.")
class DeleteInput(_Input):
    """Something to delete."""

    id: strawberry.ID = strawberry.field(description="What to delete.")


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


@strawberry.input
class _CompanyValues:
    """What a company may be given."""

    website: str | None = optional("The website.")
    industry: str | None = optional("The industry.")
    description: str | None = optional("What it does.")
    source: str | None = optional("Where it was heard of.")
    revenue: str | None = optional("The revenue.")
    address: str | None = optional("Street and number.")
    city: str | None = optional("The city.")
    state: str | None = optional("The state.")
    country_id: str | None = optional("Acquire's number of the country.")
    employees: str | None = optional("How many work there.")
    foundation: str | None = optional("When it was founded.")
    custom_fields: list[CustomFieldInput] | None = optional("Fields that the organization added itself.")


@strawberry.input(description="A company to make at Acquire.")
class CompanyCreateInput(_CompanyValues, _Input):
    """A company to make."""

    name: str = strawberry.field(description="The name.")


@strawberry.input(description="What to change of a company. What is left out stays; null clears.")
class CompanyUpdateInput(_CompanyValues, _Input):
    """What to change of a company."""

    id: strawberry.ID = strawberry.field(description="The company.")
    name: str | None = optional("The name.")


@strawberry.input(description="Contacts of Acquire to block.")
class ContactsBlockInput(_Input):
    """Contacts to block."""

    ids: list[strawberry.ID] = strawberry.field(description="The contacts. An empty list is refused.")
    until: Instant = strawberry.field(description="When the block ends.")


@strawberry.input(description="A block to lift.")
class ContactUnblockInput(_Input):
    """A block to lift."""

    block_id: str = strawberry.field(description="The `sourceId` of the block.")


@strawberry.input(description="A note to write on a contact of Acquire.")
class ContactNoteAddInput(_Input):
    """A note to write."""

    contact_id: strawberry.ID = strawberry.field(description="The contact.")
    text: str = strawberry.field(description="The note.")


@strawberry.input(description="A card to put on the timeline of a contact of Acquire.")
class ContactCardCreateInput(_Input):
    """A card to put on a timeline."""

    contact_id: strawberry.ID = strawberry.field(description="The contact.")
    title: str = strawberry.field(description="The title.")
    type: str | None = optional("The kind of card; `ui_block` by default.")
    config: Json | None = strawberry.field(
        graphql_type=Json | None,
        default=strawberry.UNSET,
        description="What it shows, as Acquire documents it. A card without it is refused.",
    )
    icon_image_url: str | None = optional("An image as its icon.")
    icon_font: str | None = optional("A letter of an icon font as its icon.")


@strawberry.input(description="What to change of a card. What is left out stays.")
class ContactCardUpdateInput(_Input):
    """What to change of a card."""

    card_id: str = strawberry.field(description="The `sourceId` of the card.")
    title: str | None = optional("The title.")
    type: str | None = optional("The kind of card.")
    config: Json | None = strawberry.field(
        graphql_type=Json | None, default=strawberry.UNSET, description="What it shows, as Acquire documents it."
    )
    icon_image_url: str | None = optional("An image as its icon.")
    icon_font: str | None = optional("A letter of an icon font as its icon.")


@strawberry.input(description="A card to take off.")
class ContactCardDeleteInput(_Input):
    """A card to take off."""

    card_id: str = strawberry.field(description="The `sourceId` of the card.")

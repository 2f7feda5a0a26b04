"""What mutations of what Acquire alone keeps take: companies, blocks, notes, cards."""

from __future__ import annotations

import strawberry

from schema.mutation_parts import CustomFieldInput, optional
from schema.mutation_parts import KeyedInput as _Input
from schema.scalars import Json
from upstreams.instants import Instant


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

"""Queries for what stands around contacts: companies, attribute definitions, duplicates, blocks, notes, cards."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from resolvers import directory
from resolvers.callers import Scope
from schema.access import requires
from schema.company import Company
from schema.definition import AttributeDefinition
from schema.desk import ContactBlock, ContactCard, ContactNote, DuplicateCluster, DuplicateClusters
from schema.info import Info
from schema.scalars import Json
from upstreams.records import Source

_ContactId = Annotated[strawberry.ID, strawberry.argument(description="The `id` of a contact.")]
_CompanyId = Annotated[strawberry.ID, strawberry.argument(description="The `id` of a company.")]
_SourceId = Annotated[str, strawberry.argument(description="The `sourceId` of a block.")]
_Page = Annotated[int, strawberry.argument(description="Which part of the list, from 0.")]
_Size = Annotated[int, strawberry.argument(description="How many a part holds, 1 to 100.")]
_Sources = Annotated[list[Source] | None, strawberry.argument(description="Only of these sources. Null means all.")]


@strawberry.type(
    description="A part of the companies, numbered by the source.", directives=[requires(Scope.CONTACTS_READ)]
)
class Companies:
    """A part of the companies."""

    nodes: list[Company] = strawberry.field(description="The companies.")
    total_count: int | None = strawberry.field(description="How many there are in all, where the source says so.")


@strawberry.type
class Directory:
    """What a query can ask beside contacts, events, segments and locations."""

    @strawberry.field(graphql_type=Companies | None, description="The companies of Acquire, newest first. One call.")
    @staticmethod
    async def companies(info: Info, page: _Page = 0, size: _Size = 20) -> Any:
        return await directory.companies(info.context, page, size)

    @strawberry.field(graphql_type=Company | None, description="A company by its id; null when it is gone.")
    @staticmethod
    async def company(info: Info, id: _CompanyId) -> Any:
        return await directory.company_of(info.context, id)

    @strawberry.field(
        graphql_type=list[AttributeDefinition] | None,
        description=(
            "What attributes contacts can have, at Rechat and Acquire. "
            "One call a source; at Acquire one for each hundred."
        ),
    )
    @staticmethod
    async def attribute_definitions(info: Info, sources: _Sources = None) -> Any:
        return await directory.definitions(info.context, info.raw, sources)

    @strawberry.field(
        graphql_type=DuplicateClusters | None,
        description="The clusters of contacts that Rechat takes for one person each. One call. See also `person`.",
    )
    @staticmethod
    async def duplicates(info: Info, page: _Page = 0, size: _Size = 20) -> Any:
        return await directory.duplicates(info.context, page, size)

    @strawberry.field(
        graphql_type=DuplicateCluster | None,
        description="The cluster that a contact of Rechat is in; null when it is in none.",
    )
    @staticmethod
    async def contact_duplicates(info: Info, contact_id: _ContactId) -> Any:
        return await directory.duplicates_of(info.context, contact_id)

    @strawberry.field(
        graphql_type=Json | None,
        description="What the saved searches of Rechat may ask for, as sent.",
        directives=[requires(Scope.SEGMENTS_READ)],
    )
    @staticmethod
    async def segment_options(info: Info) -> Any:
        return await directory.list_options(info.context)

    @strawberry.field(
        graphql_type=list[ContactBlock] | None, description="Who is blocked at Acquire. One call for each hundred."
    )
    @staticmethod
    async def contact_blocks(info: Info) -> Any:
        return await directory.blocks(info.context)

    @strawberry.field(graphql_type=ContactBlock | None, description="One block of Acquire; null when there is none.")
    @staticmethod
    async def contact_block(info: Info, source_id: _SourceId) -> Any:
        return await directory.block(info.context, source_id)

    @strawberry.field(
        graphql_type=list[ContactNote] | None,
        description="The notes on a contact of Acquire. One call for each hundred.",
    )
    @staticmethod
    async def contact_notes(info: Info, contact_id: _ContactId) -> Any:
        return await directory.notes(info.context, contact_id)

    @strawberry.field(
        graphql_type=list[ContactCard] | None,
        description="The cards on the timeline of a contact of Acquire. One call for each hundred.",
    )
    @staticmethod
    async def contact_cards(info: Info, contact_id: _ContactId) -> Any:
        return await directory.cards(info.context, contact_id)

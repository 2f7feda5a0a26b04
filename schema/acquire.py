"""What only Acquire knows of a contact or a segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from schema.access import PERSONAL
from schema.acquire_details import (
    AcquireAgent,
    AcquireClientDetails,
    AcquireCompany,
    AcquireContactFields,
    AcquireLastView,
    AcquireTag,
    AcquireTimelineEntry,
)
from schema.scalars import Json
from upstreams.acquire import entries, relations
from upstreams.instants import Instant

if TYPE_CHECKING:
    from schema.event import ConversationEvent, PageViewEvent

_Parent = strawberry.Parent[Any]
_Conversation = Annotated["ConversationEvent", strawberry.lazy("schema.event")]
_PageView = Annotated["PageViewEvent", strawberry.lazy("schema.event")]


@strawberry.type(
    description="What only Acquire knows of a contact. What is said of its conversations, and the counts, Acquire "
    "tells where contacts are listed and not where one is read by its id: there they are null, and `channels` and "
    "`agentList` are empty."
)
class AcquireContact:
    """What only Acquire knows of a contact."""

    client_type: str | None = strawberry.field(description="`web`, `client` or `sdk`.")
    client_name: str | None = strawberry.field(description="The browser.")
    client_version: str | None = strawberry.field(description="Its version.")
    client_os_name: str | None = strawberry.field(description="The operating system.")
    client_os_version: str | None = strawberry.field(description="Its version.")
    client_device_type: str | None = strawberry.field(description="`desktop`, `mobile` and the like.")
    client_device_vendor: str | None = strawberry.field(description="Who made the device.")
    client_device_model: str | None = strawberry.field(description="What the maker calls it.")
    client_user_id: str | None = strawberry.field(
        description="The contact in the organization's own system.", directives=[PERSONAL]
    )
    archive: bool | None = strawberry.field(description="It is hidden.")
    is_blocked: bool | None = strawberry.field(description="It is kept out.")
    snooze_in_contact: bool | None = strawberry.field(description="It is put off.")
    company_id: str | None = strawberry.field(description="Acquire's own id of the company.")
    company_record: AcquireCompany | None = strawberry.field(name="company", description="The company.")
    visits: list[_PageView] | None = strawberry.field(description="The pages that the contact looked at.")
    cases: list[_Conversation] | None = strawberry.field(description="The conversations.")
    last_visit: _PageView | None = strawberry.field(description="The last page that the contact looked at.")
    first_visit: _PageView | None = strawberry.field(description="The first one, by Acquire's word.")
    title: str | None = strawberry.field(description="Of the last conversation.", directives=[PERSONAL])
    description: str | None = strawberry.field(description="Of the last conversation.", directives=[PERSONAL])
    channel: str | None = strawberry.field(description="Of the last conversation: `chat`.")
    status: str | None = strawberry.field(description="Of the last conversation: `active`.")
    channels: list[str] = strawberry.field(description="The channels of all conversations.")
    case_id: str | None = strawberry.field(description="The last conversation.")
    view_id: str | None = strawberry.field(description="The last card.")
    latest_timeline_id: str | None = strawberry.field(description="The last entry of the timeline.")
    latest_object_type: str | None = strawberry.field(description="What that is: `case`, `view` or `note`.")
    last_updated_at: Instant | None = strawberry.field(
        description="When the contact or its conversations last changed."
    )
    case_updated_at: Instant | None = strawberry.field(description="When the last conversation last changed.")
    contact_company_count: int | None = strawberry.field(description="How many companies the contact has.")
    total_timeline: int | None = strawberry.field(description="How many entries the timeline has.")
    total_notes: int | None = strawberry.field(description="How many notes there are.")
    total_views: int | None = strawberry.field(description="How many cards there are.")
    total_case: int | None = strawberry.field(description="How many conversations there are.")
    msg_unread: int | None = strawberry.field(description="How many messages nobody read.")
    first_interaction_type: str | None = strawberry.field(description="The first channel.")
    last_interaction_type: str | None = strawberry.field(description="The last channel.")

    @strawberry.field(graphql_type=AcquireContactFields | None, description="The contact's own data, as sent.")
    @staticmethod
    def fields(parent: _Parent) -> Any:
        return relations.one_of(parent.fields, relations.ContactFields)

    @strawberry.field(graphql_type=AcquireClientDetails | None, description="What its browser told of itself.")
    @staticmethod
    def client_details(parent: _Parent) -> Any:
        return relations.client_details_of(parent.client_details)

    @strawberry.field(graphql_type=list[AcquireTag], description="The tags, as the contact has them; see `segments`.")
    @staticmethod
    def tags(parent: _Parent) -> Any:
        return relations.tags_of(parent.tags)

    @strawberry.field(graphql_type=list[AcquireTimelineEntry], description="The timeline, the latest first.")
    @staticmethod
    def timeline(parent: _Parent) -> Any:
        return relations.several_of(parent.timeline, entries.TimelineEntry)

    @strawberry.field(graphql_type=list[AcquireAgent], description="Who the contact talked with.")
    @staticmethod
    def agent_list(parent: _Parent) -> Any:
        return relations.several_of(parent.agent_list, relations.Agent)

    @strawberry.field(graphql_type=AcquireLastView | None, description="The last card on the timeline.")
    @staticmethod
    def last_view_object(parent: _Parent) -> Any:
        return relations.one_of(parent.last_view_object, relations.LastView)

    @strawberry.field(
        graphql_type=Json | None, description="The departments it talked with, as sent: Acquire documents no shape."
    )
    @staticmethod
    def department_list(parent: _Parent) -> Any:
        return parent.department_list

    @strawberry.field(
        graphql_type=Json | None,
        description="What else it did, as sent: Acquire documents no shape.",
        directives=[PERSONAL],
    )
    @staticmethod
    def interaction(parent: _Parent) -> Any:
        return parent.interaction

    @strawberry.field(
        graphql_type=Json | None,
        description="What was attached to it, as sent: Acquire documents no shape.",
        directives=[PERSONAL],
    )
    @staticmethod
    def meta(parent: _Parent) -> Any:
        return parent.meta


@strawberry.type(description="What only Acquire tells of a tag.")
class AcquireSegment:
    """What only Acquire tells of a tag."""

    color: str | None = strawberry.field(description="The colour: `#RRGGBB`.")
    type: list[str] | None = strawberry.field(description="What can have it: `contact`, `case`; null: anything.")
    user_id: str | None = strawberry.field(description="The agent who made it.")

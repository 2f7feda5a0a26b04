"""Events: one interface, one type for each kind of thing that happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import links
from resolvers.callers import Scope
from resolvers.ids import simple_id
from schema.access import PERSONAL, requires
from schema.acquire_details import AcquireCaseUser, AcquireTag
from schema.cloud4wi import Cloud4WiEvent
from schema.columns import asked_for_a_run
from schema.event_details import App, Campaign, Geofence, SurveyAnswer
from schema.info import Info
from schema.node import Node
from schema.rechat import RechatEvent
from schema.scalars import Json
from upstreams.acquire import entries, relations
from upstreams.instants import Instant, WallTime
from upstreams.records import Entity, EventRecord, EventType, Source

if TYPE_CHECKING:
    from schema.contact import Contact
    from schema.location import Location

_Parent = strawberry.Parent[EventRecord]
_Contact = Annotated["Contact", strawberry.lazy("schema.contact")]
_Location = Annotated["Location", strawberry.lazy("schema.location")]


_STARTED_AT = "When it began."
_STARTED_AT_LOCAL = "The same on the clock at the place."
_START_TIMEZONE = "The time zone where it began, an IANA name."
_DURATION = "How long it lasted, in whole minutes."


@strawberry.interface(description="Something that happened to a contact.", directives=[requires(Scope.EVENTS_READ)])
class Event(Node):
    """Something that happened to a contact."""

    source: Source = strawberry.field(description="The service that tells of it.")
    source_id: str = strawberry.field(description="The service's own id of it.")
    type: EventType = strawberry.field(description="What happened.")
    raw_type: str = strawberry.field(description="What happened, in the service's own word.")
    occurred_at: Instant = strawberry.field(description="When it happened; of a visit, when it ended.")
    local_time: WallTime | None = strawberry.field(
        description="What the clock at the place showed, as sent; it may contradict `timezone`."
    )
    timezone: str | None = strawberry.field(description="The time zone of the place, an IANA name.")

    @strawberry.field(graphql_type=strawberry.ID | None, description="The id of the contact; costs no call.")
    @staticmethod
    def contact_id(parent: _Parent) -> str | None:
        id = parent.contact_source_id
        return None if id is None else simple_id(Entity.CONTACT, parent.source, id)

    @strawberry.field(
        graphql_type=_Contact | None, description="The contact. Its `id` and `events` need no call for it."
    )
    @staticmethod
    @asked_for_a_run
    def contact(info: Info) -> Callable[[EventRecord], Any]:
        contact = links.contacts(info.context, info.raw)
        return lambda event: contact(event.source, event.contact_source_id)

    @strawberry.field(graphql_type=strawberry.ID | None, description="The id of the location; costs no call.")
    @staticmethod
    def location_id(parent: _Parent) -> str | None:
        ref = parent.location_ref
        return None if ref is None else simple_id(Entity.LOCATION, parent.source, ref.id)

    @strawberry.field(graphql_type=_Location | None, description="The location. Its `id` and `name` cost no call.")
    @staticmethod
    @asked_for_a_run
    def location(info: Info) -> Callable[[EventRecord], Any]:
        location = links.locations(info.context, info.raw)
        return lambda event: location(event.source, event.location_ref)

    @strawberry.field(
        graphql_type=Cloud4WiEvent | None, description="What only Cloud4Wi tells; null for events of others."
    )
    @staticmethod
    def cloud4wi(parent: _Parent) -> Any:
        return parent if parent.source is Source.CLOUD4WI else None

    @strawberry.field(graphql_type=RechatEvent | None, description="What only Rechat tells; null for events of others.")
    @staticmethod
    def rechat(parent: _Parent) -> Any:
        return parent if parent.source is Source.RECHAT else None


@strawberry.type(description="A contact was created.")
class SignupEvent(Event):
    """A contact was created."""

    signup_source: str | None = strawberry.field(description="How the contact came in: `wifi`.")


@strawberry.type(description="A contact authenticated to a Wi-Fi network.")
class LoginEvent(Event):
    """A contact authenticated to a Wi-Fi network."""


@strawberry.type(description="A contact was seen at a location.")
class ArrivingEvent(Event):
    """A contact was seen at a location."""


@strawberry.type(description="A contact left a location after a visit.")
class VisitEvent(Event):
    """A contact left a location after a visit."""

    started_at: Instant | None = strawberry.field(description=_STARTED_AT)
    started_at_local: WallTime | None = strawberry.field(description=_STARTED_AT_LOCAL)
    visit_timezone: str | None = strawberry.field(name="startTimezone", description=_START_TIMEZONE)
    duration: int | None = strawberry.field(description=_DURATION)


@strawberry.type(description="A contact entered a geofence.")
class GeoArrivingEvent(Event):
    """A contact entered a geofence."""

    started_at: Instant | None = strawberry.field(description=_STARTED_AT)
    started_at_local: WallTime | None = strawberry.field(description=_STARTED_AT_LOCAL)
    visit_timezone: str | None = strawberry.field(name="startTimezone", description=_START_TIMEZONE)
    geofence: Geofence | None = strawberry.field(description="The geofence.")
    app: App | None = strawberry.field(description="The app that saw it.")


@strawberry.type(description="A contact left a geofence after a stay.")
class GeoVisitEvent(Event):
    """A contact left a geofence after a stay."""

    started_at: Instant | None = strawberry.field(description=_STARTED_AT)
    started_at_local: WallTime | None = strawberry.field(description=_STARTED_AT_LOCAL)
    visit_timezone: str | None = strawberry.field(name="startTimezone", description=_START_TIMEZONE)
    duration: int | None = strawberry.field(description=_DURATION)
    geofence: Geofence | None = strawberry.field(description="The geofence.")
    app: App | None = strawberry.field(description="The app that saw it.")


@strawberry.type(description="A campaign's e-mail was sent, opened or clicked; `type` says which.")
class EmailEvent(Event):
    """A campaign's e-mail was sent, opened or clicked."""

    campaign: Campaign | None = strawberry.field(description="What sent the message.")
    communication_id: str | None = strawberry.field(description="The message at the source.")
    channel: str | None = strawberry.field(description="By which way it went, in the source's words.")
    address: str | None = strawberry.field(description="The e-mail it went to.", directives=[PERSONAL])


@strawberry.type(description="A campaign's text message was sent or clicked; `type` says which.")
class SmsEvent(Event):
    """A campaign's text message was sent or clicked."""

    campaign: Campaign | None = strawberry.field(description="What sent the message.")
    communication_id: str | None = strawberry.field(description="The message at the source.")
    channel: str | None = strawberry.field(description="By which way it went, in the source's words.")
    address: str | None = strawberry.field(
        description="The phone it went to: prefix and number joined.", directives=[PERSONAL]
    )
    sms_prefix: str | None = strawberry.field(
        name="phonePrefix", description="The phone's country code: `+1`.", directives=[PERSONAL]
    )
    phone: str | None = strawberry.field(
        name="phoneNumber", description="The phone without its prefix.", directives=[PERSONAL]
    )


@strawberry.type(description="A contact answered a survey.")
class SurveyEvent(Event):
    """A contact answered a survey."""

    campaign: Campaign | None = strawberry.field(description="What asked the questions.")
    answer_id: str | None = strawberry.field(description="This set of answers at the source.")
    answers: list[SurveyAnswer] = strawberry.field(description="The questions with what was answered.")


@strawberry.type(description="A contact followed the call to action of a promo page.")
class PromoEvent(Event):
    """A contact followed the call to action of a promo page."""

    promo_type: str | None = strawberry.field(description="The kind of promo, in the source's words.")


@strawberry.type(
    description="Something in the calendar: a task, a thread of e-mails, a touch, an anniversary; `type` says which."
)
class CalendarEvent(Event):
    """Something in the calendar."""

    title: str | None = strawberry.field(description="The title.", directives=[PERSONAL])
    ends_at: Instant | None = strawberry.field(description="When it ends; null where it has no length.")


@strawberry.type(description="A visitor looked at a web page.")
class PageViewEvent(Event):
    """A visitor looked at a web page."""

    title: str | None = strawberry.field(description="The title of the page.", directives=[PERSONAL])
    url: str | None = strawberry.field(description="The address of the page.", directives=[PERSONAL])
    referrer: str | None = strawberry.field(description="Where the visitor came from.", directives=[PERSONAL])


@strawberry.type(description="A conversation with support, by chat, e-mail, text message or phone.")
class ConversationEvent(Event):
    """A conversation with support."""

    title: str | None = strawberry.field(description="The title.", directives=[PERSONAL])
    description: str | None = strawberry.field(description="What it is about.", directives=[PERSONAL])
    channel: str | None = strawberry.field(description="By which way, in the source's words: `chat`.")
    status: str | None = strawberry.field(description="`queue`, `pending`, `active` or `closed`.")
    closing_state: str | None = strawberry.field(description="How it was closed: `handled`.")
    updated_at: Instant | None = strawberry.field(description="When it last changed.")
    queued_at: Instant | None = strawberry.field(description="When it began to wait for an agent.")
    pending_at: Instant | None = strawberry.field(description="When it began to wait for the contact.")
    active_at: Instant | None = strawberry.field(description="When an agent took it up.")
    closed_at: Instant | None = strawberry.field(description="When it was closed.")
    closed_by: str | None = strawberry.field(name="closedById", description="The agent who closed it.")
    user_id: str | None = strawberry.field(description="The agent whose it is.")
    visit_id: str | None = strawberry.field(description="The page view that it began on.")
    queue_id: str | None = strawberry.field(description="The queue that it waits in.")
    queue_order: int | None = strawberry.field(description="Its place in the queue.")
    parent_id: str | None = strawberry.field(description="The conversation that it belongs to.")
    thread_id: str | None = strawberry.field(description="Where its messages are.")
    wait_time: float | None = strawberry.field(description="How long the contact waited; the source names no unit.")

    @strawberry.field(graphql_type=list[AcquireCaseUser], description="Who takes part, where the source tells.")
    @staticmethod
    def users(parent: strawberry.Parent[Any]) -> Any:
        return relations.several_of(parent.users, entries.CaseUser)

    @strawberry.field(graphql_type=list[AcquireTag], description="Its tags, where the source tells.")
    @staticmethod
    def tags(parent: strawberry.Parent[Any]) -> Any:
        return relations.tags_of(parent.tags)

    @strawberry.field(
        graphql_type=Json | None,
        description="What was attached to it, as sent; the source documents no shape.",
        directives=[PERSONAL],
    )
    @staticmethod
    def meta(parent: strawberry.Parent[Any]) -> Any:
        return parent.meta


@strawberry.type(description="An event of a type not known by name; `rawType` says which.")
class OtherEvent(Event):
    """An event of a type not known by name."""

    payload: Json | None = strawberry.field(
        graphql_type=Json | None,
        description="What the source tells of it beside the fields above, as sent.",
        directives=[PERSONAL],
    )


EVENT_CLASSES: tuple[type[Event], ...] = (
    SignupEvent,
    LoginEvent,
    ArrivingEvent,
    VisitEvent,
    GeoArrivingEvent,
    GeoVisitEvent,
    EmailEvent,
    SmsEvent,
    SurveyEvent,
    PromoEvent,
    CalendarEvent,
    PageViewEvent,
    ConversationEvent,
    OtherEvent,
)
"""The types of events; the schema's fields name only their interface."""

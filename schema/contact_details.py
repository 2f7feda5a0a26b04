"""What a contact is made of beside its own fields."""

from __future__ import annotations

from typing import Any

import strawberry

from resolvers.ids import simple_id
from schema.access import PERSONAL
from upstreams.instants import Instant, WallTime
from upstreams.records import Entity, Source


@strawberry.type(description="A birthday, as far as the source knows it.", directives=[PERSONAL])
class Birthday:
    """A birthday."""

    year: int | None = strawberry.field(description="The year, where it is known.")
    month: int | None = strawberry.field(description="The month, 1 to 12.")
    day: int | None = strawberry.field(description="The day of the month, 1 to 31.")


@strawberry.type(description="What a contact agreed to, or not.")
class Consent:
    """A consent."""

    name: str = strawberry.field(
        description="What was asked: `termsOfUse`, `privacy`, `mktgCommunications` and others."
    )
    accepted: bool = strawberry.field(description="Whether the contact agreed.")
    date: Instant | None = strawberry.field(description="When the contact answered.")
    version: str | None = strawberry.field(description="Which version of the text was shown.")


@strawberry.type(description="A field that the organization added itself.", directives=[PERSONAL])
class CustomField:
    """A custom field."""

    key: str = strawberry.field(description="The name of the field.")
    value: str | None = strawberry.field(description="Its value as text.")


@strawberry.type(description="Statistics of a contact's visits, kept by the source.")
class ContactMetrics:
    """Statistics of a contact's visits."""

    total_visits: int | None = strawberry.field(description="Visits in all.")
    visited_locations: int | None = strawberry.field(description="Distinct locations visited.")
    average_visit_length: float | None = strawberry.field(description="As sent; the source names no unit.")
    monthly_visit_frequency: float | None = strawberry.field(description="Visits a month.")
    frequency_bucket: str | None = strawberry.field(description="How often, in words: `daily` and the like.")
    average_days_between_visits: float | None = strawberry.field(description="Days from one visit to the next.")
    conversion_rate: float | None = strawberry.field(description="As sent; the source does not define it.")
    top_location_visits: int | None = strawberry.field(description="Visits to the location visited most.")
    last_visit_at: Instant | None = strawberry.field(description="When the last visit was.")
    last_visit_local: WallTime | None = strawberry.field(description="The same on the location's clock.")
    preferred_weekday: int | None = strawberry.field(
        description="The weekday of most visits, as sent; the source does not say which day is first."
    )
    preferred_hour: int | None = strawberry.field(description="The hour of most visits, on the location's clock.")
    preferred_time_bucket: str | None = strawberry.field(description="The time of day, in words: `afternoon`.")

    @strawberry.field(graphql_type=strawberry.ID | None, description="The id of the location visited most.")
    @staticmethod
    def top_location_id(parent: strawberry.Parent[Any]) -> str | None:
        if not parent.top_location_id:
            return None
        return simple_id(Entity.LOCATION, Source.CLOUD4WI, parent.top_location_id)

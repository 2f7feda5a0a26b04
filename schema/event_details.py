"""What events of some types bring with them."""

from __future__ import annotations

import strawberry

from schema.access import PERSONAL
from schema.scalars import Json


@strawberry.type(description="What sent a message or asked questions.")
class Campaign:
    """A campaign."""

    source_id: str | None = strawberry.field(description="The service's own id of it.")
    name: str | None = strawberry.field(description="The name.")


@strawberry.type(description="A question and what was answered.", directives=[PERSONAL])
class SurveyAnswer:
    """A question and what was answered."""

    key: str | None = strawberry.field(description="The number that joins question and answer: `1`.")
    question: str | None = strawberry.field(description="The question.")
    answer: str | None = strawberry.field(description="The answer.")


@strawberry.type(description="An area on the map that an app watches.")
class Geofence:
    """An area on the map."""

    source_id: str = strawberry.field(description="The service's own id of it.")
    name: str | None = strawberry.field(description="The name.")
    external_id: str | None = strawberry.field(description="The organization's own id of it.")
    latitude: float | None = strawberry.field(description="The centre, degrees north.")
    longitude: float | None = strawberry.field(description="The centre, degrees east.")
    radius: float | None = strawberry.field(description="The radius of a circle, in metres by all appearance.")
    shape_type: str | None = strawberry.field(description="The kind of area: `Circle`.")
    shape: Json | None = strawberry.field(
        graphql_type=Json | None,
        description="The area as sent: a circle, or a shape that the source does not document.",
    )
    metadata: Json | None = strawberry.field(
        graphql_type=Json | None, description="What was attached to it, as sent; the source documents no shape."
    )


@strawberry.type(description="The app that reported an event.")
class App:
    """An app."""

    source_id: str | None = strawberry.field(description="The service's own id of it.")
    bundle: str | None = strawberry.field(description="The bundle: `com.example.app`.")
    project_id: str | None = strawberry.field(description="The project it belongs to.")
    os: str | None = strawberry.field(description="The operating system: `android`.")

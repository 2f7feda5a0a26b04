"""Times, and JSON where a source documents no shape."""

from __future__ import annotations

from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from resolvers.errors import BadUserInput
from upstreams.instants import Instant, WallTime, parse_instant, parse_wall_time, utc_text

Json = NewType("Json", object)
Upload = NewType("Upload", object)


def _parse_date_time(value: Any) -> Instant:
    if isinstance(value, str):
        try:
            return parse_instant(value)
        except ValueError:
            pass
    raise BadUserInput("DateTime is written with a date, a time and an offset, as in 2022-07-21T18:41:09Z.")


def _parse_local_date_time(value: Any) -> WallTime:
    if isinstance(value, str) and value[-1:] != "Z":
        try:
            return parse_wall_time(value)
        except ValueError:
            pass
    raise BadUserInput("LocalDateTime is written with a date and a time and without an offset: 2022-07-21T11:41:09.")


def _parse_upload(value: Any) -> Any:
    if isinstance(getattr(value, "content", None), bytes) and isinstance(getattr(value, "filename", None), str):
        return value
    raise BadUserInput("Upload is a file: send a GraphQL multipart request, with null where the file belongs.")


SCALARS: dict[object, ScalarDefinition] = {
    Instant: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC, ISO 8601: `2022-07-21T18:41:09Z`, with a fraction of a second only where the "
        "source has one. Input may have any offset and must have one.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=utc_text,
        parse_value=_parse_date_time,
    ),
    WallTime: strawberry.scalar(
        name="LocalDateTime",
        description="What the clock on the wall showed at the place, without an offset: `2022-07-21T11:41:09`.",
        serialize=str,
        parse_value=_parse_local_date_time,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="JSON as the source sent it, where it documents no shape.",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
    Upload: strawberry.scalar(
        name="Upload",
        description="A file that comes with the request: null in the JSON of a GraphQL multipart request, mapped to a "
        "part of its form.",
        specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
        serialize=lambda value: None,
        parse_value=_parse_upload,
    ),
}
"""The custom scalars by the Python type that stands for each."""

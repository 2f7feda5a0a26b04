"""The services behind the API."""

from __future__ import annotations

from typing import Any

import strawberry

from upstreams.records import Source as SourceName
from upstreams.source import SourceApi, SourceState


@strawberry.type(description="A service that the data comes from, and how it does.")
class SourceStatus:
    """A service and how it does."""

    source: SourceName = strawberry.field(description="Which service.")

    @strawberry.field(description="Its name as people write it.")
    @staticmethod
    def name(parent: strawberry.Parent[Any]) -> str:
        api: SourceApi = parent
        return api.source.label

    @strawberry.field(description="How it has been doing lately.")
    @staticmethod
    def state(parent: strawberry.Parent[Any]) -> SourceState:
        api: SourceApi = parent
        return api.health().state

    @strawberry.field(description="Why it is not healthy.")
    @staticmethod
    def message(parent: strawberry.Parent[Any]) -> str | None:
        api: SourceApi = parent
        return api.health().message

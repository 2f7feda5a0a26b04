"""The services behind the API."""

from __future__ import annotations

from typing import Any

import strawberry

from resolvers.people import fields as people
from resolvers.people.indexer import IndexState
from schema.info import Info
from upstreams.instants import Instant
from upstreams.records import Source as SourceName
from upstreams.source import CircuitState, SourceApi, SourceState


@strawberry.type(description="What is remembered of a source's contacts, as keyed hashes, so that people are found.")
class SourceIndex:
    """What is remembered of a source's contacts."""

    state: IndexState = strawberry.field(description="How far it is.")
    contacts: int = strawberry.field(description="How many contacts it holds.")
    as_of: Instant | None = strawberry.field(
        description="Changes since then may be missing from it; null while it was never complete."
    )


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

    @strawberry.field(description="Whether it is asked: a source that fails again and again is left alone for a while.")
    @staticmethod
    def circuit(parent: strawberry.Parent[Any]) -> CircuitState:
        api: SourceApi = parent
        return api.health().circuit

    @strawberry.field(
        graphql_type=SourceIndex | None,
        description="What is remembered of its contacts so that people are found; null where nothing is, or it cannot "
        "be read.",
    )
    @staticmethod
    async def index(parent: strawberry.Parent[Any], info: Info) -> Any:
        return await people.index_status(info.context, parent.source)

    @strawberry.field(description="Why it is not healthy.")
    @staticmethod
    def message(parent: strawberry.Parent[Any]) -> str | None:
        api: SourceApi = parent
        return api.health().message

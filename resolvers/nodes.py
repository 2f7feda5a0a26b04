"""One object by its global id."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from resolvers import directory
from resolvers.context import Context
from resolvers.errors import GatewayError, TooComplex
from resolvers.ids import GlobalId, parse_id, parse_id_of, require_on
from resolvers.loaders import Key
from resolvers.writes.outcome import Job, JobState
from upstreams.errors import UpstreamError
from upstreams.records import Entity


def _find(context: Context, id: GlobalId) -> Awaitable[Any]:
    match id.entity:
        case Entity.CONTACT:
            return context.loaders.contact_by_id.of(id.source, id.key)
        case Entity.SEGMENT:
            return context.loaders.segment_by_id.of(id.source, id.key)
        case Entity.LOCATION:
            return context.loaders.location_by_id.of(id.source, id.key)
        case Entity.EVENT:
            return context.loaders.event_by_id.load(id)
        case Entity.PERSON:
            return context.people.person_by_contact.load(Key(id.source, id.key))
        case Entity.COMPANY:
            return directory.company(context, id.key)
        case Entity.DEFINITION:
            return directory.definition(context, id.source, id.key)
        case Entity.JOB:
            return _job(id)


async def _job(id: GlobalId) -> Job:
    return Job(id.source, id.key, JobState.UNKNOWN)


def node(context: Context, text: str) -> Awaitable[Any]:
    """The object that an id names; None when it is gone. Awaiting it raises what its source failed with.

    Raises:
        InvalidId: the text is no id of ours, or its source is off.
        Forbidden: the caller may not read objects of its type.
    """
    parsed = parse_id(text)
    require_on(parsed, context.services.sources, text)
    context.require(parsed.entity)
    return _find(context, parsed)


def node_of(context: Context, text: str, entity: Entity) -> Awaitable[Any]:
    """The object of one type that an id names; None when it is gone. Awaiting it raises what its source failed with.

    Raises:
        InvalidId: the text is no id of ours, names another type, or its source is off.
    """
    parsed = parse_id_of(text, entity)
    require_on(parsed, context.services.sources, text)
    return _find(context, parsed)


async def nodes(context: Context, texts: Sequence[str]) -> list[Any]:
    """The objects that ids name, in their order; a broken id or a failure stands as an exception at its place.

    Raises:
        TooComplex: more ids than allowed.
    """
    if len(texts) > context.services.max_ids:
        raise TooComplex(f"ids holds {len(texts)} ids; at most {context.services.max_ids} are allowed.")

    async def one(text: str) -> Any:
        try:
            return await node(context, text)
        except (GatewayError, UpstreamError) as error:
            return error

    return await asyncio.gather(*(one(text) for text in texts))

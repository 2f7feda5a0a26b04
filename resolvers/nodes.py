"""One object by its global id."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from resolvers import directory
from resolvers.context import Context
from resolvers.errors import GatewayError, TooComplex
from resolvers.ids import GlobalId, parse_id, parse_id_of, require_on
from resolvers.loaders import Key
from resolvers.writes.outcome import Job, JobState
from upstreams.errors import UpstreamError
from upstreams.records import Entity


async def _find(context: Context, id: GlobalId) -> Any:
    key = Key(id.source, id.key)
    match id.entity:
        case Entity.CONTACT:
            return await context.loaders.contact_by_id.load(key)
        case Entity.SEGMENT:
            return await context.loaders.segment_by_id.load(key)
        case Entity.LOCATION:
            return await context.loaders.location_by_id.load(key)
        case Entity.EVENT:
            return await context.loaders.event_by_id.load(id)
        case Entity.PERSON:
            return await context.people.person_by_contact.load(key)
        case Entity.COMPANY:
            return await directory.company(context, id.key)
        case Entity.DEFINITION:
            return await directory.definition(context, id.source, id.key)
        case Entity.JOB:
            return Job(id.source, id.key, JobState.UNKNOWN)


async def node(context: Context, text: str) -> Any:
    """The object that an id names; None when it is gone.

    Raises:
        InvalidId: the text is no id of ours, or its source is off.
        Forbidden: the caller may not read objects of its type.
        UpstreamError: the source could not be asked.
    """
    parsed = parse_id(text)
    require_on(parsed, context.services.sources, text)
    context.require(parsed.entity)
    return await _find(context, parsed)


async def node_of(context: Context, text: str, entity: Entity) -> Any:
    """The object of one type that an id names; None when it is gone.

    Raises:
        InvalidId: the text is no id of ours, names another type, or its source is off.
        UpstreamError: the source could not be asked.
    """
    parsed = parse_id_of(text, entity)
    require_on(parsed, context.services.sources, text)
    return await _find(context, parsed)


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

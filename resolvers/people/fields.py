"""What the schema asks about people."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from resolvers import contacts
from resolvers.batching import settled
from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.ids import parse_id_of, require_on
from resolvers.loaders import Key
from resolvers.people.indexer import IndexStatus
from resolvers.people.person import PersonRecord
from resolvers.people.rules import email_key, phone_key
from upstreams.errors import UpstreamError, UpstreamUnavailable
from upstreams.identity.index import IdentityIndexFailed
from upstreams.identity.keys import IdentityKey
from upstreams.records import ContactRecord, Entity, Source

logger = logging.getLogger("contactgraph.people")


async def person(
    context: Context, info: Any, contact_id: str | None, email: str | None, phone: str | None
) -> PersonRecord | None:
    """The person that a contact belongs to, or that has an e-mail or a telephone number; None when there is none.

    A number that several persons have gives the one with the first contact.

    Raises:
        BadUserInput: not exactly one is given, or it is no e-mail or telephone number.
        InvalidId: the id is none of a contact, or its source is off.
        UpstreamError: nobody was found, and a source could not be asked.
    """
    if sum(given is not None for given in (contact_id, email, phone)) != 1:
        raise BadUserInput("person takes exactly one of contactId, email and phone.")
    if contact_id is not None:
        parsed = parse_id_of(contact_id, Entity.CONTACT)
        require_on(parsed, context.services.sources, contact_id)
        whose = Key(parsed.source, parsed.key)
    else:
        found = await _first(context, _key(context, email, phone))
        if found is None:
            return None
        whose = context.people.learn(found)
    return tell(context, info, await context.people.person_by_contact.load(whose))


def _key(context: Context, email: str | None, phone: str | None) -> IdentityKey:
    region = context.services.default_region
    key = phone_key(phone, region) if email is None else email_key(email)
    if key is None and email is not None:
        raise BadUserInput("email is not an e-mail address that could be somebody's.")
    if key is None:
        raise BadUserInput(
            "phone is not a telephone number that could be somebody's. Write it with its country: +12125550123."
        )
    return key


async def _first(context: Context, key: IdentityKey) -> ContactRecord | None:
    lookup = await context.people.having(key)
    if lookup.contacts:
        return lookup.contacts[0]
    gaps = [*lookup.failures, *map(_indexing, lookup.pending)]
    if gaps:
        raise gaps[0]
    return None


def _indexing(source: Source) -> UpstreamError:
    return UpstreamUnavailable(source, "person", "its contacts are still being indexed; ask again later")


def tell(context: Context, info: Any, found: PersonRecord | None) -> PersonRecord | None:
    """A person, with the reasons why sources are missing from it told once beside the data."""
    if found is not None:
        context.report(context.people.untold(found), info)
    return found


async def person_of(context: Context, info: Any, record: ContactRecord) -> PersonRecord | None:
    """The person that a contact belongs to."""
    whose = context.people.learn(record)
    return tell(context, info, await context.people.person_by_contact.load(whose))


async def counterparts(context: Context, info: Any, record: ContactRecord) -> Sequence[ContactRecord]:
    """The other contacts of a contact's person; what is missing is told, as the list cannot say it."""
    found = await person_of(context, info, record)
    if found is None:
        return ()
    context.report([_indexing(source) for source in context.people.unsaid(found)], info)
    own = Key(record.source, record.source_id)
    return [contact for contact in found.contacts if Key(contact.source, contact.source_id) != own]


async def segments(context: Context, info: Any, whose: PersonRecord) -> Sequence[Any]:
    """The segments of all contacts, each once, by name, then source, then id.

    A source that fails leaves the others' segments, and an error.

    Raises:
        UpstreamError: every source failed.
    """
    answers = await settled([_segments_of(context, info, record) for record in whose.contacts])
    failures: list[UpstreamError] = []
    found: dict[Any, Any] = {}
    for answer in answers:
        if isinstance(answer, UpstreamError):
            failures.append(answer)
        elif isinstance(answer, Exception):
            raise answer
        else:
            found.update(((row.source, row.source_id or (row.kind, row.name)), row) for row in answer)
    if failures and len(failures) == len(answers):
        raise failures[0]
    context.report(list({failure.source: failure for failure in failures}.values()), info)
    return sorted(found.values(), key=lambda row: ((row.name or "").casefold(), row.source.rank, row.source_id))


async def _segments_of(context: Context, info: Any, record: ContactRecord) -> Sequence[Any]:
    found = contacts.segments(context, info)(record)
    return found if isinstance(found, Sequence) else await found


async def index_status(context: Context, source: Source) -> IndexStatus | None:
    """How far the index of a source is; None when it has none, or it cannot be read."""
    indexer = context.services.indexer
    try:
        return None if indexer is None else await indexer.status(source)
    except IdentityIndexFailed as error:
        logger.error("%s: %s", source.label, error)
        return None

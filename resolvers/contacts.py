"""Contacts: pages of them, and what one leads to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec.structs import replace

from resolvers import links
from resolvers.connections import Connection, PageRequest, read_connection
from resolvers.context import Context
from resolvers.families import Siblings
from resolvers.filters.checks import binding
from resolvers.filters.contacts import ChosenContacts, ContactFilterInput, at_locations, choose_contacts, in_segments
from resolvers.ids import GlobalId
from resolvers.loaders import Key
from resolvers.paging import PageArgs
from upstreams.feeds import Direction, Feed
from upstreams.records import ContactRecord, CustomField, Entity

MOST_TOGETHER = 50
"""Ids that one call may name, so that its URL stays short."""


class ContactsRequest(PageRequest[ContactRecord], frozen=True, kw_only=True):
    """A page of contacts: of all sources, of a segment or of a location."""

    chosen: ChosenContacts
    direction: Direction

    def family(self) -> ContactsRequest | None:
        """First pages of one list are one reading; of several segments or locations, perhaps one call for all."""
        if not self.args.unbounded:
            return None
        return replace(self, parent=None, args=PageArgs(), direction=self.args.walk(self.direction))

    def asking(self, parents: Sequence[GlobalId]) -> ChosenContacts:
        """What a source is asked for the contacts of any of the parents.

        Beside a parent segment, what the filter says of segments is checked here only; likewise for locations.
        """
        if not parents:
            return self.chosen
        whose = tuple(Key(parent.source, parent.key) for parent in parents)
        if parents[0].entity is Entity.SEGMENT:
            return replace(self.chosen, segments=whose)
        return replace(self.chosen, locations=whose)

    async def load(self, context: Context, siblings: Siblings[ContactRecord] | None) -> Connection[ContactRecord]:
        """Read the page from the sources that can have matching contacts."""
        chosen = self.chosen
        asked = self.asking([self.parent] if self.parent is not None else [])
        more = []
        if self.parent is not None:
            belongs = in_segments if self.parent.entity is Entity.SEGMENT else at_locations
            more.append(belongs((Key(self.parent.source, self.parent.key),)))
        feeds = [
            feed
            for source, api in context.services.sources.items()
            if chosen.wants(source) and asked.wants(source) and (feed := api.contacts(asked.query(source)))
        ]
        if siblings is not None:
            feeds = [self._share(feed, siblings, context) for feed in feeds]
        page = await context.services.pager.page(
            feeds,
            binding=binding(self.field, self.parent, chosen, f"CREATED_AT {self.direction.value}"),
            direction=self.direction,
            args=self.args,
            keep=chosen.keep(context.services.default_region, *more),
        )
        return Connection(page, feeds, countable=chosen.countable and chosen == asked)

    def _share(
        self, own: Feed[ContactRecord], siblings: Siblings[ContactRecord], context: Context
    ) -> Feed[ContactRecord]:
        api, parents = context.services.sources[own.source], siblings.parents(own.source)
        if len(parents) > MOST_TOGETHER:
            return own
        asked = self.asking(parents).query(own.source)
        return siblings.share(own, self.parent, lambda: api.contacts(asked), context.loaders.make)


async def contacts(
    context: Context,
    info: Any,
    field: str,
    parent: GlobalId | None,
    given: ContactFilterInput | None,
    direction: Direction,
    args: PageArgs,
) -> Connection[ContactRecord]:
    """A page of contacts.

    Args:
        field: the field that asks (``Query.contacts``); a cursor belongs to one.
        parent: the segment or location whose contacts are asked for.

    Raises:
        GatewayError: what the client asked for makes no sense.
        UpstreamError: there is nothing to show.
    """
    request = ContactsRequest(
        field=field, parent=parent, chosen=choose_contacts(given, context.limits), direction=direction, args=args
    )
    return await read_connection(request, context, info)


def segments(context: Context, info: Any) -> Callable[[ContactRecord], list[links.SegmentStub] | Awaitable[list[Any]]]:
    """What tells the segments that a contact is in, with no call and no waiting where the record says enough."""
    linked = links.segments(context, info)

    def of(record: ContactRecord) -> list[links.SegmentStub] | Awaitable[list[Any]]:
        refs = record.segment_refs
        return _of_whole(record) if refs is None else linked(record.source, refs)

    async def _of_whole(record: ContactRecord) -> list[Any]:
        whole = await context.loaders.whole_contact_by_id.of(record.source, record.source_id)
        refs = (whole.segment_refs if whole is not None else None) or ()
        found = linked(record.source, refs)
        return found if isinstance(found, list) else await found

    return of


def custom_fields(context: Context, record: ContactRecord) -> Sequence[CustomField] | Awaitable[Sequence[CustomField]]:
    """What the organization added to a contact, with no call where the record says it."""
    found = record.custom_fields
    return found if found is not None else _custom_fields(context, record)


async def _custom_fields(context: Context, record: ContactRecord) -> Sequence[CustomField]:
    whole = await context.loaders.whole_contact_by_id.of(record.source, record.source_id)
    return (whole.custom_fields if whole is not None else None) or ()

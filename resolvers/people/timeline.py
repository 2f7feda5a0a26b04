"""What happened to a person: one timeline over all its contacts."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from resolvers.connections import Connection, PageRequest, read_connection
from resolvers.context import Context
from resolvers.families import Siblings
from resolvers.filters.checks import Check, binding, every
from resolvers.filters.events import ChosenEvents, EventFilterInput, choose_events
from resolvers.ids import GlobalId
from resolvers.loaders import Key
from resolvers.paging import PageArgs
from resolvers.people.person import PersonRecord
from upstreams.feeds import Direction, Feed
from upstreams.records import Entity, EventRecord


class PersonEventsRequest(PageRequest[EventRecord], frozen=True, kw_only=True):
    """A page of what happened to a person.

    A cursor is bound to the person's id, not to its contacts: one that joins later takes its place in the walk from
    where that stands.

    Attributes:
        contacts: whose events are merged.
    """

    contacts: tuple[Key, ...]
    chosen: ChosenEvents
    direction: Direction

    async def load(self, context: Context, siblings: Siblings[EventRecord] | None) -> Connection[EventRecord]:
        """Read the page from a feed for each contact."""
        chosen = self.chosen
        wanted = [contact for contact in self.contacts if chosen.contact in (None, contact)]
        feeds = [feed for contact in wanted if (feed := self._feed(context, contact)) is not None]
        members = frozenset(wanted)
        checks: list[Check[EventRecord]] = [lambda event: (event.source, event.contact_source_id) in members]
        if (rest := replace(chosen, contact=None).keep()) is not None:
            checks.append(rest)
        page = await context.services.pager.page(
            feeds,
            binding=binding(self.field, self.parent, chosen, f"OCCURRED_AT {self.direction.value}"),
            direction=self.direction,
            args=self.args,
            keep=every(checks),
        )
        return Connection(page, feeds, countable=chosen == ChosenEvents(sources=chosen.sources))

    def _feed(self, context: Context, contact: Key) -> Feed[EventRecord] | None:
        narrowed = replace(self.chosen, contact=contact)
        if not narrowed.wants(contact.source):
            return None
        feed = context.services.sources[contact.source].events(narrowed.query())
        if feed is not None:
            feed.part = contact.id
        return feed


async def events(
    context: Context,
    info: Any,
    whose: PersonRecord,
    given: EventFilterInput | None,
    direction: Direction,
    args: PageArgs,
) -> Connection[EventRecord]:
    """A page of one timeline over all contacts of a person.

    Raises:
        GatewayError: what the client asked for makes no sense.
        UpstreamError: there is nothing to show.
    """
    request = PersonEventsRequest(
        field="Person.events",
        parent=GlobalId(Entity.PERSON, whose.source, whose.source_id),
        contacts=tuple(Key(record.source, record.source_id) for record in whose.contacts),
        chosen=choose_events(given, context.limits),
        direction=direction,
        args=args,
    )
    return await read_connection(request, context, info)

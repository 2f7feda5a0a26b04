"""Events: pages of them, of everybody, of one contact or at one location."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from resolvers.connections import Connection, PageRequest, read_connection
from resolvers.context import Context
from resolvers.families import Siblings
from resolvers.filters.checks import binding
from resolvers.filters.events import ChosenEvents, EventFilterInput, choose_events
from resolvers.ids import GlobalId
from resolvers.loaders import Key
from resolvers.paging import PageArgs
from upstreams.feeds import Direction, Feed, TimedFeed
from upstreams.records import Entity, EventRecord


class EventsRequest(PageRequest[EventRecord], frozen=True, kw_only=True):
    """A page of events, of a contact's, a location's or all."""

    holds_all = True

    chosen: ChosenEvents
    direction: Direction

    def narrowed(self) -> ChosenEvents | None:
        """The filter with the parent in it; None when they exclude each other."""
        if self.parent is None:
            return self.chosen
        whose = Key(self.parent.source, self.parent.key)
        if self.parent.entity is Entity.CONTACT:
            return replace(self.chosen, contact=whose) if self.chosen.contact in (None, whose) else None
        return replace(self.chosen, location=whose) if self.chosen.location in (None, whose) else None

    def family(self) -> EventsRequest | None:
        """First pages of everybody's events are one scroll; those at locations one scan, dealt out by location."""
        of_a_contact = self.parent is not None and self.parent.entity is Entity.CONTACT
        if of_a_contact or not self.args.unbounded:
            return None
        return replace(self, parent=None, args=PageArgs(), direction=self.args.walk(self.direction))

    async def load(self, context: Context, siblings: Siblings[EventRecord] | None) -> Connection[EventRecord]:
        """Read the page from the sources that can have matching events."""
        chosen = self.narrowed()
        feeds = [
            feed
            for source, api in context.services.sources.items()
            if chosen is not None and chosen.wants(source) and (feed := api.events(chosen.query()))
        ]
        if siblings is not None:
            feeds = [self._share(feed, siblings, context) for feed in feeds]
        timed = all(isinstance(feed, TimedFeed) for feed in feeds)
        page = await context.services.pager.page(
            feeds,
            binding=binding(self.field, self.parent, self.chosen, f"OCCURRED_AT {self.direction.value}"),
            direction=self.direction,
            args=self.args,
            keep=None if chosen is None else chosen.keep(timed=timed),
        )
        # An upstream's total knows nothing of what is filtered here, so only a whole list of events is counted.
        return Connection(page, feeds, countable=self.chosen == ChosenEvents(sources=self.chosen.sources))

    def _share(self, own: Feed[EventRecord], siblings: Siblings[EventRecord], context: Context) -> Feed[EventRecord]:
        api, asked = context.services.sources[own.source], self.chosen.query(placed=self.parent is not None)
        return siblings.share(own, self.parent, lambda: api.events(asked), context.loaders.make)


async def events(
    context: Context,
    info: Any,
    field: str,
    parent: GlobalId | None,
    given: EventFilterInput | None,
    direction: Direction,
    args: PageArgs,
) -> Connection[EventRecord]:
    """A page of events.

    Args:
        field: the field that asks (``Contact.events``); a cursor belongs to one.
        parent: the contact or location whose events are asked for.

    Raises:
        GatewayError: what the client asked for makes no sense.
        UpstreamError: there is nothing to show.
    """
    request = EventsRequest(
        field=field, parent=parent, chosen=choose_events(given, context.limits), direction=direction, args=args
    )
    return await read_connection(request, context, info)

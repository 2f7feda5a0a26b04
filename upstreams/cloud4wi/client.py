"""The REST API, one method an endpoint."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from upstreams.cloud4wi import assumptions, parameters
from upstreams.cloud4wi.auth import ServiceAccount
from upstreams.cloud4wi.decode import (
    ContactDecoder,
    EventFramesDecoder,
    EventsDecoder,
    OneDecoder,
    RowsDecoder,
    any_json,
)
from upstreams.cloud4wi.opening import Opening
from upstreams.cloud4wi.parameters import Params
from upstreams.cloud4wi.records import Contact, Event, Hotspot, Location, Segment
from upstreams.cloud4wi.refusals import expiry, refusal
from upstreams.errors import ScrollExpired
from upstreams.feeds import SPENT, Bounds, Rows
from upstreams.http.cache import NEVER, Keep
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.requests import target
from upstreams.http.wire import Endpoint, Wire, segment
from upstreams.records import Source

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


def _read(operation: str, decode: Callable[[bytes], T], keep: Keep = NEVER) -> Endpoint[T]:
    """An endpoint that answers with what is asked for."""
    return Endpoint.of(operation, "GET", decode, refusal(operation), keep=keep)


def _one(operation: str, decode: Callable[[bytes], T | None], keep: Keep) -> Endpoint[T | None]:
    """An endpoint that answers with one record, if there is such a one."""
    return Endpoint.of(operation, "GET", decode, refusal(operation), absent_is_none=True, keep=keep)


_DEVICES = _read("devices", any_json)
_ACCOUNTINGS = _read("accountings", any_json)


class Client:
    """Cloud4Wi's endpoints.

    Args:
        wire: what the calls travel over.
        service: who we are.
        keeping: how long whole lists and single records may be reused.

    Attributes:
        malformed_rows: how many rows were left out since the start because they made no sense.
    """

    def __init__(self, wire: Wire, service: ServiceAccount, keeping: Keeping = NOTHING) -> None:
        self._wire = wire
        self._service = service
        self.malformed_rows = 0
        self._contacts = RowsDecoder(
            Contact, "customers", self._lost("customers"), assumptions.CONTACTS_SCROLL_FIELDS.assumed
        )
        self._organization_events = EventsDecoder(self._lost("organizationEvents"))
        self._organization_event_frames = EventFramesDecoder(self._lost("organizationEvents"))
        self._organization_customer_events = _read(
            "organizationCustomerEvents", EventsDecoder(self._lost("organizationCustomerEvents"))
        )
        lists, entities = keeping.lists, keeping.entities
        self._customer = _one("customer", ContactDecoder(), entities["Contact"])
        self._customer_events = _read("customerEvents", EventsDecoder(self._lost("customerEvents")))
        self._segments = _read("segments", RowsDecoder(Segment, "segments", self._lost("segments")), lists["Segment"])
        self._locations = _read(
            "locations", RowsDecoder(Location, "locations", self._lost("locations")), lists["Location"]
        )
        self._location = _one("location", OneDecoder(Location, "location"), entities["Location"])
        self._hotspots = _read("hotspots", RowsDecoder(Hotspot, "hotspots", self._lost("hotspots")), lists["Hotspot"])
        self._hotspot = _one("hotspot", OneDecoder(Hotspot, "hotspot"), entities["Hotspot"])

    async def customers(
        self,
        bounds: Bounds,
        *,
        reverse: bool,
        size: int,
        segments: Sequence[str] | None = None,
        locations: Sequence[str] | None = None,
        modified: Bounds | None = None,
        scroll: str | None = None,
    ) -> Rows[Contact]:
        """Contacts by time of creation; ``scroll`` is the id of the answer before.

        Raises:
            ScrollExpired: the id is no longer good.
        """
        params = parameters.of_contacts(
            bounds, reverse, size, segments=segments, locations=locations, modified=modified, scroll=scroll
        )
        path = f"/v2/customers/organizations/{await self._service.organization()}"
        return await self._scroll("customers", path, self._contacts, params, scroll)

    def customer(self, contact_id: str) -> asyncio.Future[Contact | None]:
        """One contact; None when it is gone."""
        return self._wire.ask(self._customer, f"/v2/customers/{segment(contact_id)}")

    def customer_events(self, contact_id: str) -> asyncio.Future[Rows[Event]]:
        """A contact's events from the endpoint whose parameters and answer the documents leave unknown."""
        return self._wire.ask(self._customer_events, f"/v2/customers/{segment(contact_id)}/events")

    def devices(self, contact_id: str) -> asyncio.Future[Any]:
        """A contact's devices, as plain JSON."""
        return self._wire.ask(_DEVICES, f"/v2/customers/{segment(contact_id)}/devices")

    def accountings(self, contact_id: str) -> asyncio.Future[Any]:
        """A contact's Wi-Fi sessions, as plain JSON."""
        return self._wire.ask(_ACCOUNTINGS, f"/v2/customers/{segment(contact_id)}/accountings")

    async def organization_events(
        self,
        bounds: Bounds,
        *,
        reverse: bool,
        size: int,
        types: Sequence[str] | None = None,
        scrolling: bool = True,
        scroll: str | None = None,
        frames: bool = False,
    ) -> Rows[Event]:
        """The organization's events.

        Args:
            scroll: the id of the answer before.
            frames: only the frame of each is read, so that no more is decoded; then each is an :class:`EventFrame`.

        Raises:
            ScrollExpired: the id is no longer good.
        """
        decode: Callable[[bytes], Rows[Any]] = self._organization_event_frames if frames else self._organization_events
        params = parameters.of_events(bounds, reverse, size, types, scrolling=scrolling, scroll=scroll)
        path = f"/v1/organizations/{await self._service.organization()}/events"
        if not scrolling:
            return await self._wire.ask(_read("organizationEvents", decode), target(path, params))
        return await self._scroll("organizationEvents", path, decode, params, scroll)

    async def organization_customer_events(
        self, contact_id: str, bounds: Bounds, *, reverse: bool, size: int, types: Sequence[str] | None = None
    ) -> Rows[Event]:
        """A contact's events; no scroll."""
        path = f"/v1/organizations/{await self._service.organization()}/customers/{segment(contact_id)}/events"
        params = parameters.of_events(bounds, reverse, size, types)
        return await self._wire.ask(self._organization_customer_events, target(path, params))

    async def segments(self) -> Rows[Segment]:
        """All segments."""
        return await self._wire.ask(self._segments, f"/v2/segments/organizations/{await self._service.organization()}")

    async def locations(self) -> Rows[Location]:
        """All locations."""
        return await self._wire.ask(
            self._locations, f"/v1/organizations/{await self._service.organization()}/locations"
        )

    def location(self, location_id: str) -> asyncio.Future[Location | None]:
        """One location; None when it is gone."""
        return self._wire.ask(self._location, f"/v1/locations/{segment(location_id)}")

    async def hotspots(self) -> Rows[Hotspot]:
        """All access points."""
        return await self._wire.ask(self._hotspots, f"/v3/hotspots/organizations/{await self._service.organization()}")

    def hotspot(self, hotspot_id: str) -> asyncio.Future[Hotspot | None]:
        """One access point; None when it is gone."""
        return self._wire.ask(self._hotspot, f"/v3/hotspots/{segment(hotspot_id)}")

    async def put_policies(self, contact_id: str, policies: object) -> Any:
        """Change what a contact agreed to: plain JSON in and out, since the documents show neither."""
        return await self._wire.call(
            "putPolicies",
            "PUT",
            f"/v1/customers/{segment(contact_id)}/policies",
            json=policies,
            decode=any_json,
            check=refusal("putPolicies"),
        )

    async def delete_customer(self, contact_id: str) -> None:
        """Delete a contact.

        Raises:
            UpstreamNotFound: there is no such contact.
        """
        await self._wire.call(
            "deleteCustomer",
            "DELETE",
            f"/v1/customers/{segment(contact_id)}",
            decode=bytes,
            check=refusal("deleteCustomer"),
        )

    async def organization(self) -> str:
        """The organization's cid as a path segment; finds it when it is not set."""
        return await self._service.organization()

    async def plain(self, path: str, params: Params = ()) -> Any:
        """Any GET as plain JSON, sent for itself and once: to look at what the documents leave open."""
        return await self._wire.call(
            "examine",
            "GET",
            path,
            params=params,
            decode=any_json,
            check=refusal("examine"),
            idempotent=False,
            shareable=False,
        )

    async def _scroll(
        self, operation: str, path: str, decode: Callable[[bytes], Rows[R]], params: Params, scroll: str | None
    ) -> Rows[R]:
        """Open a scroll, or go on from an id: that call is never sent twice nor shared, for it moves the scroll."""
        if scroll is None:
            opening = _read(operation, lambda body: Opening(operation, decode, body))
            return (await self._wire.ask(opening, target(path, params))).take(decode)
        if scroll == SPENT:
            raise ScrollExpired(Source.CLOUD4WI, operation, "another walk goes on from this scroll")
        return await self._wire.call(
            operation,
            "GET",
            path,
            params=params,
            decode=decode,
            check=expiry(operation),
            idempotent=assumptions.SCROLL_LOST.assumed,
            shareable=False,
        )

    def _lost(self, operation: str) -> Callable[[int, int], None]:
        """Counts and logs the rows that an answer lost, without what was in them."""

        def lost(malformed: int, received: int) -> None:
            self.malformed_rows += malformed
            logger.warning("Cloud4Wi: %s: %d of %d rows are malformed and left out", operation, malformed, received)

        return lost

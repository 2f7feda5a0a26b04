"""Which assumptions about the upstream hold: what ``contactgraph doctor`` tells of Cloud4Wi.

Reads a row of each kind as plain JSON and looks at its shape. No value of a record is told, only names of fields.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from upstreams.cloud4wi import assumptions
from upstreams.cloud4wi.client import Client
from upstreams.cloud4wi.settings import ORGANIZATION
from upstreams.errors import UpstreamError
from upstreams.http.wire import segment
from upstreams.source import Finding

_EVENTS = assumptions.EVENTS_PARAMETERS.assumed
_CONTACTS = assumptions.CONTACTS_PARAMETERS.assumed


class Examination:
    """One examination; each check reads what it needs, and what several need once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._organization = ""
        self._contact = ""

    async def findings(self) -> AsyncIterator[Finding]:
        """A finding for each assumption that can be looked at; what cannot be read is a finding too."""
        checks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
            ("organization", self._find_organization),
            ("scroll and shape of events", self._events),
            ("direction of events", self._direction),
            ("scroll of contacts", self._contacts),
            ("shape of one contact", self._one_contact),
            ("devices of a contact", lambda: self._unknown("devices")),
            ("accountings of a contact", lambda: self._unknown("accountings")),
            ("organization of a location", self._location),
        ]
        for name, check in checks:
            try:
                yield Finding(name, True, await check())
            except UpstreamError as error:
                yield Finding(name, False, error.reason)
                if not self._organization:
                    return

    async def _find_organization(self) -> str:
        self._organization = await self._client.organization()
        return f"known (set in {ORGANIZATION.name} or told by the token)"

    async def _events(self) -> str:
        first = await self._read_events(reverse=True)
        place, scroll = scroll_place(first)
        told = [f"events are {event_shape(first)}", f"scroll id: {place}"]
        if scroll is not None:
            _, following = scroll_place(await self._read_events(reverse=True, scroll=scroll))
            told.append("the next page carries " + next_id(scroll, following))
        return "; ".join(told)

    async def _direction(self) -> str:
        one, other = [
            event_time(await self._read_events(reverse=reverse, scrolling=False)) for reverse in (True, False)
        ]
        if one is None or other is None or one == other:
            return "too few events to tell"
        return f"sortReverse=true puts the {'latest' if one > other else 'earliest'} first"

    async def _contacts(self) -> str:
        params = [
            (_CONTACTS["sort"], assumptions.CONTACTS_SORT.assumed),
            (_CONTACTS["reverse"], "true"),
            (_CONTACTS["size"], "1"),
        ]
        answer = await self._client.plain(f"/v2/customers/organizations/{self._organization}", params)
        self._contact = str(first_row(answer, "customers").get("cid") or "")
        total = "told" if "totalCount" in fields(answer) else "not told"
        return f"scroll id: {scroll_place(answer)[0]}; totalCount: {total}"

    async def _one_contact(self) -> str:
        if not self._contact:
            return "no contact to look at"
        answer = fields(await self._client.plain(f"/v2/customers/{segment(self._contact)}"))
        return next(
            (f"under {name}" for name in assumptions.ONE_CONTACT_FIELDS.assumed if name in answer), "the answer itself"
        )

    async def _unknown(self, name: str) -> str:
        if not self._contact:
            return "no contact to look at"
        answer = await self._client.plain(f"/v2/customers/{segment(self._contact)}/{name}")
        return f"{shape(answer)}; a row is {shape(first_row(answer, name))}"

    async def _location(self) -> str:
        answer = await self._client.plain(f"/v1/organizations/{self._organization}/locations")
        names = assumptions.LOCATION_ORGANIZATION.assumed
        return next((name for name in names if name in first_row(answer, "locations")), "not told")

    async def _read_events(self, *, reverse: bool, scrolling: bool = True, scroll: str | None = None) -> Any:
        params = [
            (_EVENTS["sort"], assumptions.EVENTS_SORT.assumed),
            (_EVENTS["reverse"], "true" if reverse else "false"),
            (_EVENTS["size"], "1"),
        ]
        if scrolling:
            params.append((_EVENTS["enable_scroll"], "true"))
        if scroll is not None:
            params.append((_EVENTS["scroll"], scroll))
        return await self._client.plain(f"/v1/organizations/{self._organization}/events", params)


def fields(answer: Any) -> dict[str, Any]:
    """The fields of an object; none of anything else."""
    return answer if isinstance(answer, dict) else {}


def first_row(answer: Any, name: str) -> dict[str, Any]:
    """The first row of a list under a name; empty when there is none."""
    rows = fields(answer).get(name)
    return fields(rows[0]) if isinstance(rows, list) and rows else {}


def scroll_place(answer: Any) -> tuple[str, str | None]:
    """Where the scroll id stands, and the id."""
    told = fields(answer)
    for name in assumptions.SCROLL_FIELDS.assumed:
        if told.get(name):
            return name, str(told[name])
    nested = fields(told.get("scroll")).get("id")
    return ("scroll.id", str(nested)) if nested else ("none", None)


def next_id(scroll: str, following: str | None) -> str:
    """What a page says of the way on."""
    if following is None:
        return "no id"
    return "the same id" if following == scroll else "a new id"


def event_shape(answer: Any) -> str:
    """How events are laid out."""
    row = first_row(answer, "events")
    if not row:
        return "not there to look at"
    return "nested" if isinstance(row.get("event"), dict) else "flat"


def event_time(answer: Any) -> str | None:
    """When the first event happened."""
    time = fields(first_row(answer, "events").get("when")).get("createdAt")
    return time if isinstance(time, str) else None


def shape(value: Any) -> str:
    """What kind of JSON it is, with the names of its fields."""
    match value:
        case dict():
            return f"an object with {', '.join(sorted(value))}" if value else "an empty object"
        case list():
            return "a list"
        case None:
            return "empty"
    return "a single value"

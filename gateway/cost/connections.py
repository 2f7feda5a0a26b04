"""What pages of events and contacts cost: which sources are asked, how each gives out its list, who shares what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.cost.ledger import Group
from gateway.cost.pages import Asked, Kind, Reading, page_calls, scan_calls
from gateway.cost.sources import PROFILES, Profile
from gateway.cost.table import Page, Rows
from gateway.cost.visit import Bag, Visit, given_sources
from resolvers.contacts import MOST_TOGETHER
from resolvers.ids import id_or_none
from resolvers.people.growth import MOST_CONTACTS
from upstreams.feeds import Direction
from upstreams.records import Source


def page(rule: Page, visit: Visit) -> list[Bag]:
    """Charge a page of a connection; its rows."""
    bag, most = visit.bag, visit.config.max_page
    asked = Asked.of(visit.arguments, most)
    given = visit.arguments.get("filter") or {}
    sources = given_sources(given.get("sources"), visit)
    if rule.rows in (Rows.SEGMENTS, Rows.LOCATIONS):
        visit.lists(rule.rows.name.lower(), sources)
        kind = f"{rule.rows.value}Connection"
        return [replace(bag, type=kind, count=asked.count, sources=sources, group=visit.ledger.group(), listed=True)]
    if rule.rows is Rows.EVENTS:
        return _events(rule, visit, asked, given, sources)
    return _contacts(rule, visit, asked, given, sources)


def _connection(rule: Page, visit: Visit, asked: Asked, sources: Sequence[Source], **more: Any) -> Bag:
    bag = visit.bag
    count = bag.count * asked.count
    values: dict[str, Any] = {
        "type": f"{rule.rows.value}Connection",
        "count": count,
        "sources": sources,
        "contacts": count,
        "arrivals": bag.count,
        "group": bag.group if rule.parent else visit.ledger.group(),
        "whole": False,
    }
    return replace(bag, **(values | more))


def _read(visit: Visit, asked: Asked, scans: dict[Source, bool], readings: dict[Source, Reading], group: Group) -> None:
    """One page, of several sources: the scan budget is one for all of them."""
    pages = {source: page_calls(readings[source], asked) for source in readings if not scans[source]}
    for source, calls in pages.items():
        visit.ledger.once(visit.path, source, calls)
    budget = visit.config.scan_rows
    scanned = {source: scan_calls(readings[source], asked, budget) for source in readings if scans[source]}
    for source in scanned:
        visit.ledger.once(visit.path, source, page_calls(readings[source], asked) - 1)
    visit.each(scanned, group)


def _events(rule: Page, visit: Visit, asked: Asked, given: dict[str, Any], sources: list[Source]) -> list[Bag]:
    bag = visit.bag
    whose = None if given.get("contactId") is None else id_or_none(given["contactId"])
    place = given.get("locationId") is not None or rule.parent == "Location"
    if whose is not None:
        sources = [source for source in sources if source is whose.source]
    if place:
        sources = [source for source in sources if "locations" in PROFILES[source].lists]
    if (types := given.get("types")) is not None:
        sources = [source for source in sources if PROFILES[source].has & set(types)]
    of_one = rule.parent in {"Contact", "Person"} or given.get("contactId") is not None
    scans = {source: place or _scans_events(PROFILES[source], given, of_one) for source in sources}
    readings = {source: PROFILES[source].timeline if of_one else PROFILES[source].events for source in sources}
    if rule.parent is None:
        below = _connection(rule, visit, asked, sources, **({"contacts": 1} if of_one else {}))
        _read(visit, asked, scans, readings, below.group)
        return [below]
    if rule.parent == "Location":
        # One scan for all of them, where they begin at an end of the list.
        scanning = 1 if not asked.resumed else bag.count
        visit.each({source: scanning * scan_calls(readings[source], asked, visit.config.scan_rows) for source in scans})
        return [_connection(rule, visit, asked, sources)]
    feeds = bag.count * (MOST_CONTACTS if rule.parent == "Person" else 1)
    group = visit.ledger.group() if rule.parent == "Person" else bag.group
    calls = {
        source: scan_calls(readings[source], asked, visit.config.scan_rows)
        if scans[source]
        else page_calls(readings[source], asked)
        for source in sources
    }
    visit.each({source: feeds * count for source, count in calls.items()}, group)
    rows = bag.count * asked.count
    return [_connection(rule, visit, asked, sources, contacts=min(feeds, rows), group=group)]


def _scans_events(profile: Profile, given: dict[str, Any], of_one: bool) -> bool:
    """A filter on events that the source does not apply itself."""
    if not profile.timed and not of_one and (given.get("from") is not None or given.get("to") is not None):
        return True
    types = given.get("types")
    return types is not None and not profile.has & set(types) <= profile.types


def _contacts(rule: Page, visit: Visit, asked: Asked, given: dict[str, Any], sources: list[Source]) -> list[Bag]:
    bag = visit.bag
    used = {name for name, value in given.items() if value is not None and name != "sources"}
    wanted = used | {f"{rule.parent.lower()}Ids"} if rule.parent else used
    if "locationIds" in wanted:
        sources = [source for source in sources if "locations" in PROFILES[source].lists]
    several = len(given.get("segmentIds") or ()) > 1
    scans = {
        source: not wanted <= PROFILES[source].filters or (several and source is Source.RECHAT) for source in sources
    }
    readings = {source: PROFILES[source].contacts for source in sources}
    ordered = (given_order := visit.arguments.get("orderBy")) is None or given_order["direction"] is Direction.DESC
    listed = not asked.resumed and not used and ordered
    extra = {source: int(source is Source.RECHAT and "segmentIds" in wanted) for source in sources}
    if rule.parent is None:
        below = _connection(rule, visit, asked, sources, listed=listed)
        _read(visit, asked, scans, readings, below.group)
        for source in sources:
            visit.ledger.once(visit.path, source, extra[source] * (1 + asked.looks_back))
        return [below]
    calls = {}
    for source in sources:
        reading = readings[source]
        one = scan_calls(reading, asked, visit.config.scan_rows) if scans[source] else page_calls(reading, asked)
        together = reading.unfiltered and not asked.resumed and bag.count <= MOST_TOGETHER
        alone = (1 if together else bag.count) * (one + extra[source] * (1 + asked.looks_back))
        shared = reading.kind is Kind.SCROLL and not asked.resumed and 1 < bag.count <= MOST_TOGETHER
        calls[source] = alone + shared
    visit.each(calls)
    return [_connection(rule, visit, asked, sources, listed=True)]

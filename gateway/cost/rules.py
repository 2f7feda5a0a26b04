"""What the rules of the table charge, and which objects they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.cost.pages import Asked, Kind, page_calls, scan_calls
from gateway.cost.sources import PROFILES, Profile
from gateway.cost.table import (
    FEW,
    KEYS_OF_PERSON,
    WRITE,
    WRITE_EACH,
    ById,
    Call,
    Definitions,
    FromList,
    Link,
    Many,
    Page,
    PersonOf,
    Rows,
    Rule,
    SegmentsOf,
    Total,
    Write,
)
from gateway.cost.visit import Bag, Visit
from resolvers.contacts import MOST_TOGETHER
from resolvers.errors import InvalidId
from resolvers.ids import GlobalId, parse_id
from resolvers.people.growth import MOST_CONTACTS
from upstreams.feeds import Direction
from upstreams.records import Entity, Source

_TYPES = {
    Entity.CONTACT: "Contact",
    Entity.EVENT: "Event",
    Entity.SEGMENT: "Segment",
    Entity.LOCATION: "Location",
    Entity.PERSON: "Person",
    Entity.COMPANY: "Company",
    Entity.DEFINITION: "AttributeDefinition",
    Entity.JOB: "Job",
}


def apply(rule: Rule | None, visit: Visit) -> Sequence[Bag]:
    """Charge what a field costs; the objects that it leads to, as far as more can be asked of them."""
    bag = visit.bag
    match rule:
        case None:
            # A part of the record, or of a page; a list of parts is taken for one of few.
            same = not visit.many or visit.type.endswith("Edge") or bag.type.endswith("Connection")
            return [replace(bag, type=visit.type, count=bag.count if same else bag.count * FEW)]
        case ById():
            return _by_id(rule, visit)
        case Page():
            return _page(rule, visit)
        case Link():
            return _link(rule, visit)
        case SegmentsOf():
            return _segments(rule, visit)
        case FromList():
            visit.lists(rule.name, bag.sources)
            return [replace(bag, type=rule.to, count=bag.count * rule.most)]
        case Call():
            return _call(rule, visit)
        case Definitions():
            for source in _given(visit.arguments.get("sources"), visit):
                if source is not Source.CLOUD4WI:
                    visit.ledger.once(visit.path, source, 1)
            return [replace(bag, type=visit.type, count=FEW)]
        case PersonOf():
            return _person(rule, visit)
        case Many():
            people = bag.type in {"Person", "PersonMatch"}
            count = bag.count * rule.most
            # The contacts of one person are of any sources, so each may be of the dearest.
            group = visit.ledger.group() if bag.type == "Person" else bag.group
            contacts = count if rule.to == "Contact" else bag.contacts * rule.most
            sources = visit.config.sources if people else bag.sources
            return [replace(bag, type=rule.to, count=count, contacts=contacts, group=group, sources=sources)]
        case Total():
            if not bag.listed:
                visit.each(dict.fromkeys(bag.sources, bag.arrivals))
            return []
        case Write():
            return _write(visit)


def _given(sources: Sequence[Source] | None, visit: Visit) -> list[Source]:
    """The sources that a filter leaves."""
    return [source for source in visit.bag.sources if sources is None or source in sources]


def _parsed(text: Any) -> GlobalId | None:
    try:
        return parse_id(text)
    except InvalidId:
        return None


def _by_id(rule: ById, visit: Visit) -> list[Bag]:
    """An id that cannot be read is refused without a call; where its value is not known, it may be of any source."""
    given = visit.arguments.get(rule.argument)
    texts = dict.fromkeys(given if isinstance(given, list) else [given])
    if len(texts) > visit.config.max_ids:
        return []
    found: dict[tuple[Entity, Source | None], int] = {}
    for text in texts:
        parsed = _parsed(text)
        if parsed is not None and rule.entity in (None, parsed.entity):
            if parsed.source in visit.config.sources:
                found[parsed.entity, parsed.source] = found.get((parsed.entity, parsed.source), 0) + 1
        elif parsed is None and isinstance(text, Unknown):
            for entity in (rule.entity,) if rule.entity else _ANY:
                found[entity, None] = found.get((entity, None), 0) + 1
    return [_known(visit, entity, source, count) for (entity, source), count in found.items()]


class Unknown(str):
    """Stands for an id whose value is not known."""

    __slots__ = ()


_ANY = (Entity.CONTACT, Entity.EVENT, Entity.SEGMENT, Entity.LOCATION, Entity.PERSON)


def _known(visit: Visit, entity: Entity, source: Source | None, count: int) -> Bag:
    """Objects of one type, read by their ids."""
    sources = visit.config.sources if source is None else [source]
    kind = _TYPES[entity]
    bag = Bag(type=kind, count=count, group=visit.ledger.group(), sources=sources, contacts=count)
    match entity:
        case Entity.CONTACT:
            visit.loads(bag)
        case Entity.EVENT:
            visit.each({each: PROFILES[each].event * count for each in sources}, bag.group)
        case Entity.SEGMENT:
            visit.lists("segments", sources)
        case Entity.LOCATION:
            visit.lists("locations", sources)
        case Entity.PERSON:
            visit.loads(bag)
            return _grow(visit, bag)
        case Entity.COMPANY | Entity.DEFINITION:
            visit.each(dict.fromkeys(sources, count), bag.group)
        case Entity.JOB:
            pass
    return bag


def _link(rule: Link, visit: Visit) -> list[Bag]:
    bag = replace(visit.bag, type=rule.to)
    enough = visit.selected <= rule.carries
    if rule.to == "Location":
        if not enough:
            visit.lists("locations", bag.sources)
        return [bag]
    bag = replace(bag, count=min(bag.count, bag.contacts))
    if not enough:
        visit.loads(bag)
    return [bag]


def _segments(rule: SegmentsOf, visit: Visit) -> list[Bag]:
    bag = visit.bag
    if bag.whole:
        visit.loads(bag)
    sources = visit.config.sources if bag.type == "Person" else bag.sources
    visit.lists("segments", [source for source in sources if not visit.selected <= PROFILES[source].refs])
    return [replace(bag, type="Segment", count=bag.count * rule.most, sources=sources)]


def _call(rule: Call, visit: Visit) -> list[Bag]:
    bag = visit.bag
    if rule.source not in bag.sources:
        return []
    visit.each({rule.source: rule.calls * bag.count})
    size = visit.arguments.get(rule.size) if rule.size else rule.most
    count = bag.count * (size if isinstance(size, int) and size > 0 else 1)
    return [
        replace(bag, type=rule.to, count=count, contacts=count, sources=[rule.source], whole=rule.whole, listed=False)
    ]


def _person(rule: PersonOf, visit: Visit) -> list[Bag]:
    bag = visit.bag
    if bag.type == "Query":
        bag = replace(bag, group=visit.ledger.group())
        if (text := visit.arguments.get("contactId")) is not None:
            parsed = _parsed(text)
            if parsed is None and not isinstance(text, Unknown):
                return []
            visit.loads(replace(bag, sources=[parsed.source] if parsed else bag.sources))
    person = _grow(visit, replace(bag, type="Person"))
    if rule.contacts:
        count = bag.count * MOST_CONTACTS
        group = visit.ledger.group()
        return [replace(person, type="Contact", count=count, contacts=count, group=group, sources=visit.config.sources)]
    return [person]


def _grow(visit: Visit, bag: Bag) -> Bag:
    """Each person asks about the keys of all contacts it may have, and reads those that an index named."""
    for source in visit.config.sources:
        profile = PROFILES[source]
        calls = MOST_CONTACTS + 1
        if profile.search is not None:
            calls = profile.search * KEYS_OF_PERSON + MOST_CONTACTS * profile.reread
        visit.ledger.once(visit.path, source, calls * bag.count)
    return replace(bag, sources=visit.config.sources, arrivals=bag.count)


def _page(rule: Page, visit: Visit) -> list[Bag]:
    bag, most = visit.bag, visit.config.max_page
    asked = Asked.of(visit.arguments, most)
    given = visit.arguments.get("filter") or {}
    sources = _given(given.get("sources"), visit)
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


def _read(visit: Visit, asked: Asked, scans: dict[Source, bool], readings: dict[Source, Any], group: int) -> None:
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
    whose = None if given.get("contactId") is None else _parsed(given["contactId"])
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
        alone = bag.count * (one + extra[source] * (1 + asked.looks_back))
        shared = reading.kind is Kind.SCROLL and not asked.resumed and 1 < bag.count <= MOST_TOGETHER
        calls[source] = alone + shared
    visit.each(calls)
    return [_connection(rule, visit, asked, sources, listed=True)]


def _write(visit: Visit) -> list[Bag]:
    """What a mutation costs depends on what is there; it is counted by the size of its input."""
    items = _items(visit.arguments)
    visit.each(dict.fromkeys(visit.config.sources, WRITE + WRITE_EACH * items))
    return [replace(visit.bag, type=visit.type, count=1, contacts=1)]


def _items(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_items, value.values()))
    if isinstance(value, list):
        return sum(1 + _items(item) for item in value)
    return 0

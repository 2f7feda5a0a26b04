"""What the rules of the table charge, and which objects they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.cost.connections import page
from gateway.cost.sources import PROFILES
from gateway.cost.table import (
    FEW,
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
    Rule,
    SegmentsOf,
    Total,
    Write,
)
from gateway.cost.visit import Bag, Visit, given_sources
from resolvers.ids import id_or_none
from resolvers.people.growth import MOST_CONTACTS, MOST_KEYS, MOST_ROUNDS
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
            return page(rule, visit)
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
            for source in given_sources(visit.arguments.get("sources"), visit):
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


def _by_id(rule: ById, visit: Visit) -> list[Bag]:
    """An id that cannot be read is refused without a call; where its value is not known, it may be of any source."""
    given = visit.arguments.get(rule.argument)
    texts = dict.fromkeys(given if isinstance(given, list) else [given])
    found: dict[tuple[Entity, Source | None], int] = {}
    for text in texts:
        parsed = id_or_none(text)
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
            parsed = id_or_none(text)
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
        # What an index names is read contact by contact, or twice a round where one call reads many.
        calls = MOST_CONTACTS + 1 if profile.batch == 1 else 2 * MOST_ROUNDS
        if profile.search is not None:
            calls += profile.search * MOST_KEYS
        visit.ledger.once(visit.path, source, calls * bag.count)
    return replace(bag, sources=visit.config.sources, arrivals=bag.count)


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

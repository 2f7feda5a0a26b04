"""What each field costs, in one table.

A field that is not in it reads what is at hand. :mod:`gateway.cost.walk` does what a rule says; the numbers of the
sources are in :mod:`gateway.cost.sources`. A test holds that every field that leads to an object of a source is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from resolvers.links import ContactStub, LocationStub
from resolvers.people.growth import MOST_CONTACTS
from upstreams.records import Entity, Source

FEW = 10
"""How many objects stand in a list that a record carries and whose length nobody knows beforehand: the segments of a
contact, what Rechat takes for duplicates. An estimate; such lists cost calls only where their objects do."""

WRITE = 8
"""Calls of a mutation: to read what it changes, to change it, to read it again."""

WRITE_EACH = 4
"""The same for each element of its input's lists."""


class Rows(Enum):
    """What a connection lists."""

    CONTACTS = "Contact"
    EVENTS = "Event"
    SEGMENTS = "Segment"
    LOCATIONS = "Location"


@dataclass(frozen=True, slots=True)
class ById:
    """Objects by global ids: a contact is a call (a hundred of Rechat's are one), the others come out of whole lists.

    Attributes:
        argument: holds one id or several.
        entity: what they must name; None: anything.
    """

    argument: str
    entity: Entity | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a connection.

    Attributes:
        rows: what it lists.
        parent: whose rows: the type of the object that the field is on; None: all.
    """

    rows: Rows
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The object that a record points to: no call while only what the record carries is asked for.

    Attributes:
        to: its type.
        carries: the names of fields.
    """

    to: str
    carries: frozenset[str]


@dataclass(frozen=True, slots=True)
class SegmentsOf:
    """The segments that contacts name: no call while the names are enough, else the whole list.

    Attributes:
        most: of one object.
    """

    most: int = FEW


@dataclass(frozen=True, slots=True)
class FromList:
    """Objects out of a source's complete list, which a request reads once.

    Attributes:
        name: of the list.
        to: their type.
        most: how many an object has.
    """

    name: str
    to: str
    most: int = 1


@dataclass(frozen=True, slots=True)
class Call:
    """Calls to one source, for each object that the field is on.

    Attributes:
        source: which.
        calls: how many.
        to: the type of what it leads to; empty: nothing that costs.
        most: how many of them.
        size: the argument that says how many, instead.
        whole: contacts among them lack what only a contact's own answer tells.
    """

    source: Source
    calls: int = 1
    to: str = ""
    most: int = 1
    size: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Definitions:
    """One call for each source that has definitions of attributes."""


@dataclass(frozen=True, slots=True)
class PersonOf:
    """A person: its bound of rounds and contacts, whatever it turns out to be.

    Attributes:
        contacts: the field gives the person's contacts instead.
    """

    contacts: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """What a record has several of; costs nothing itself."""

    to: str
    most: int = FEW


@dataclass(frozen=True, slots=True)
class Total:
    """The number of rows of a connection: with the page where that reads all of the list, else one call a source."""


@dataclass(frozen=True, slots=True)
class Write:
    """A mutation."""


Rule = ById | Page | Link | SegmentsOf | FromList | Call | Definitions | PersonOf | Many | Total | Write

_ACQUIRE, _CLOUD4WI, _RECHAT = Source.ACQUIRE, Source.CLOUD4WI, Source.RECHAT
_CONTACT = Link("Contact", ContactStub.carries)
_LOCATION = Link("Location", LocationStub.carries | {"name"})

TABLE: Mapping[str, Rule] = {
    "Query.node": ById("id"),
    "Query.nodes": ById("ids"),
    "Query.contact": ById("id", Entity.CONTACT),
    "Query.segment": ById("id", Entity.SEGMENT),
    "Query.location": ById("id", Entity.LOCATION),
    "Query.company": ById("id", Entity.COMPANY),
    "Query.contacts": Page(Rows.CONTACTS),
    "Query.events": Page(Rows.EVENTS),
    "Query.segments": Page(Rows.SEGMENTS),
    "Query.locations": Page(Rows.LOCATIONS),
    "Query.person": PersonOf(),
    "Query.attributeDefinitions": Definitions(),
    "Query.companies": Call(_ACQUIRE, to="Companies", size="size"),
    "Query.contactBlock": Call(_ACQUIRE, to="ContactBlock"),
    "Query.contactBlocks": Call(_ACQUIRE, to="ContactBlock", most=FEW),
    "Query.contactCards": Call(_ACQUIRE, to="ContactCard", most=FEW),
    "Query.contactNotes": Call(_ACQUIRE, to="ContactNote", most=FEW),
    "Query.contactDuplicates": Call(_RECHAT, to="DuplicateCluster"),
    "Query.duplicates": Call(_RECHAT, to="DuplicateClusters", size="size"),
    "Query.segmentOptions": Call(_RECHAT),
    "Contact.events": Page(Rows.EVENTS, "Contact"),
    "Contact.segments": SegmentsOf(),
    "Contact.location": _LOCATION,
    "Contact.lastVisitedLocation": Link("Location", LocationStub.carries),
    "Contact.person": PersonOf(),
    "Contact.counterparts": PersonOf(contacts=True),
    "Event.contact": _CONTACT,
    "Event.location": _LOCATION,
    "Location.contacts": Page(Rows.CONTACTS, "Location"),
    "Location.events": Page(Rows.EVENTS, "Location"),
    "Location.hotspots": FromList("hotspots", "Hotspot", FEW),
    "Segment.contacts": Page(Rows.CONTACTS, "Segment"),
    "Person.contacts": Many("Contact", MOST_CONTACTS),
    "Person.matches": Many("PersonMatch", MOST_CONTACTS),
    "PersonMatch.contact": Many("Contact", 1),
    "Person.segments": SegmentsOf(FEW * MOST_CONTACTS),
    "Person.events": Page(Rows.EVENTS, "Person"),
    "Cloud4WiContact.devices": Call(_CLOUD4WI),
    "Cloud4WiContact.accountings": Call(_CLOUD4WI),
    "Cloud4WiEvent.hotspot": FromList("hotspots", "Hotspot"),
    "RechatContact.duplicates": Call(_RECHAT, to="Contact", most=FEW, whole=True),
    "RechatContact.lists": Many("Segment"),
    "ContactConnection.totalCount": Total(),
    "DuplicateClusters.nodes": Many("DuplicateCluster", 1),
    "DuplicateCluster.contacts": Many("Contact"),
    "Companies.nodes": Many("Company", 1),
}

"""A field of an operation as the rules of the table see it: on how many objects, of which sources, with what below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.cost.ledger import Group, Ledger
from gateway.cost.sources import PROFILES
from upstreams.records import Source


@dataclass(frozen=True, slots=True)
class Config:
    """What of the gateway's settings decides costs.

    Attributes:
        sources: the configured ones, in their order.
        scan_rows: upstream rows that one page may scan for a filter that the upstream lacks.
        max_page: rows that a connection may be asked for.
        max_ids: ids that one argument may hold.
    """

    sources: Sequence[Source]
    scan_rows: int = 20_000
    max_page: int = 1000
    max_ids: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """Objects that an answer holds at one place of the document, as many as it can hold at most.

    Attributes:
        type: what they are; the types of events are one.
        count: how many.
        group: whose cost is counted together.
        sources: whose they can be.
        contacts: how many distinct contacts they belong to at most, where they belong to contacts.
        arrivals: at how many moments they may come in, so that loads of them are not one batch.
        selected: the names of the fields that are asked for below them.
        listed: they are a page that reads all of a list: its total comes with it.
        whole: they lack what only a contact's own answer tells.
    """

    type: str
    count: int
    group: Group
    sources: Sequence[Source]
    contacts: int
    arrivals: int = 1
    selected: frozenset[str] = frozenset()
    listed: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A field of the document, on all objects that it can be on.

    Attributes:
        config: the gateway's.
        ledger: what is charged.
        bag: the objects.
        arguments: of the field, coerced.
        path: of the field in the document.
        selected: the names of the fields below it.
        type: the name of the type that it leads to.
        many: it is a list.
    """

    config: Config
    ledger: Ledger
    bag: Bag
    arguments: dict[str, Any]
    path: str
    selected: frozenset[str]
    type: str
    many: bool

    def lists(self, name: str, sources: Sequence[Source]) -> None:
        """The complete lists of sources are read."""
        for source in sources:
            if name in PROFILES[source].lists:
                self.ledger.of_list(self.path, source, name, PROFILES[source].lists[name])

    def each(self, calls: Mapping[Source, int], group: Group | None = None) -> None:
        """Calls for objects that are of one source each."""
        self.ledger.each(self.path, self.bag.group if group is None else group, calls)

    def loads(self, bag: Bag) -> None:
        """Contacts are read by their ids; those that come in together, in batches where the source takes such."""
        each = {}
        for source in bag.sources:
            size = PROFILES[source].batch
            calls = bag.contacts if size == 1 else min(bag.contacts, bag.arrivals + bag.contacts // size)
            # A contact that is in a batch is not read alone: a batch comes on top of those that are.
            if size > 1 and len(bag.sources) > 1 and bag.contacts > 1 and bag.arrivals == 1:
                self.ledger.once(self.path, source, calls)
            else:
                each[source] = calls
        self.each(each, bag.group)


def given_sources(sources: Sequence[Source] | None, visit: Visit) -> list[Source]:
    """The sources that a filter leaves."""
    return [source for source in visit.bag.sources if sources is None or source in sources]

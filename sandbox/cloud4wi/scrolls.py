"""Scrolls: what one remembers between pages, how long it lives, and what page it gives next."""

from __future__ import annotations

import random
from collections import OrderedDict
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.cloud4wi.behaviour import Behaviour
from sandbox.store import Key, Listing, Row, Store

_MOST = 10_000
"""Scrolls kept at once; the one unused for longest goes first."""


@dataclass(slots=True)
class Scroll:
    """One client's walk through one listing.

    Attributes:
        terms: the parameters it was opened with; they may be left out later, but not changed.
        version: what a snapshot shows; None for a live scroll.
        place: key and tie of the last row given, None before the first page.
        previous: the place before the last page, from which a repeated page is read.
        total: rows of the whole listing when it was opened, if they were counted.
    """

    listing: Listing
    size: int
    terms: dict[str, str]
    version: int | None
    total: int | None
    number: int
    expires: float
    place: tuple[Key, int] | None = None
    previous: tuple[Key, int] | None = None
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one answer; ``scroll_id`` is None when the answer carries none."""

    rows: list[Row]
    scroll_id: str | None
    total: int | None


class ScrollGone(Exception):
    """The scroll id names no scroll (any more)."""


@dataclass(slots=True)
class Scrolls:
    """All open scrolls of one service."""

    store: Store
    clock: Clock
    behaviour: Behaviour
    seed: int
    _open: OrderedDict[str, Scroll] = field(default_factory=OrderedDict)
    _opened: int = 0
    _given: int = 0

    def salt(self) -> int:
        """An order of ties for the next listing: another one each time, or always that of insertion."""
        self._opened += 1
        if not self.behaviour.shuffle_ties:
            return 0
        return random.Random(f"{self.seed}:ties:{self._opened}").randrange(1, 1 << 29)  # noqa: S311 - no secret

    def expire(self) -> None:
        """Ends every open scroll."""
        self._open.clear()

    def once(self, listing: Listing, size: int) -> Page:
        """The first page of a listing, without a scroll."""
        return Page(self._disordered(self.store.read(listing, self.store.version, size), "once"), None, None)

    def open(self, listing: Listing, size: int, terms: dict[str, str], counted: bool = False) -> Page:
        """Opens a scroll and gives its first page; ``counted`` also counts the rows of all pages."""
        version = self.store.version
        total = self.store.count(listing, version) if counted else None
        live = self.behaviour.scroll_mode == "live"
        expires = self.clock.now() + self.behaviour.scroll_ttl
        scroll = Scroll(listing, size, terms, None if live else version, total, self._opened, expires)
        return self._page(scroll, None, False)

    def find(self, scroll_id: str) -> Scroll:
        """The open scroll with this id.

        Raises:
            ScrollGone: it expired, was spent, or never was.
        """
        scroll = self._open.get(scroll_id)
        if scroll is None or scroll.expires < self.clock.now():
            self._open.pop(scroll_id, None)
            raise ScrollGone
        return scroll

    def next(self, scroll_id: str, repeat: bool = False) -> Page:
        """The next page; with ``repeat`` the last one again (a fault).

        Raises:
            ScrollGone: see :meth:`find`.
        """
        return self._page(self.find(scroll_id), scroll_id, repeat)

    def _page(self, scroll: Scroll, scroll_id: str | None, repeat: bool) -> Page:
        start = scroll.previous if repeat else scroll.place
        version = self.store.version if scroll.version is None else scroll.version
        draw = random.Random(f"{self.seed}:{scroll.number}:{scroll.pages}")  # noqa: S311 - no secret
        rows = self.store.read(scroll.listing, version, scroll.size + 1, start)
        more, rows = len(rows) > scroll.size, rows[: scroll.size]
        if scroll.pages and more and scroll.size > 1 and draw.random() < self.behaviour.short_pages:
            rows = rows[: draw.randrange(1, scroll.size)]
        if rows:
            scroll.previous, scroll.place = start, (rows[-1].key, rows[-1].tie)
        scroll.pages += 1
        scroll.expires = self.clock.now() + self.behaviour.scroll_ttl
        ended = self.behaviour.scroll_end == "no_id" and not more
        ordered = self._disordered(rows, f"{scroll.number}:{scroll.pages}")
        return Page(ordered, self._keep(scroll, scroll_id, ended), scroll.total)

    def _keep(self, scroll: Scroll, scroll_id: str | None, ended: bool) -> str | None:
        """The id under which the scroll goes on; None when the answer is to carry none."""
        if scroll_id is not None and (ended or self.behaviour.scroll_ids == "rotate"):
            del self._open[scroll_id]
        if ended:
            return None
        if scroll_id is None or self.behaviour.scroll_ids == "rotate":
            self._given += 1
            scroll_id = f"{random.Random(f'{self.seed}:scroll:{self._given}').getrandbits(160):040x}"  # noqa: S311
        self._open[scroll_id] = scroll
        self._open.move_to_end(scroll_id)
        while self._open and (len(self._open) > _MOST or self._first().expires < self.clock.now()):
            self._open.popitem(last=False)
        return scroll_id

    def _first(self) -> Scroll:
        return next(iter(self._open.values()))

    def _disordered(self, rows: list[Row], name: str) -> list[Row]:
        reach = self.behaviour.disorder
        if reach < 2:
            return rows
        draw = random.Random(f"{self.seed}:disorder:{name}")  # noqa: S311 - no secret
        places = [number + draw.random() * reach for number in range(len(rows))]
        return [row for _, row in sorted(zip(places, rows, strict=True), key=lambda pair: pair[0])]

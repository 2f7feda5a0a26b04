"""The promises of paging, checked page by page against all records that ever were.

Buffered rows may be as old as the oldest lease. So a record *must* be on a page that covers its place when it was there
before all leases were last lost and still is; it *may* be there when it was there at some time since then. A page that
begins at an end of the connection reads afresh: it shows what is there now, no more and no less.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Key = tuple[int, str]
"""A record's place in the order: microseconds, then the id."""


@dataclass(frozen=True)
class Mark:
    """A cursor that the client holds, and the record it stands at."""

    cursor: str
    key: Key


@dataclass(frozen=True)
class Ask:
    """The arguments of a page, with what the model knows of their cursors."""

    size: int
    back: bool
    after: Mark | None = None
    before: Mark | None = None

    @property
    def variables(self) -> dict[str, Any]:
        """As the client sends them."""
        return {
            "last" if self.back else "first": self.size,
            "after": self.after and self.after.cursor,
            "before": self.before and self.before.cursor,
        }

    @property
    def afresh(self) -> bool:
        """It begins at an end of the connection."""
        return (self.before if self.back else self.after) is None


@dataclass
class Model:
    """What a connection's upstream held, and when.

    Attributes:
        descending: the connection's order.
        born, died: the step at which a record came, and went.
        step: of the walk; it grows with every change and every page.
        fresh: the step at which all leases were last lost.
    """

    descending: bool = True
    born: dict[Key, int] = field(default_factory=dict)
    died: dict[Key, int] = field(default_factory=dict)
    step: int = 0
    fresh: int = 0

    def note(self, alive: set[Key]) -> None:
        """What the upstream holds now."""
        self.step += 1
        for key in alive - self.born.keys():
            self.born[key] = self.step
        for key in self.born.keys() - alive - self.died.keys():
            self.died[key] = self.step

    def forget(self) -> None:
        """All leases are lost."""
        self.step += 1
        self.fresh = self.step

    def marks(self, page: Any) -> list[Mark]:
        """The cursors of a page's records."""
        keys = {id: (at, id) for at, id in self.born}
        return [Mark(edge["cursor"], keys[edge["node"]["sourceId"]]) for edge in page["edges"]]

    def check(self, ask: Ask, page: Any, *, partial: bool) -> None:
        """A page against the model."""
        keys = [mark.key for mark in self.marks(page)]
        info = page["pageInfo"]
        since = self.step if ask.afresh else self.fresh
        must = {key for key, born in self.born.items() if born <= since and key not in self.died}
        may = {key for key in self.born if self.died.get(key, self.step) > since or key in must}
        assert keys == sorted(set(keys), reverse=self.descending), "order, and each once"
        assert set(keys) <= may, "nothing that is gone"
        assert all(self.within(key, ask) for key in keys), "within the range"
        assert partial or [info["startCursor"], info["endCursor"]] == (
            [page["edges"][0]["cursor"], page["edges"][-1]["cursor"]] if keys else [None, None]
        )
        missing = {key for key in must if self.within(key, ask)} - set(keys)
        more = info["hasPreviousPage"] if ask.back else info["hasNextPage"]
        assert len(keys) <= ask.size
        assert partial or len(keys) == ask.size or not more, "a page is full while there is more"
        assert more or not partial, "a page that lacks a source says that there is more"
        if not more:
            assert not missing, "nothing is lost"
        else:
            assert partial or {key for key in may if self.within(key, ask)} - set(keys), "more is there"
            if keys:
                far = keys[0] if ask.back else keys[-1]
                assert all(self.beyond(key, far, back=ask.back) for key in missing), "nothing is skipped"
        if not partial:
            self.check_behind(ask, info["hasNextPage"] if ask.back else info["hasPreviousPage"], must, may)

    def check_behind(self, ask: Ask, behind: bool, must: set[Key], may: set[Key]) -> None:
        """The flag of the side that the page was entered from."""
        anchor = ask.before if ask.back else ask.after
        if anchor is None:
            assert not behind
            return
        # What a lease remembers may be as old as the lease.
        may = may | {key for key in self.born if self.died.get(key, self.step) > self.fresh}
        outside = {key for key in may if key == anchor.key or self.beyond(key, anchor.key, back=not ask.back)}
        assert outside or not behind
        if ask.back and not behind:
            assert not outside & must, "hasNextPage of a backward page is exact"

    def within(self, key: Key, ask: Ask) -> bool:
        """The record lies between the cursors of a page."""
        after, before = ask.after, ask.before
        return (after is None or self.beyond(key, after.key, back=False)) and (
            before is None or self.beyond(key, before.key, back=True)
        )

    def beyond(self, key: Key, other: Key, *, back: bool) -> bool:
        """A walk meets the one record after the other."""
        return key > other if self.descending == back else key < other

"""Random walks through Cloud4Wi's lists, over HTTP, against what the sandbox holds.

The machine is a client of a whole gateway with a list of cursors. It walks on, turns round, starts anywhere again;
meanwhile records come and go, scrolls expire, answers get lost, the gateway restarts. After each page the promises of
paging are checked against the sandbox's own data, which is the model (:mod:`tests.schema.promises`).
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from resolvers.ids import simple_id
from resolvers.paging.leases import MemoryLeases
from sandbox.app import Sandbox
from sandbox.clock import SECOND, instant, written
from tests.schema.harness import Answer, Api
from tests.schema.promises import Ask, Key, Mark, Model
from upstreams.records import Entity, Source

UPSTREAM_CODES = {"UPSTREAM_UNAVAILABLE", "UPSTREAM_MALFORMED", "UPSTREAM_REFUSED", "UPSTREAM_TIMEOUT"}

_PAGE = "{ edges { cursor node { sourceId } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
_ARGS = "first: $first, last: $last, after: $after, before: $before"
_TYPES = "$first: Int, $last: Int, $after: String, $before: String, $direction: OrderDirection!"

EVENTS = f"""query ({_TYPES}, $contact: ID) {{
  page: events({_ARGS}, filter: {{contactId: $contact}}, orderBy: {{direction: $direction}}) {_PAGE} }}"""
CONTACTS = f"query ({_TYPES}) {{ page: contacts({_ARGS}, orderBy: {{direction: $direction}}) {_PAGE} }}"

BEHAVIOURS = st.fixed_dictionaries(
    {
        "scroll_mode": st.sampled_from(("snapshot", "live")),
        "scroll_ids": st.sampled_from(("same", "rotate")),
        "scroll_id_place": st.sampled_from(("top", "nested")),
        "scroll_end": st.sampled_from(("empty", "no_id")),
        "contacts_scroll_field": st.sampled_from(("sid", "scrollId")),
        "expired_scroll": st.sampled_from((404, 409, 400, 410, 200)),
        "short_pages": st.sampled_from((0.0, 0.125, 0.6)),
        "disorder": st.sampled_from((0, 0, 3, 20)),
        "shuffle_ties": st.booleans(),
        "reverse_is_descending": st.booleans(),
        "flat_events": st.booleans(),
    }
)
SIZES = st.one_of(st.integers(0, 12), st.integers(13, 60))


class Walks(RuleBasedStateMachine):
    """One client, one connection, one gateway at a time."""

    api: Api
    box: Sandbox
    gateway: AsyncExitStack
    pattern: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.connection = "events"
        self.model = Model()
        self.prefetch = False
        self.contact: str | None = None
        self.marks: list[Mark] = []
        self.left: Mark | None = None
        self.right: Mark | None = None

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    @initialize(
        connection=st.sampled_from(("events", "contacts", "contact's events")),
        descending=st.booleans(),
        prefetch=st.booleans(),
        count=st.sampled_from((5, 60, 300)),
        burst=st.sampled_from((0, 0, 130)),
        behaviour=BEHAVIOURS,
        seed=st.integers(0, 50),
    )
    def begin(
        self,
        connection: str,
        descending: bool,
        prefetch: bool,
        count: int,
        burst: int,
        behaviour: dict[str, Any],
        seed: int,
    ) -> None:
        self.connection, self.prefetch = connection, prefetch
        self.model.descending = descending
        sandbox = Sandbox.start(
            seed=seed, contacts=count if connection == "contacts" else 5, events=count, burst=burst, **behaviour
        )
        self.box = self.runner.run(self.stack.enter_async_context(sandbox))
        self.gateway = AsyncExitStack()
        self.stack.push_async_exit(self._close_gateway)
        if connection == "contact's events":
            self.contact = self.box.cloud4wi.contacts()[-1]["cid"]
            self.flood(0, 0, 70)
        self.pattern = self.box.cloud4wi.contacts()[0]
        self.note()
        self.restart()

    async def _close_gateway(self, *_: object) -> None:
        await self.gateway.aclose()

    # -- what happens meanwhile ----------------------------------------------------------------------

    def note(self) -> None:
        """What the sandbox holds now becomes part of the model."""
        self.model.note(self.alive())

    def alive(self) -> set[Key]:
        """Every record of the connection that the sandbox holds."""
        if self.connection == "contacts":
            return {(instant(row["created"]), row["cid"]) for row in self.box.cloud4wi.contacts()}
        rows = self.box.cloud4wi.events(self.contact)
        return {(instant(row["when"]["createdAt"]), row["event"]["id"]) for row in rows}

    @rule(near=st.integers(0, 1000), delta=st.sampled_from((-86_400, -1, 0, 0, 0.5, 1, 86_400)))
    def arrive(self, near: int, delta: float) -> None:
        """A record at or beside the time of another: a tie, ahead of a walk, or behind it."""
        self.flood(near, delta, 1)
        self.note()

    @rule(near=st.integers(0, 1000))
    def burst(self, near: int) -> None:
        """More records in one second than a small upstream page holds."""
        self.flood(near, 0, 60)
        self.note()

    def flood(self, near: int, delta: float, count: int) -> None:
        keys = sorted(self.alive()) or [(instant("2025-01-01T00:00:00Z"), "")]
        at = written(keys[near % len(keys)][0] + int(delta * SECOND))
        data = self.box.cloud4wi
        if self.connection == "contacts":
            made = len(self.model.born)
            ids = [f"{(made + number) * 7919 % 100_003:032d}" for number in range(count)]
            data.insert_contact(*({**self.pattern, "cid": id, "created": at} for id in ids))
        else:
            data.insert_event(*(data.make_event(at, self.contact) for _ in range(count)))

    @rule(index=st.integers(0, 1000), count=st.sampled_from((1, 1, 1, 30)))
    def delete(self, index: int, count: int) -> None:
        keys = sorted(self.alive())
        ids = [id for _, id in keys[index % max(1, len(keys)) :][:count]]
        delete = self.box.cloud4wi.delete_contact if self.connection == "contacts" else self.box.cloud4wi.delete_event
        delete(*ids)
        self.note()

    @rule()
    def restart(self) -> None:
        """Another process takes over, with the same secret."""
        self.runner.run(self._restart())
        self.model.forget()

    async def _restart(self) -> None:
        await self.gateway.aclose()
        self.api = await self.gateway.enter_async_context(
            Api.over(self.box, GATEWAY_UPSTREAM_RETRIES="0", GATEWAY_PREFETCH="on" if self.prefetch else "off")
        )

    @rule()
    def lose_leases(self) -> None:
        leases = self.api.services.pager.leases
        assert isinstance(leases, MemoryLeases)
        leases.clear()
        self.model.forget()

    @rule(by_clock=st.booleans())
    def expire(self, by_clock: bool) -> None:
        """No scroll is good any more."""
        if by_clock:
            self.box.clock.advance(self.box.behaviour.scroll_ttl + 1)
        else:
            self.box.expire_scrolls()

    @rule(
        kind=st.sampled_from(("reset_after", "truncated", "status", "html", "ko", "repeat_page", "expired_scrolls")),
        after=st.integers(0, 2),
        times=st.sampled_from((1, 1, 2, None)),
    )
    def break_down(self, kind: str, after: int, times: int | None) -> None:
        """The next calls fail: some, or all until somebody has noticed."""
        self.box.faults.add(
            "cloud4wi.*vents" if self.connection != "contacts" else "contacts", kind, after=after, times=times
        )

    @property
    def broken(self) -> bool:
        """Something has gone wrong."""
        return any(fault.hits for fault in self.box.faults.active)

    # -- pages ----------------------------------------------------------------------------------------

    @rule(size=SIZES)
    def forward(self, size: int) -> None:
        """Walk on from where the client is."""
        self.remember(self.page(Ask(size, back=False, after=self.right)))

    @rule(size=SIZES)
    def backward(self, size: int) -> None:
        """Walk back from where the client is."""
        self.remember(self.page(Ask(size, back=True, before=self.left)))

    @rule(sizes=st.lists(SIZES, min_size=2, max_size=6))
    def stroll(self, sizes: list[int]) -> None:
        """Several pages on, with nothing in between."""
        for size in sizes:
            self.forward(size)

    @rule()
    def turn(self) -> None:
        """Walk on from the far end of the last page, or back from its near end."""
        self.left, self.right = self.right, self.left

    @precondition(lambda self: self.marks)
    @rule(index=st.integers(0, 10_000), size=SIZES, back=st.booleans())
    def anywhere(self, index: int, size: int, back: bool) -> None:
        """Resume from a cursor of long ago."""
        mark = self.marks[index % len(self.marks)]
        self.remember(self.page(Ask(size, back, **{"before" if back else "after": mark})))

    @precondition(lambda self: self.marks)
    @rule(one=st.integers(0, 10_000), other=st.integers(0, 10_000), size=SIZES, back=st.booleans())
    def between(self, one: int, other: int, size: int, back: bool) -> None:
        """A range with both ends."""
        self.page(Ask(size, back, self.marks[one % len(self.marks)], self.marks[other % len(self.marks)]))

    @rule(size=SIZES, sizes=st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=4), back=st.booleans())
    def both(self, size: int, sizes: list[tuple[int, int]], back: bool) -> None:
        """Two clients walk on from one cursor at once, where we have just come to; the first of them is ours."""
        if size:
            (self.backward if back else self.forward)(size)
        places = [self.left if back else self.right] * 2
        for pair in sizes:
            asks = [
                Ask(size, back, **{"before" if back else "after": place})
                for size, place in zip(pair, places, strict=True)
            ]
            pages = self.pages(*asks)
            self.remember(pages[0])
            for number, page in enumerate(pages):
                marks = self.model.marks(page)
                places[number] = marks[0 if back else -1] if marks else places[number]

    @rule()
    def anew(self) -> None:
        """Start again at the ends."""
        self.left = self.right = None

    def page(self, ask: Ask) -> Any:
        """One page, checked."""
        [page] = self.pages(ask)
        return page

    def pages(self, *asks: Ask) -> list[Any]:
        """Pages that are asked for at once, each checked.

        While something is broken a page may fail: then it is asked for again when nothing is. Or it may show what it
        got before that: then the walk goes on from its end.
        """
        self.model.step += 1
        answers = self.runner.run(self._ask(asks))
        partial = {number for number, answer in enumerate(answers) if answer.errors and (answer.data or {}).get("page")}
        assert not any(answer.errors for answer in answers) or self.broken
        if self.broken:
            self.box.faults.clear()
            failed = [number for number, answer in enumerate(answers) if answer.errors and number not in partial]
            assert all(set(answer.codes) <= UPSTREAM_CODES for answer in answers)
            again = self.runner.run(self._ask([asks[number] for number in failed]))
            for number, answer in zip(failed, again, strict=True):
                answers[number] = answer
        found: list[Any] = []
        for number, (ask, answer) in enumerate(zip(asks, answers, strict=True)):
            assert number in partial or not answer.errors
            page = (answer.data or {})["page"]
            self.model.check(ask, page, partial=number in partial)
            found.append(page)
        return found

    async def _ask(self, asks: tuple[Ask, ...] | list[Ask]) -> list[Answer]:
        query = CONTACTS if self.connection == "contacts" else EVENTS
        fixed: dict[str, Any] = {"direction": "DESC" if self.model.descending else "ASC"}
        if self.contact is not None:
            fixed["contact"] = simple_id(Entity.CONTACT, Source.CLOUD4WI, self.contact)
        elif self.connection == "events":
            fixed["contact"] = None
        return list(await asyncio.gather(*(self.api.query(query, {**fixed, **ask.variables}) for ask in asks)))

    def remember(self, page: Any) -> None:
        """Keep the cursors of a page, and stand at its ends."""
        new = self.model.marks(page)
        self.marks = [*self.marks, *new][-300:]
        if new:
            self.left, self.right = new[0], new[-1]

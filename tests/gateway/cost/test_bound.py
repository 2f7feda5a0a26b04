"""No query makes more calls than its estimate says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cost import Config, Estimate
from sandbox.app import Sandbox
from tests.gateway.cost.queries import queries
from tests.gateway.cost.support import estimate
from tests.schema.harness import Answer, Api
from upstreams.records import Source


class Gateway:
    """Gateways over one sandbox, driven from a test that is not asynchronous."""

    def __init__(self, loop: asyncio.AbstractEventLoop, box: Sandbox, api: Api, sources: Collection[Source]) -> None:
        self._loop = loop
        self._box = box
        self._api = api
        self.config = Config(tuple(sources))

    def query(self, text: str) -> Answer:
        return self._loop.run_until_complete(self._api.query(text, seconds=300))


@contextmanager
def gateway(sources: Collection[Source]) -> Iterator[Gateway]:
    """A gateway that keeps nothing between requests, over upstreams that give all that is asked for."""
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()

    async def start() -> Gateway:
        box = await stack.enter_async_context(Sandbox.start(contacts=150, events=800, burst=0, short_pages=0.0))
        api = await stack.enter_async_context(Api.over(box, sources=sources, GATEWAY_LIST_TTL="0"))
        await api.index()
        # What is learned once a process is learned here.
        await api.query("{ contacts { nodes { id } } events { nodes { contact { events { nodes { id } } } } } }")
        await api.query("{ contacts(last: 9) { nodes { events { nodes { id } } } } events(last: 9) { nodes { id } } }")
        return Gateway(loop, box, api, sources)

    try:
        yield loop.run_until_complete(start())
    finally:
        loop.run_until_complete(stack.aclose())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def made(answer: Answer) -> Counter[Source]:
    return Counter(
        call.source for call in answer.trace if not call.shared and not call.cached and call.operation != "signIn"
    )


def check(found: Estimate, answer: Answer, text: str) -> None:
    calls = made(answer)
    assert calls.total() <= found.requested, (text, found, answer.calls)
    for source, count in calls.items():
        assert count <= found.sources[source], (text, source, found, answer.calls)


@pytest.mark.parametrize("sources", [(Source.CLOUD4WI,), tuple(Source)], ids=["cloud4wi", "all"])
def test_no_query_costs_more_than_its_estimate(sources: tuple[Source, ...]) -> None:
    with gateway(sources) as over:

        @settings(max_examples=60)
        @given(queries())
        def run(text: str) -> None:
            answer = over.query(text)
            assert not [error for error in answer.errors if error["extensions"]["code"] != "BAD_USER_INPUT"], text
            check(estimate(text, config=over.config), answer, text)

        run()


@pytest.mark.parametrize("sources", [(Source.CLOUD4WI,), tuple(Source)], ids=["cloud4wi", "all"])
def test_no_walk_costs_more_than_its_estimate(sources: tuple[Source, ...]) -> None:
    """Pages of changing sizes, both ways, from cursors that pages before them gave."""
    sizes = st.lists(st.tuples(st.sampled_from([1, 5, 50, 120]), st.booleans()), min_size=2, max_size=4)
    with gateway(sources) as over:

        @settings(max_examples=15)
        @given(st.sampled_from(["events", "contacts"]), sizes)
        def run(name: str, steps: list[tuple[int, bool]]) -> None:
            after = before = ""
            for size, forward in steps:
                where = f'first: {size}, after: "{after}"' if forward else f'last: {size}, before: "{before}"'
                if not (after if forward else before):
                    where = f"first: {size}"
                text = f"{{ {name}({where}) {{ nodes {{ id }} pageInfo {{ startCursor endCursor }} }} }}"
                answer = over.query(text)
                check(estimate(text, config=over.config), answer, text)
                info = answer[f"{name}.pageInfo"]
                after, before = info["endCursor"] or after, info["startCursor"] or before

        run()


def test_the_common_queries_cost_what_their_estimate_says() -> None:
    """The bound is met: lists that are read to their end, and a contact for each event."""
    with gateway((Source.CLOUD4WI,)) as over:
        for text in (
            "{ contacts(first: 200) { nodes { displayName } } }",
            "{ contacts(first: 200) { nodes { lastVisitedLocation { name } segments { size } } } }",
            "{ contacts(last: 1) { nodes { cloud4wi { devices accountings } } } segments { nodes { name } } }",
            "{ locations { nodes { hotspots { name } } } }",
        ):
            answer = over.query(text)
            found = estimate(text, config=over.config)
            check(found, answer, text)
            assert found.requested - made(answer).total() <= ("last" in text)

"""The limit, and what an answer says of its cost, over HTTP and with a sandbox behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from gateway.app import build_app
from gateway.http.negotiation import JSON
from gateway.settings import read_settings
from sandbox.app import Sandbox
from tests.gateway.support import GRAPHQL, post
from tests.schema.harness import credentials
from upstreams.records import Source

Q1 = """query ($first: Int) { events(first: $first) { nodes { type contact { firstName } location { timezone } } } }"""


@asynccontextmanager
async def served(box: Sandbox, **environ: str) -> AsyncIterator[ASGIApp]:
    """The whole gateway over one source."""
    app = build_app(read_settings({**credentials(box, Source.CLOUD4WI), **environ}))
    async with app.router.lifespan_context(app):
        yield app


async def test_an_operation_over_the_limit_makes_no_call(box: Sandbox) -> None:
    async with served(box, GATEWAY_MAX_COST="53") as app:
        box.reset_calls()
        refused = await post(app, Q1, variables={"first": 51})
        assert (refused.status, refused.codes, "data" in refused.json) == (400, ["QUERY_TOO_COMPLEX"], False)
        message = refused.json["errors"][0]["message"]
        assert "54 upstream calls" in message
        assert "allows 53" in message
        assert "events.nodes.contact 51" in message
        assert box.calls == []
        assert (await post(app, Q1, JSON, variables={"first": 51})).status == 200
        assert (await post(app, Q1, variables={"first": 50})).codes == []


async def test_every_answer_tells_its_cost(box: Sandbox) -> None:
    async with served(box) as app:
        for headers in ({}, {"x-contactgraph-trace": "1"}):
            answer = await post(app, Q1, variables={"first": 5}, headers=headers)
            cost = answer.json["extensions"]["cost"]
            people = {event["customerId"] for event in box.cloud4wi.events()[::-1][:5]}
            assert cost["requested"] == 2 + 5 + 1
            assert cost["actual"] in {len(people) + 1, len(people) + 2}
            assert cost["upstreamCalls"] == {"cloud4wi": cost["actual"]}
        made = [call for call in answer.json["extensions"]["upstream"] if not call["shared"] and not call["cached"]]
        assert len([call for call in made if call["operation"] != "signIn"]) == cost["actual"]
        free = await post(app, "{ __typename }")
        assert free.json["extensions"]["cost"] == {"requested": 0, "actual": 0, "upstreamCalls": {"cloud4wi": 0}}


async def test_the_media_type_of_a_refusal_is_as_for_others(box: Sandbox) -> None:
    async with served(box, GATEWAY_MAX_COST="1") as app:
        assert (await post(app, Q1)).headers["content-type"].startswith(GRAPHQL)

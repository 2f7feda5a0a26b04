"""Whichever client makes the upstream calls, they are the same ones, and the answers too."""

from __future__ import annotations

import pytest

from sandbox.app import Sandbox
from tests.schema.harness import Api
from upstreams.http.clients import CLIENTS
from upstreams.records import Source

QUERY = """{
  events(first: 40) { edges { cursor node { source type occurredAt contact { displayName } location { name } } } }
  contacts(first: 20) { nodes { displayName segments { name } } }
}"""


async def test_the_clients_make_the_same_calls(box: Sandbox) -> None:
    answers = []
    for client in CLIENTS:
        async with Api.over(box, sources=tuple(Source), GATEWAY_HTTP_CLIENT=client) as api:
            answers.append(await api.query(QUERY))
    first, *others = answers
    assert first.errors == []
    assert len(first["events.edges"]) == 40
    for other in others:
        assert (other.data, other.errors, other.calls) == (first.data, [], first.calls)


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_source_that_nobody_listens_for(box: Sandbox, client: str) -> None:
    async with Api.over(box, CLOUD4WI_URL="http://127.0.0.1:1", GATEWAY_HTTP_CLIENT=client) as api:
        answer = await api.query("{ segments { nodes { name } } }")
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]

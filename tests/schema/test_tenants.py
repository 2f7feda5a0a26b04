"""Who shares calls and caches: the callers of one set of upstream credentials, whatever their scopes; nobody else."""

from __future__ import annotations

import asyncio

from resolvers.callers import ALL_SCOPES, Scope
from sandbox.app import Sandbox
from tests.schema.harness import Api

QUERY = "{ contacts(first: 3) { nodes { id sourceId displayName email } } segments(first: 1) { nodes { name } } }"


async def test_callers_share_calls_and_lists_but_not_what_their_scopes_show(api: Api) -> None:
    """One tenant: a process has one set of credentials for each source."""
    whole, withheld = await asyncio.gather(api.query(QUERY), api.query(QUERY, scopes=ALL_SCOPES - {Scope.CONTACTS_PII}))
    assert {call.operation for call in withheld.trace if call.shared} == {"customers", "segments"}
    assert withheld.calls == {}
    assert whole.errors == []
    assert whole.data is not None
    assert withheld.data is not None
    assert withheld.data["segments"] == whole.data["segments"]
    assert withheld.data["contacts"]["nodes"] == [
        contact | {"displayName": contact["sourceId"], "email": None} for contact in whole.data["contacts"]["nodes"]
    ]
    later = await api.query(QUERY, scopes=ALL_SCOPES - {Scope.CONTACTS_PII})
    assert [call.operation for call in later.trace if call.cached] == ["segments"]
    refused = await api.query(QUERY, scopes={Scope.CONTACTS_READ})
    assert refused.data is not None
    assert refused.data["segments"] is None
    assert refused.calls == {"customers": 1}


async def test_gateways_with_credentials_of_their_own_share_nothing(box: Sandbox) -> None:
    async with Api.over(box) as one, Api.over(box) as other:
        answers = await asyncio.gather(one.query(QUERY), other.query(QUERY))
        answers += [await one.query(QUERY), await other.query(QUERY)]
    for answer in answers[:2]:
        assert answer.calls == {"customers": 1, "segments": 1}
        assert not any(call.shared or call.cached for call in answer.trace)
    for answer in answers[2:]:
        assert answer.calls == {"customers": 1}

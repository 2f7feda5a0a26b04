"""Every GraphQL block of the README runs, and gives the answer that stands below it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.conftest import StartSandbox
from tests.schema.harness import Api
from upstreams.records import Source

README = (Path(__file__).parent.parent / "README.md").read_text()


async def test_the_queries_of_the_readme(start_sandbox: StartSandbox) -> None:
    blocks = re.findall(r"```(graphql|json)\n(.*?)```", README, re.S)
    queries = [index for index, (kind, _) in enumerate(blocks) if kind == "graphql"]
    assert queries
    async with Api.over(await start_sandbox(), sources=Source) as api:
        await api.index()
        for index in queries:
            answer = await api.query(blocks[index][1])
            assert answer.errors == []
            if index + 1 < len(blocks) and blocks[index + 1][0] == "json":
                assert answer.data == json.loads(blocks[index + 1][1])


async def test_the_calls_that_the_readme_promises(start_sandbox: StartSandbox) -> None:
    first, second = re.findall(r"```graphql\n(.*?)```", README, re.S)[:2]
    async with Api.over(await start_sandbox(), sources=Source) as api:
        assert (await api.query(first)).calls == {"organizationEvents": 2, "customer": 1, "locations": 1}
        page = await api.query(second)
        assert page.calls == {"organizationEvents": 1, "calendar": page.calls["calendar"], "cases": 1}

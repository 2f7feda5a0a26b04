"""Query in, exact data and exact upstream calls out.

The whole of the gateway below its HTTP endpoint runs for real: the schema, the resolvers, the wire and a sandbox on the
other side of a loopback port.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any, Self

import orjson

from gateway.app import build_network, build_services, build_sharing
from gateway.errors import Border, RequestRefused
from gateway.executed import Executed
from gateway.execution import Engine, Parameters
from gateway.limits import Limits
from gateway.settings import read_settings
from gateway.sharing import Sharing
from resolvers.callers import ALL_SCOPES, Caller, Scope
from resolvers.context import Services
from sandbox.app import Sandbox
from schema.build import build_schema
from upstreams.http.scope import Call, RequestScope, current_scope
from upstreams.http.wire import Network
from upstreams.records import Source

SCHEMA = build_schema()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client got, and what it cost.

    Attributes:
        data: the data, None when the request was refused.
        errors: the errors as a client reads them.
        calls: how many upstream calls were made, by operation, sign-in aside.
        trace: every line of the trace.
        shared: it came of the execution of an equal query that was in flight.
    """

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    calls: dict[str, int]
    trace: list[Call]
    shared: bool = False

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.errors]

    def __getitem__(self, path: str) -> Any:
        """A value of the data by its dotted path; the answer must be free of errors."""
        assert self.errors == []
        value: Any = self.data
        for part in path.split("."):
            value = value[int(part)] if part.isdigit() else value[part]
        return value


def credentials(box: Sandbox, source: Source) -> dict[str, str]:
    """The settings that point a gateway at one service of a sandbox."""
    match source:
        case Source.CLOUD4WI:
            return {
                "CLOUD4WI_URL": box.url,
                "CLOUD4WI_CLIENT_KEY": box.client_key,
                "CLOUD4WI_CLIENT_SECRET": box.client_secret,
                "CLOUD4WI_ORGANIZATION": box.organization,
            }
        case Source.RECHAT:
            return {"RECHAT_URL": box.rechat_url, "RECHAT_ACCESS_TOKEN": box.rechat_token}
        case Source.ACQUIRE:
            return {"ACQUIRE_URL": box.acquire_url, "ACQUIRE_API_KEY": box.acquire_key}


class Api:
    """A gateway without its endpoint."""

    def __init__(self, services: Services, network: Network, sharing: Sharing[Executed] | None = None) -> None:
        self.services = services
        self.network = network
        self._engine = Engine(SCHEMA, Limits(), sharing=sharing)

    @classmethod
    @asynccontextmanager
    async def over(
        cls, box: Sandbox, *, sources: Collection[Source] = (Source.CLOUD4WI,), **environment: str
    ) -> AsyncIterator[Self]:
        """A gateway whose sources, by default Cloud4Wi alone, are a sandbox; the other keywords are settings."""
        pointed = {name: value for source in sources for name, value in credentials(box, source).items()}
        with TemporaryDirectory() as state:
            async with cls._over({**pointed, "GATEWAY_STATE_DIR": state, **environment}) as api:
                yield api

    @classmethod
    @asynccontextmanager
    async def _over(cls, environment: Mapping[str, str]) -> AsyncIterator[Self]:
        settings = read_settings(environment)
        network = build_network(settings)
        services = build_services(settings, network)
        await network.start()
        for source in services.sources.values():
            await source.start()
        try:
            yield cls(services, network, build_sharing(settings, network))
        finally:
            await services.pager.close()
            for source in services.sources.values():
                await source.close()
            await network.close()
            if services.indexer is not None:
                await services.indexer.close()

    async def index(self) -> None:
        """Bring the indexes that people are found by up to date; a served gateway does it in the background."""
        indexer = self.services.indexer
        assert indexer is not None
        for source in indexer.indexes:
            await indexer.bring_up_to_date(source)

    async def query(
        self,
        text: str,
        variables: Mapping[str, Any] | None = None,
        *,
        seconds: float = 30.0,
        scopes: Collection[Scope] = ALL_SCOPES,
        caller: str = "somebody",
    ) -> Answer:
        """Run a query as one client request that must answer within some seconds, for a caller with these scopes."""
        scope = RequestScope(deadline=asyncio.get_running_loop().time() + seconds)
        token = current_scope.set(scope)
        asking = Caller(caller, frozenset(scopes))
        try:
            prepared = self._engine.prepare(Parameters(text, dict(variables or {})), queries_only=False)
            result = await self._engine.execute(prepared, asking, self.services.request, Border("test"))
            data = orjson.loads(orjson.dumps(result.data)) if isinstance(result.data, orjson.Fragment) else result.data
            errors, shared = result.errors, result.shared
        except RequestRefused as refused:
            data, errors, shared = None, refused.errors, False
        finally:
            current_scope.reset(token)
        made = (call for call in scope.calls if not call.shared and not call.cached and call.operation != "signIn")
        return Answer(data, errors, dict(Counter(call.operation for call in made)), scope.calls, shared)

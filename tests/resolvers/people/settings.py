"""A gateway's resolvers over all services of a sandbox, with indexes of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from resolvers.context import Services
from resolvers.paging import Pager
from resolvers.people.indexer import Indexer, Pace
from sandbox.app import Sandbox
from upstreams import acquire, cloud4wi, rechat
from upstreams.http.wire import Network, WireLimits
from upstreams.identity.index import IdentityIndex, KeyHasher
from upstreams.identity.sqlite import SqliteIndex
from upstreams.instants import Instant, now
from upstreams.records import Source
from upstreams.settings import SourceSpec
from upstreams.shared.identity import RedisIndex
from upstreams.shared.protocol import SharedStore

SPECS: dict[Source, SourceSpec] = {spec.source: spec for spec in (cloud4wi.SPEC, rechat.SPEC, acquire.SPEC)}
SECRET = PAGER_SECRET = b"a secret of thirty-two bytes or so"


def environment(box: Sandbox) -> dict[str, str]:
    """What points a gateway at all services of a sandbox."""
    return {
        "CLOUD4WI_URL": box.url,
        "CLOUD4WI_CLIENT_KEY": box.client_key,
        "CLOUD4WI_CLIENT_SECRET": box.client_secret,
        "CLOUD4WI_ORGANIZATION": box.organization,
        "RECHAT_URL": box.rechat_url,
        "RECHAT_ACCESS_TOKEN": box.rechat_token,
        "RECHAT_BRAND": box.rechat_brand,
        "ACQUIRE_URL": box.acquire_url,
        "ACQUIRE_API_KEY": box.acquire_key,
    }


@asynccontextmanager
async def services(
    box: Sandbox,
    folder: Path,
    *sources: Source,
    clock: Callable[[], Instant] = now,
    page: int = 1000,
    shared: SharedStore | None = None,
    **pace: Any,
) -> AsyncIterator[Services]:
    """Services over some of the sources, all by default; nothing is indexed in the background.

    The indexes are in a shared store where one is given, else in the folder.
    """

    def index(source: Source) -> IdentityIndex:
        if shared is not None:
            return RedisIndex(shared, source.value, KeyHasher(SECRET))
        return SqliteIndex(folder / f"{source.value}.sqlite3", KeyHasher(SECRET))

    given = environment(box)
    network = Network(WireLimits(timeout=30.0, concurrency=32, retries=0))
    await network.start()
    apis = {source: SPECS[source].build(SPECS[source].configure(given), network) for source in sources or Source}
    pager = Pager(secret=PAGER_SECRET, max_page=page)
    indexes = {source: index(source) for source in apis}
    indexer = Indexer(apis, indexes, pager, None, pace=Pace()._replace(**pace), clock=clock)
    try:
        yield Services(sources=apis, pager=Pager(secret=SECRET), indexer=indexer)
    finally:
        await indexer.close()
        for api in apis.values():
            await api.close()
        await network.close()

"""The composition: settings in, an ASGI application out. Everything that is wired to something else is wired here."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.schema.schema import Schema

from gateway.auth.choice import build_authenticator
from gateway.auth.door import Door
from gateway.cost import Config
from gateway.executed import Executed
from gateway.execution import Engine
from gateway.executors import Executor
from gateway.graphiql import assets_routes, graphiql_response
from gateway.http.endpoint import Backend, GraphQLEndpoint
from gateway.http.health import health_routes
from gateway.http.layers import HANDLERS, PATH, layers, short_way, to_graphql
from gateway.lifecycle import Lifecycle
from gateway.limits import Limits
from gateway.people import build_indexer
from gateway.settings import Settings, read_settings
from gateway.shared import account_names, build_rates, shared_store, state_keeper
from gateway.sharing import Sharing
from gateway.telemetry.metrics import Metrics, SharedStateMetrics
from gateway.telemetry.process import Process
from gateway.telemetry.requests import Telemetry
from gateway.telemetry.tracing import Tracing, build_tracing
from resolvers.context import Services
from resolvers.paging import Pager
from resolvers.paging.leases import LeaseStore, MemoryLeases
from resolvers.paging.prefetch import Prefetch
from resolvers.paging.shared_leases import SharedLeases
from resolvers.people.indexer import Indexer
from schema.build import build_schema
from upstreams.http.keeping import Keeping
from upstreams.http.wire import Network, WireLimits
from upstreams.ledger import FileLedger, Ledger
from upstreams.records import Source
from upstreams.registry import SPECS
from upstreams.shared.commons import SharedCommons
from upstreams.shared.ledger import SharedLedger
from upstreams.source import SourceApi

if TYPE_CHECKING:
    from upstreams.shared.store import RedisStore


class AppServices(Backend, Protocol):
    """What the app needs of the services: contexts for requests, and the sources to start, close and ask for health."""

    @property
    def sources(self) -> Mapping[Source, SourceApi]: ...


def create_app() -> Starlette:
    """The app that the environment configures; what each worker of a server calls."""
    return build_app(read_settings(os.environ))


def build_app(settings: Settings, *, eager: bool = False) -> Starlette:
    """The gateway as the settings say.

    Args:
        settings: what the environment says.
        eager: contacts are indexed for people at once, not only when somebody has asked for one.
    """
    shared = shared_store(settings)
    network = build_network(settings, shared)
    services = build_services(settings, network, shared)
    if eager and services.indexer is not None:
        for source in services.sources:
            services.indexer.want(source)
    return compose(settings, None, services, network, shared=shared, indexer=services.indexer, pager=services.pager)


def compose(
    settings: Settings,
    schema: Schema | None,
    services: AppServices,
    network: Network | None = None,
    lifecycle: Lifecycle | None = None,
    shared: RedisStore | None = None,
    indexer: Indexer | None = None,
    pager: Pager | None = None,
) -> Starlette:
    """The app around a schema and the services that its resolvers work with.

    Args:
        settings: what the environment says.
        schema: what clients can ask; None: the gateway's own.
        services: what resolvers work with.
        network: opened before the sources are started and closed after them, where they have one.
        lifecycle: what knows the requests in flight; one of the app's own unless given.
        shared: what all workers share; connected before everything else and closed after it.
        indexer: works in the background while the sources are there.
        pager: may read ahead in the background; ended before the sources.
    """
    lifecycle = lifecycle or Lifecycle()
    metrics = Metrics()
    if shared is not None:
        shared.observer = SharedStateMetrics(metrics.registry)
    tracing = build_tracing(settings)
    process = Process(metrics, lifecycle, services.sources, network.stats if network else {}, pager)
    door = Door(build_authenticator(settings), build_rates(settings, shared))
    engine = build_engine(settings, schema, sharing=build_sharing(settings, network))
    engine.executors.runs = metrics.operations.noted
    endpoint = GraphQLEndpoint(
        engine,
        services,
        Telemetry(metrics, tracing),
        lifecycle,
        timeout=settings.request_timeout,
        max_body=settings.max_body,
        secret=settings.secret,
        page=None if settings.only_trusted else graphiql_response,
        door=door,
    )
    app = Starlette(
        routes=[
            Route(PATH, endpoint),
            *assets_routes(),
            *health_routes(lifecycle, process, services.sources, shared),
            Route("/", to_graphql),
        ],
        middleware=layers(settings, endpoint),
        exception_handlers=HANDLERS,
        lifespan=_lifespan(
            shared,
            network,
            services.sources,
            indexer,
            pager,
            lifecycle,
            door,
            process,
            tracing,
            settings.request_timeout,
        ),
    )
    app.state.short_way = short_way(settings, endpoint)
    return app


def build_sharing(settings: Settings, network: Network | None) -> Sharing[Executed] | None:
    """The queries in flight that requests may share; None: each request executes its own."""
    if not settings.sharing:
        return None
    return Sharing(" ".join(account_names(settings).values()), lambda: network.generation if network else 0)


def build_engine(
    settings: Settings,
    schema: Schema | None = None,
    *,
    for_clients: bool = True,
    sharing: Sharing[Executed] | None = None,
) -> Engine:
    """What executes operations, on the gateway's own schema unless another is given.

    Args:
        settings: what the environment says.
        schema: what operations are on.
        for_clients: what is asked comes from outside, so it may cost so much only, and may have to be trusted.
        sharing: the queries in flight that requests may share.
    """
    limits = Limits(depth=settings.max_depth, tokens=settings.max_tokens, aliases=settings.max_aliases)
    return Engine(
        schema or build_schema(),
        limits,
        introspection=settings.introspection and not settings.only_trusted,
        config=cost_config(settings),
        max_cost=settings.max_cost if for_clients else None,
        trusted=settings.documents,
        only_trusted=settings.only_trusted and for_clients,
        executor=Executor(settings.executor),
        sharing=sharing,
    )


def cost_config(settings: Settings) -> Config:
    """What decides the costs of operations."""
    sources = tuple(source for source in Source if source in settings.sources)
    return Config(sources, settings.scan_rows, settings.max_page, settings.max_ids)


def build_network(settings: Settings, shared: RedisStore | None = None) -> Network:
    """What all sources share of the way to their upstreams."""
    limits = WireLimits(
        settings.upstream_timeout, settings.upstream_concurrency, settings.upstream_retries, settings.upstream_rate
    )
    return Network(
        limits,
        client=settings.http_client,
        sharing=settings.sharing,
        keeping=Keeping.of(settings.list_ttl, settings.entity_ttl, settings.stale_if_error, settings.cache),
        state=state_keeper(shared),
        commons=None if shared is None else SharedCommons(shared, account_names(settings)),
    )


def build_sources(settings: Settings, network: Network) -> dict[Source, SourceApi]:
    """The sources that are on, in their order."""
    return {
        spec.source: spec.build(settings.sources[spec.source], network)
        for spec in sorted(SPECS, key=lambda spec: spec.source.rank)
        if spec.source in settings.sources
    }


def build_services(settings: Settings, network: Network, shared: RedisStore | None = None) -> Services:
    """What lives as long as the process, for the resolvers."""
    leases: LeaseStore = MemoryLeases()
    if shared is not None:
        leases = SharedLeases(shared, MemoryLeases(), account_names(settings))
        ledger: Ledger = SharedLedger(shared)
    else:
        ledger = FileLedger(settings.state_dir / "changes")
    sources = build_sources(settings, network)
    return Services(
        sources=sources,
        pager=Pager(
            secret=settings.secret,
            leases=leases,
            scan_rows=settings.scan_rows,
            max_page=settings.max_page,
            prefetch=Prefetch(seconds=settings.request_timeout) if settings.prefetch else None,
        ),
        max_ids=settings.max_ids,
        default_region=settings.default_region,
        indexer=build_indexer(settings, sources, shared),
        ledger=ledger,
        ledger_secret=settings.secret,
    )


def _lifespan(
    shared: RedisStore | None,
    network: Network | None,
    sources: Mapping[Source, SourceApi],
    indexer: Indexer | None,
    pager: Pager | None,
    lifecycle: Lifecycle,
    door: Door,
    process: Process,
    tracing: Tracing | None,
    grace: float,
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if tracing is not None:
                stack.push_async_callback(tracing.close)
            stack.push_async_callback(door.close)
            if shared is not None:
                await shared.start()
                stack.push_async_callback(shared.close)
            if network is not None:
                await network.start()
                stack.push_async_callback(network.close)
            for source in sources.values():
                await source.start()
                stack.push_async_callback(source.close)
            if indexer is not None:
                await indexer.start()
                stack.push_async_callback(indexer.close)
            if pager is not None:
                stack.push_async_callback(pager.close)
            await process.start()
            stack.push_async_callback(process.close)
            stack.enter_context(lifecycle.drained_signals(grace))
            yield

    return lifespan

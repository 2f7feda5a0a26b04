"""The wire: everything that happens to a call between a source's endpoint method and the upstream.

::

    call ──► kept answer? ──► equal flight? ──► new flight ──► carried there and back (upstreams.http.carrier)
      ▲                                                              │
      └── record, or failure; what was read lately, if it is down ◄──┘

A call is a future from the start: to have many under way takes no task for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import TypeVar

from upstreams.errors import UpstreamError, UpstreamTimeout, UpstreamUnavailable
from upstreams.http.aloft import Flights
from upstreams.http.answers import Check
from upstreams.http.breaker import is_sick
from upstreams.http.cache import NEVER, Keep, Kept
from upstreams.http.carrier import NOBODY, Authorizer, Carrier
from upstreams.http.discipline import Discipline
from upstreams.http.exchange import Place
from upstreams.http.flights import Flight, Grounded, Waiter
from upstreams.http.health import WireStats
from upstreams.http.memory import Memory
from upstreams.http.network import Network, WireLimits
from upstreams.http.requests import Endpoint, Request, payload, segment, target
from upstreams.http.scope import Call, RequestScope, current_scope, reads_anew
from upstreams.records import Source
from upstreams.source import SourceHealth

__all__ = ["Authorizer", "Check", "Endpoint", "Network", "Wire", "WireLimits", "segment"]

T = TypeVar("T")


class Wire:
    """All calls to one source.

    Attributes:
        source: which one.
        stats: counters for metrics.
    """

    def __init__(self, network: Network, source: Source, base_url: str, authorizer: Authorizer = NOBODY) -> None:
        """``base_url`` with or without a trailing slash.

        Raises:
            ValueError: it is not an http or https URL, or has a query or a user.
        """
        place = Place.of(base_url)
        self.source = source
        self.stats = network.stats.setdefault(source, WireStats())
        self._network = network
        self._flights = Flights()
        self._memory = Memory(None if network.commons is None else network.commons.lists(source), self._written)
        self._discipline = Discipline(source, network.budget(source), self.stats, network.limits.rate)
        self._patience = network.limits.timeout * (network.limits.retries + 1)
        self._carrier = Carrier(
            network,
            source,
            place,
            flights=self._flights,
            memory=self._memory,
            discipline=self._discipline,
            stats=self.stats,
            authorizer=authorizer,
        )
        network.before_closing(self.close)

    @property
    def authorizer(self) -> Authorizer:
        """How we prove who we are; may be set later, since an authorizer signs in over this wire."""
        return self._carrier.authorizer

    @authorizer.setter
    def authorizer(self, authorizer: Authorizer) -> None:
        self._carrier.authorizer = authorizer

    @property
    def generation(self) -> int:
        """How many writes have ended: what was read under a lower number may no longer hold."""
        return self._flights.generation

    def health(self) -> SourceHealth:
        """How the source has been doing; makes no call."""
        return self._discipline.health()

    async def close(self) -> None:
        """End all calls; their waiters, and whoever calls later, get :class:`UpstreamUnavailable`."""
        await self._flights.close()
        await self._discipline.close()

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        decode: Callable[[bytes], T],
        check: Check | None = None,
        params: Sequence[tuple[str, str]] = (),
        json: object | None = None,
        form: Sequence[tuple[str, str]] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] = {},
        idempotent: bool | None = None,
        shareable: bool | None = None,
        write: bool | None = None,
        authorize: bool = True,
        absent_is_none: bool = False,
        keep: Keep = NEVER,
    ) -> asyncio.Future[T]:
        """Call an endpoint that is called here only: see :meth:`ask`.

        Args:
            operation, method, decode, check, idempotent, shareable, write, authorize, absent_is_none, keep: see
                :meth:`Endpoint.of`.
            path: begins with ``/``; parameters in it went through :func:`segment`.
            params: the query, in order.
            json: the body.
            form: the body, as a form.
            content: the body as it is, of the type that ``headers`` name.
            headers: beyond those of every call and those that prove who we are.
        """
        endpoint = Endpoint.of(
            operation,
            method,
            decode,
            check,
            idempotent=idempotent,
            shareable=shareable,
            write=write,
            authorize=authorize,
            absent_is_none=absent_is_none,
            keep=keep,
        )
        headers, body = payload(headers, json, form, content)
        return self.ask(endpoint, target(path, params), headers, body)

    def ask(
        self, endpoint: Endpoint[T], target: str, headers: Mapping[str, str] = {}, body: bytes | None = None
    ) -> asyncio.Future[T]:
        """Make a call, or join an equal one in flight, or answer from what is kept.

        It is under way when this returns; to cancel what is returned is to wait for it no longer. Outside of a request
        (no scope) a call has as long as all of its attempts may take.

        Args:
            endpoint: what is called. Calls of one operation are decoded in one way.
            target: path, which begins with ``/``, and query, quoted.
            headers: beyond those of every call and those that prove who we are.
            body: as it is sent, of the type that ``headers`` name.

        Raises (where it is awaited):
            UpstreamError: any of the family.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        scope = current_scope.get() or RequestScope(now + self._patience)
        if scope.answer_by() <= now:
            return _failed(UpstreamTimeout(self.source, endpoint.operation, "the request's time is over"))
        keep = endpoint.keep
        if keep is not NEVER and reads_anew.get():
            keep = NEVER
        request = Request(endpoint, target, headers, body, keep)
        if not endpoint.shareable:
            return self._launch(request, None, scope, loop)
        key = request.key if self._network.sharing else (scope, request.key)
        if keep.fresh > 0.0 and (kept := self._memory.get(key, now, keep.fresh)) is not None:
            self.stats.cached[endpoint.operation] += 1
            scope.calls.append(Call(self.source, endpoint.operation, kept.status, 0.0, cached=True))
            return _answered(kept.value)
        flight = self._flights.find(key)
        if flight is not None:
            return self._join(flight, request, key, scope)
        return self._launch(request, key, scope, loop)

    def _launch(
        self, request: Request[T], key: Hashable | None, scope: RequestScope, loop: asyncio.AbstractEventLoop
    ) -> asyncio.Future[T]:
        """Begin a flight."""
        flight = self._flights.make(partial(self._carrier.carry, request, key), scope, key, loop)
        caller = _Caller(self, request, key, flight, scope)
        self._flights.launch(flight)
        return caller

    def _join(
        self, flight: Flight[T], request: Request[T], key: Hashable | None, scope: RequestScope
    ) -> asyncio.Future[T]:
        """Wait for what another began."""
        operation = request.endpoint.operation
        self.stats.shared[operation] += 1
        line = Call(self.source, operation, shared=True)
        scope.calls.append(line)
        self._discipline.joined(flight, scope.caller)
        return _Joiner(self, request, key, flight, scope, line)

    def meaning(self, error: Exception, operation: str) -> Exception:
        """What the end of a wait means to the one who waited."""
        failure: UpstreamError
        if isinstance(error, TimeoutError):
            failure = UpstreamTimeout(self.source, operation, "no answer before the request's deadline")
        elif isinstance(error, Grounded):
            failure = UpstreamUnavailable(self.source, operation, "the gateway is closing")
        else:
            return error
        failure.__cause__ = error
        return failure

    def instead(
        self, failure: Exception, request: Request[T], key: Hashable | None, scope: RequestScope
    ) -> Kept[T] | None:
        """What was read lately, if the call failed because the source is down."""
        if key is None or request.keep.stale == 0.0 or not (isinstance(failure, UpstreamError) and is_sick(failure)):
            return None
        now = asyncio.get_running_loop().time()
        kept = self._memory.get(key, now, request.keep.stale)
        if kept is not None:
            operation = request.endpoint.operation
            self.stats.stale[operation] += 1
            scope.calls.append(Call(self.source, operation, kept.status, 0.0, cached=True, age=now - kept.at))
        return kept

    def _written(self) -> None:
        """A write has ended, here or on another worker."""
        self._flights.cut()
        self._network.generation += 1


class _Caller(Waiter[T]):
    """Waits for a call on behalf of one request.

    Args:
        wire: what the call travels over.
        request: the call.
        key: what its answer is kept under.
        flight: what carries it.
        scope: the request that waits.
    """

    __slots__ = ("_key", "_request", "_wire")

    def __init__(
        self,
        wire: Wire,
        request: Request[T],
        key: Hashable | None,
        flight: Flight[T],
        scope: RequestScope,
    ) -> None:
        self._wire = wire
        self._request = request
        self._key = key
        super().__init__(flight, scope)

    def tell(self, error: Exception) -> None:
        failure = self._wire.meaning(error, self._request.endpoint.operation)
        kept = self._wire.instead(failure, self._request, self._key, self.scope)
        if kept is None:
            self.set_exception(failure)
        else:
            self.set_result(kept.value)


class _Joiner(_Caller[T]):
    """Waits for a call that another request began.

    Args:
        line: its own in the trace; for the rest see :class:`_Caller`.
    """

    __slots__ = ("_line", "_since")

    def __init__(
        self,
        wire: Wire,
        request: Request[T],
        key: Hashable | None,
        flight: Flight[T],
        scope: RequestScope,
        line: Call,
    ) -> None:
        self._line = line
        self._since = perf_counter()
        super().__init__(wire, request, key, flight, scope)

    def left(self) -> None:
        self._line.status = self.flight.status
        self._line.duration = perf_counter() - self._since


def _answered(value: T) -> asyncio.Future[T]:
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future


def _failed(failure: UpstreamError) -> asyncio.Future[T]:
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    future.set_exception(failure)
    return future

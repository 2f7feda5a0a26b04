"""The wire: everything that happens to a call between a source's endpoint method and the upstream.

::

    call ──► kept answer? ──► equal flight? ──► new flight ─┐
                                                            ▼
             ┌────── proof (signs in if need be) ◄──────── _carry, in a task that belongs to no request
             ▼                                              ▲
      discipline: breaker, gate ──► exchange ──► status, check, decode ──► record
                                                            │
      401, 403: proof renewed, once  ◄──────────────────────┤
      429: the gate closes for all, wait ◄──────────────────┤
      may pass, may be sent again: back off ◄───────────────┤
      the source is down: what was read lately ◄────────────┘
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import Any, Protocol, TypeVar, cast

from upstreams.errors import (
    UpstreamError,
    UpstreamMalformed,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from upstreams.http.answers import Check, failure_of
from upstreams.http.breaker import is_sick
from upstreams.http.cache import NEVER, Keep
from upstreams.http.discipline import UNPROVEN, Discipline
from upstreams.http.exchange import Answer, ExchangeError, Place, translate
from upstreams.http.flights import Flight, Flights, Grounded, twin
from upstreams.http.health import WireStats, outcome
from upstreams.http.memory import Memory
from upstreams.http.network import Network, WireLimits
from upstreams.http.requests import Request, payload, segment, target
from upstreams.http.scope import Call, RequestScope, current_scope, reads_anew
from upstreams.records import Source
from upstreams.source import SourceHealth

__all__ = ["Authorizer", "Check", "Network", "Wire", "WireLimits", "segment"]

T = TypeVar("T")

MOST_REFUSALS = 5
"""How often one call lets itself be put off by a 429; without ``Retry-After`` that is 31 seconds."""


class Authorizer(Protocol):
    """How a source proves who we are."""

    async def headers(self) -> Mapping[str, str]:
        """The headers that prove it; may sign in (once, however many callers wait)."""
        ...

    async def renew(self, used: Mapping[str, str]) -> bool:
        """After a 401 or 403: forget what was used and sign in anew, once. False: nothing newer can be had."""
        ...


class Wire:
    """All calls to one source.

    Attributes:
        source: which one.
        authorizer: how we prove who we are; may be set later, since an authorizer signs in over this wire.
        stats: counters for metrics.
    """

    def __init__(self, network: Network, source: Source, base_url: str, authorizer: Authorizer | None = None) -> None:
        """``base_url`` with or without a trailing slash.

        Raises:
            ValueError: it is not an http or https URL, or has a query or a user.
        """
        self._place = Place.of(base_url)
        self.source = source
        self.authorizer = authorizer
        self.stats = network.stats.setdefault(source, WireStats())
        self._network = network
        self._flights = Flights()
        self._memory = Memory(None if network.commons is None else network.commons.lists(source), self._written)
        self._discipline = Discipline(source, network.budget(source), self.stats, network.limits.rate)
        self._patience = network.limits.timeout * (network.limits.retries + 1)
        network.before_closing(self.close)

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

    async def call(
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
        keep: Keep = NEVER,
    ) -> T:
        """Make a call, or join an equal one in flight, or answer from what is kept.

        Outside of a request (no scope) a call has as long as all of its attempts may take.

        Args:
            operation: the name of the endpoint's method, for the trace, metrics and messages. Calls of one operation
                are decoded in one way.
            method: in upper case.
            path: begins with ``/``; parameters in it went through :func:`segment`.
            decode: makes a record of the answer's body; ValueError (msgspec's errors are) means a malformed answer.
            check: the source's own reading of an answer (see :func:`upstreams.http.answers.failure_of`).
            params: the query, in order.
            json: the body.
            form: the body, as a form.
            content: the body as it is, of the type that ``headers`` name.
            headers: beyond those of every call and those that prove who we are.
            idempotent: may be sent again when it is unknown whether it was done. Default: GET.
            shareable: may be joined by equal calls. Default: a GET that is idempotent.
            write: changes something, so that what was read before no longer holds.
                Default: what is not shareable, not GET and not a sign-in.
            authorize: prove who we are (not for the sign-in itself).
            keep: how long a good answer may be used again, if the call is shareable.

        Raises:
            UpstreamError: any of the family.
        """
        now = asyncio.get_running_loop().time()
        scope = current_scope.get() or RequestScope(now + self._patience)
        if scope.answer_by() <= now:
            raise UpstreamTimeout(self.source, operation, "the request's time is over")
        read = method == "GET"
        if idempotent is None:
            idempotent = read
        if shareable is None:
            shareable = read and idempotent
        if write is None:
            write = authorize and not read and not shareable
        if keep is not NEVER and reads_anew.get():
            keep = NEVER
        headers, body = payload(headers, json, form, content)
        request = Request(
            operation, method, target(path, params), headers, body, decode, check, idempotent, write, authorize, keep
        )
        if not shareable:
            return await self._obtain(request, None, scope)
        key = request.key if self._network.sharing else (scope, request.key)
        if keep.fresh > 0.0 and (kept := self._memory.get(key, now, keep.fresh)) is not None:
            self.stats.cached[operation] += 1
            scope.calls.append(Call(self.source, operation, kept.status, 0.0, cached=True))
            return cast(T, kept.value)
        if keep.stale == 0.0:
            return await self._obtain(request, key, scope)
        try:
            return await self._obtain(request, key, scope)
        except UpstreamError as failure:
            now = self._now()
            if not is_sick(failure) or (kept := self._memory.get(key, now, keep.stale)) is None:
                raise
            self.stats.stale[operation] += 1
            scope.calls.append(Call(self.source, operation, kept.status, 0.0, cached=True, age=now - kept.at))
            return cast(T, kept.value)

    async def _obtain(self, request: Request[T], key: Hashable | None, scope: RequestScope) -> T:
        """Join an equal flight, or begin one; those who give up waiting learn why."""
        try:
            if key is not None and (flight := self._flights.find(key)) is not None:
                return cast(T, await self._join(flight, request.operation, scope))
            return await self._launch(request, key, scope)
        except TimeoutError as error:
            reason = "no answer before the request's deadline"
            raise UpstreamTimeout(self.source, request.operation, reason) from error
        except Grounded as error:
            raise UpstreamUnavailable(self.source, request.operation, "the gateway is closing") from error

    async def _launch(self, request: Request[T], key: Hashable | None, scope: RequestScope) -> T:
        """Begin a flight, and wait for it."""

        def work(flight: Flight[T]) -> Coroutine[Any, Any, T]:
            return self._carry(request, key, flight)

        return await self._flights.launch(work, scope, key).wait(scope)

    async def _join(self, flight: Flight[Any], operation: str, scope: RequestScope) -> object:
        """Wait for what another began."""
        self.stats.shared[operation] += 1
        line = Call(self.source, operation, shared=True)
        scope.calls.append(line)
        self._discipline.joined(flight, scope.caller)
        started = perf_counter()
        try:
            return await flight.wait(scope)
        finally:
            line.status = flight.status
            line.duration = perf_counter() - started

    async def _carry(self, request: Request[T], key: Hashable | None, flight: Flight[T]) -> T:
        """The life of a call, in a task of its own, until there is a record or a failure that stays."""
        generation = self._flights.generation
        failures = refusals = 0
        renewed = False
        self._discipline.began()
        mark = None
        try:
            if request.keep.shared and key is not None:
                known, mark = await self._memory.adopt(key, request.keep, request.decode)
                if known is not None:
                    flight.status = known.status
                    flight.calls.append(Call(self.source, request.operation, known.status, 0.0, cached=True))
                    self.stats.cached[request.operation] += 1
                    return known.value
            while True:
                proof = await self._proof(request)
                try:
                    value, answer = await self._attempt(request, proof, flight)
                except UpstreamRateLimited:  # it was not done, and the gate opens when the source can bear it again
                    refusals += 1
                    if refusals > MOST_REFUSALS:
                        raise
                except UpstreamRefused as failure:
                    if key is not None:
                        self._memory.drop(key)
                    if failure.status not in UNPROVEN:
                        raise
                    if renewed or not await self._renew(request, proof):
                        self._discipline.locked_out(failure, sign_in=not request.authorize)
                        raise
                    renewed = True
                except UpstreamError as failure:
                    if not (failure.retryable and request.idempotent and failures < self._network.limits.retries):
                        raise
                    if not self._discipline.may_repeat():
                        raise
                    failures += 1
                    await flight.rest(self._network.backoff(failures), partial(twin, failure))
                else:
                    if request.keep is not NEVER and key is not None and generation == self._flights.generation:
                        await self._memory.keep(key, request.keep, value, answer, mark)
                    return value
        finally:
            if request.write:
                await self._memory.forget()

    async def _attempt(self, request: Request[T], proof: Mapping[str, str], flight: Flight[T]) -> tuple[T, Answer]:
        """Wait for a turn, go out once, read what comes back, and let everybody learn from it."""
        operation = request.operation
        turn = await self._discipline.enter(flight, operation)
        line = Call(self.source, operation)
        flight.calls.append(line)
        self.stats.in_flight += 1
        started = perf_counter()  # uvloop's own clock moves once a turn, in milliseconds
        span = None
        if flight.span is not None:
            span = flight.span.call(self.source, request.operation, request.method)
            proof = {**proof, **span.headers}
        came = "cancelled"
        try:
            answer = await self._exchange(request, proof)
            line.status = flight.status = answer.status
            if answer.status == 429:
                raise self._discipline.refused(turn, operation, answer.headers)
            value = self._read(request, answer)
        except UpstreamError as failure:
            self._discipline.failed(turn, operation, failure)
            came = outcome(failure)
            raise
        except asyncio.CancelledError:
            if flight.overdue:
                came = "timeout"
            self._discipline.abandoned(turn, operation, overdue=flight.overdue)
            raise
        else:
            self._discipline.succeeded(turn, operation)
            came = outcome(None)
            return value, answer
        finally:
            line.duration = perf_counter() - started
            self.stats.in_flight -= 1
            self._discipline.leave()
            if span is not None:
                span.end(line.status, came)

    async def _exchange(self, request: Request[T], proof: Mapping[str, str]) -> Answer:
        """The one place where the HTTP client's failures become ours."""
        headers = {**request.headers, **proof}
        try:
            return await self._network.client.send(self._place, request.method, request.target, headers, request.body)
        except ExchangeError as error:
            raise translate(error, self.source, request.operation) from error

    def _read(self, request: Request[T], answer: Answer) -> T:
        """The record that an answer holds, or the failure that it tells of."""
        failure = failure_of(self.source, request.operation, answer, request.check)
        if failure is not None:
            raise failure
        try:
            return request.decode(answer.body)
        except ValueError as error:
            reason = "the answer is not what the API promises"
            raise UpstreamMalformed(self.source, request.operation, reason, status=answer.status) from error

    def _written(self) -> None:
        """A write has ended, here or on another worker."""
        self._flights.cut()
        self._network.generation += 1

    async def _proof(self, request: Request[T]) -> Mapping[str, str]:
        """The headers that say who we are."""
        if self.authorizer is None or not request.authorize:
            return {}
        return await self.authorizer.headers()

    async def _renew(self, request: Request[T], used: Mapping[str, str]) -> bool:
        """Whether there is now another proof than the one that was not accepted."""
        if self.authorizer is None or not request.authorize:
            return False
        return await self.authorizer.renew(used)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

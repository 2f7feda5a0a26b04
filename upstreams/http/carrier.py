"""The life of a call, from the proof of who we are to a record or a failure that stays.

::

             ┌────── proof (signs in if need be) ◄──────── carry
             ▼                                              ▲
      discipline: breaker, gate ──► exchange ──► status, check, decode ──► record
                                                            │
      401, 403: proof renewed, once  ◄──────────────────────┤
      429: the gate closes for all, wait ◄──────────────────┤
      may pass, may be sent again: back off ◄───────────────┘

Commonly nothing of this has to be waited for but the answer, and then the flight has no task
(:mod:`upstreams.http.flights`). What waits for anything else has the flight go on in one first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from functools import partial
from time import perf_counter
from typing import Protocol, TypeVar, cast

from upstreams.errors import (
    UpstreamError,
    UpstreamMalformed,
    UpstreamNotFound,
    UpstreamRateLimited,
    UpstreamRefused,
)
from upstreams.http.aloft import Flights
from upstreams.http.answers import failure_of
from upstreams.http.cache import NEVER
from upstreams.http.discipline import UNPROVEN, Discipline
from upstreams.http.exchange import Answer, ExchangeError, Place, translate
from upstreams.http.flights import Flight, twin
from upstreams.http.health import WireStats
from upstreams.http.memory import Memory
from upstreams.http.network import Network
from upstreams.http.requests import Request
from upstreams.http.scope import Call
from upstreams.records import Source

T = TypeVar("T")

MOST_REFUSALS = 5
"""How often one call lets itself be put off by a 429; without ``Retry-After`` that is 31 seconds."""


class Authorizer(Protocol):
    """How a source proves who we are."""

    def at_hand(self, now: float) -> Mapping[str, str] | None:
        """The headers that prove it, if there is nothing to wait for. ``now`` is on the event loop's clock."""
        ...

    async def headers(self) -> Mapping[str, str]:
        """The headers that prove it; may sign in (once, however many callers wait)."""
        ...

    async def renew(self, used: Mapping[str, str]) -> bool:
        """After a 401 or 403: forget what was used and sign in anew, once. False: nothing newer can be had."""
        ...


class Nobody:
    """Proves nothing: for a sign-in itself, and for a source that does not ask."""

    def at_hand(self, now: float) -> Mapping[str, str]:
        """See :class:`Authorizer`."""
        return {}

    async def headers(self) -> Mapping[str, str]:
        """See :class:`Authorizer`."""
        return {}

    async def renew(self, used: Mapping[str, str]) -> bool:
        """See :class:`Authorizer`."""
        return False


NOBODY = Nobody()


class Carrier:
    """Carries the calls of one wire.

    Attributes:
        authorizer: how we prove who we are.
    """

    __slots__ = ("_discipline", "_flights", "_memory", "_network", "_place", "_source", "_stats", "authorizer")

    def __init__(
        self,
        network: Network,
        source: Source,
        place: Place,
        *,
        flights: Flights,
        memory: Memory,
        discipline: Discipline,
        stats: WireStats,
        authorizer: Authorizer,
    ) -> None:
        self.authorizer = authorizer
        self._network = network
        self._source = source
        self._place = place
        self._flights = flights
        self._memory = memory
        self._discipline = discipline
        self._stats = stats

    async def carry(self, request: Request[T], key: Hashable | None, flight: Flight[T]) -> T:
        """Make a call.

        Args:
            request: what is asked.
            key: what the answer is kept under; None: it is not.
            flight: those who wait.

        Raises:
            UpstreamError: any of the family.
        """
        endpoint = request.endpoint
        authorizer = self.authorizer if endpoint.authorize else NOBODY
        generation = self._flights.generation
        failures = refusals = 0
        renewed = False
        self._discipline.began()
        mark = None
        try:
            if request.keep.shared and key is not None:
                await flight.in_task()
                known, mark = await self._memory.adopt(key, request.keep, endpoint.decode)
                if known is not None:
                    flight.status = known.status
                    flight.calls.append(Call(self._source, endpoint.operation, known.status, 0.0, cached=True))
                    self._stats.cached[endpoint.operation] += 1
                    return known.value
            while True:
                proof = authorizer.at_hand(flight.loop.time())
                if proof is None:
                    await flight.in_task()
                    proof = await authorizer.headers()
                try:
                    value, answer = await self._attempt(request, proof, flight)
                except UpstreamRateLimited:  # it was not done, and the gate opens when the source can bear it again
                    refusals += 1
                    if refusals > MOST_REFUSALS:
                        raise
                except UpstreamRefused as failure:
                    if key is not None:
                        self._memory.drop(key)
                    if endpoint.absent_is_none and isinstance(failure, UpstreamNotFound):
                        return cast(T, None)
                    if failure.status not in UNPROVEN:
                        raise
                    await flight.in_task()
                    if renewed or not await authorizer.renew(proof):
                        self._discipline.locked_out(failure, sign_in=not endpoint.authorize)
                        raise
                    renewed = True
                except UpstreamError as failure:
                    if not (failure.retryable and endpoint.idempotent and failures < self._network.limits.retries):
                        raise
                    if not self._discipline.may_repeat():
                        raise
                    failures += 1
                    await flight.rest(self._network.backoff(failures), partial(twin, failure))
                else:
                    if request.keep is not NEVER and key is not None and generation == self._flights.generation:
                        if mark is not None:
                            await flight.in_task()
                        await self._memory.keep(key, request.keep, value, answer, mark)
                    return value
        finally:
            if endpoint.write:
                await flight.in_task()
                await self._memory.forget()

    async def _attempt(self, request: Request[T], proof: Mapping[str, str], flight: Flight[T]) -> tuple[T, Answer]:
        """Wait for a turn, go out once, read what comes back, and let everybody learn from it."""
        endpoint = request.endpoint
        operation = endpoint.operation
        now = flight.loop.time()
        turn = self._discipline.take(now)
        if turn is None:
            await flight.in_task()
            turn = await self._discipline.enter(flight, operation)
            now = flight.loop.time()
        line = Call(self._source, operation)
        flight.calls.append(line)
        self._stats.in_flight += 1
        started = perf_counter()  # uvloop's own clock moves once a turn, in milliseconds
        span = None
        if flight.span is not None:
            span = flight.span.call(self._source, operation, endpoint.method)
            proof = {**proof, **span.headers}
        came = "cancelled"
        answer = None
        try:
            client, place, headers = self._network.client, self._place, {**request.headers, **proof}
            try:
                reply = client.ask(place, endpoint.method, request.target, headers, request.body)
                if reply is not None:
                    answer = await reply
                else:
                    await flight.in_task()
                    answer = await client.send(place, endpoint.method, request.target, headers, request.body)
            except ExchangeError as error:  # the one place where the HTTP client's failures become ours
                raise translate(error, self._source, operation) from error
            line.status = flight.status = answer.status
            if answer.status == 429:
                raise self._discipline.refused(turn, operation, answer.headers)
            if not self._network.intake.take(len(answer.body), flight.loop):
                await flight.in_task()
                await self._network.intake.enter(flight.loop)
            value = self._read(request, answer)
        except UpstreamError as failure:
            came = self._discipline.failed(turn, operation, failure, flight.loop.time())
            raise
        except asyncio.CancelledError:
            overdue = flight.overdue and answer is None  # what waits here to be decoded was not late in coming
            came = self._discipline.abandoned(turn, operation, flight.loop.time(), since=now, overdue=overdue)
            raise
        else:
            came = self._discipline.succeeded(turn, operation, flight.loop.time())
            return value, answer
        finally:
            reply = None  # holds the failure, which holds this frame
            line.duration = perf_counter() - started
            self._stats.in_flight -= 1
            self._discipline.leave()
            if span is not None:
                span.end(line.status, came)

    def _read(self, request: Request[T], answer: Answer) -> T:
        """The record that an answer holds, or the failure that it tells of."""
        endpoint = request.endpoint
        failure = failure_of(self._source, endpoint.operation, answer, endpoint.check)
        if failure is not None:
            raise failure
        try:
            return endpoint.decode(answer.body)
        except ValueError as error:
            reason = "the answer is not what the API promises"
            raise UpstreamMalformed(self._source, endpoint.operation, reason, status=answer.status) from error

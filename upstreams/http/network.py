"""The process's share of the wire: one HTTP client, limits and cache times for all sources."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from upstreams.http.budget import Budget, OwnBudget
from upstreams.http.clients import CLIENTS, DEFAULT_CLIENT
from upstreams.http.commons import Commons
from upstreams.http.exchange import Client, Patience
from upstreams.http.health import WireStats
from upstreams.http.intake import Intake
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.retry import full_jitter
from upstreams.records import Source
from upstreams.state import FileState, StateStore


@dataclass(frozen=True, slots=True)
class WireLimits:
    """What one source may be asked to bear (``GATEWAY_UPSTREAM_*``).

    Attributes:
        timeout: seconds an attempt may take.
        concurrency: attempts in the air at once.
        retries: how often an idempotent call is sent again after a failure that may pass.
        rate: calls a second; None: any number.
    """

    timeout: float = 10.0
    concurrency: int = 32
    retries: int = 2
    rate: float | None = None


class Network:
    """One HTTP client for the life of the process.

    Attributes:
        limits: per source.
        sharing: whether equal calls of different requests are one call, and answers are kept. Those of one request
            always are one.
        keeping: how long whole lists and single entities may be used again.
        backoff: seconds to wait after so many failures of a call.
        state: keeps small values of a source, given the folder for this machine's files.
        commons: what the workers share; None: this one shares nothing.
        stats: what happened on the wire of each source, for metrics.
        intake: the order in which large answers are decoded.
        generation: how many writes have ended on any wire: what was read under a lower number may no longer hold.
    """

    def __init__(
        self,
        limits: WireLimits,
        *,
        client: str = DEFAULT_CLIENT,
        sharing: bool = True,
        keeping: Keeping = NOTHING,
        backoff: Callable[[int], float] = full_jitter,
        state: Callable[[Path], StateStore] = FileState,
        commons: Commons | None = None,
    ) -> None:
        self.limits = limits
        self.sharing = sharing
        self.keeping = keeping if sharing else NOTHING
        self.backoff = backoff
        self.state = state
        self.commons = commons
        self.stats: dict[Source, WireStats] = {}
        self.intake = Intake()
        self.generation = 0
        self._open = CLIENTS[client]
        self._client: Client | None = None
        self._closers: list[Callable[[], Awaitable[None]]] = []

    @property
    def client(self) -> Client:
        """The HTTP client.

        Raises:
            RuntimeError: the network was not started.
        """
        if self._client is None:
            raise RuntimeError("the network is not started")
        return self._client

    async def start(self) -> None:
        """Open the client; makes no call."""
        self._client = self._open(Patience(self.limits.timeout))

    def budget(self, source: Source) -> Budget:
        """What a source can bear, as far as it is this process's."""
        if self.commons is None:
            return OwnBudget(self.limits.concurrency)
        return self.commons.budget(source, self.limits.concurrency)

    def before_closing(self, closer: Callable[[], Awaitable[None]]) -> None:
        """Have something ended before the client is closed."""
        self._closers.append(closer)

    async def close(self) -> None:
        """End the calls of all wires, then close the client."""
        for closer in self._closers:
            await closer()
        if self.commons is not None:
            await self.commons.close()
        if self._client is not None:
            await self._client.close()

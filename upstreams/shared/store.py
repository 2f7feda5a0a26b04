"""The connection to Redis: short time-outs, degradation and recovery.

A command that fails takes the store out of use. From then on nobody waits for it: commands fail at once, and a task in
the background probes until the server takes a write in time again. That also notices a server that is full, read-only
or too slow to be of use.

Each process of the server is one :class:`Life`. Every connection is checked to lead to the process that its life began
with, so that nothing is read from a server that came back with older data where that would matter.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from upstreams.shared.address import RedisAddress
from upstreams.shared.protocol import Life, Observer, SharedHealth, SharedUnavailable

T = TypeVar("T")

logger = logging.getLogger(__name__)

VERSION = "1"
"""Of the shape of what is kept; part of every key, so that releases that differ in it do not read each other's."""

TIMEOUT = 0.25
"""Seconds that a command may take."""
CONNECTIONS = 32
"""Of one worker at once; commands beyond them wait their turn."""
PROBE_PAUSE = 0.25
"""Seconds from a failure to the first probe."""
LONGEST_PAUSE = 4.0
"""Seconds between two probes at most."""
CHECK = 5.0
"""Seconds between two looks at a server that nobody had trouble with."""
STEADY = 10.0
"""Seconds of use after which a failure is a new one, and no part of the last."""

_RUN_ID = re.compile(rb"^run_id:([0-9A-Za-z]+)\r?$", re.MULTILINE)


class RedisLife:
    """See :class:`upstreams.shared.protocol.Life`."""

    def __init__(self, client: Redis, prefix: str, run_id: str) -> None:
        self.client = client
        self.run_id = run_id
        self._prefix = prefix

    def key(self, kind: str, *names: str) -> str:
        """See :class:`~upstreams.shared.protocol.Life`."""
        return ":".join((self._prefix, kind, *names))

    def fleeting(self, kind: str, *names: str) -> str:
        """See :class:`~upstreams.shared.protocol.Life`."""
        return self.key(kind, self.run_id[:16], *names)


class RedisStore:
    """See :class:`upstreams.shared.protocol.SharedStore`. One for the life of this process.

    Args:
        address: where the server is.
        namespace: keeps apart what must not meet in one server: other gateways, other secrets.
        timeout: seconds that a command may take.
    """

    def __init__(self, address: RedisAddress, namespace: str, *, timeout: float = TIMEOUT) -> None:
        self.observer: Observer | None = None
        self._address = address
        self._prefix = f"contactgraph:{VERSION}:{namespace}"
        self._timeout = timeout
        self._life: RedisLife | None = None
        self._reason = "not connected yet"
        self._fell = asyncio.Event()
        self._callbacks: list[Callable[[], Awaitable[None]]] = []
        self._task: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def health(self) -> SharedHealth:
        """Whether the store is in use."""
        return SharedHealth(True) if self._life is not None else SharedHealth(False, self._reason)

    def on_return(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Have something done each time the store comes into use."""
        self._callbacks.append(callback)

    async def start(self) -> None:
        """Try to connect, for a moment; then go on trying in the background."""
        if self.observer is not None:
            self.observer.connected(False)
        if not await self._probe():
            logger.warning("Redis: %s; this worker keeps its own state until it is back", self._reason)
        self._task = asyncio.create_task(self._tend(), name="redis")

    async def close(self) -> None:
        """Close all connections."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        life, self._life = self._life, None
        self._reason = "closed"
        if life is not None:
            self._retire(life)
        await asyncio.gather(*self._closing)

    async def run(self, name: str, command: Callable[[Life], Awaitable[T]]) -> T:
        """See :class:`~upstreams.shared.protocol.SharedStore`."""
        life = self._life
        if life is None:
            self._observe(name, "skipped")
            raise SharedUnavailable(self._reason, maybe_done=False)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await command(life)
        except (TimeoutError, OSError, exceptions.RedisError) as error:
            outcome, reason = self._explain(error)
            self._observe(name, outcome)
            self._fall(life, reason)
            raise SharedUnavailable(reason, maybe_done=outcome != "refused") from error
        self._observe(name, "ok")
        return answer

    @asynccontextmanager
    async def published(
        self, name: str, channels: Callable[[Life], Sequence[str]]
    ) -> AsyncIterator[AsyncIterator[tuple[str, str]]]:
        """See :class:`~upstreams.shared.protocol.SharedStore`."""

        async def subscribe(life: Life) -> Any:
            pubsub: Any = life.client.pubsub()
            await pubsub.subscribe(*channels(life))
            return pubsub

        async def messages() -> AsyncIterator[tuple[str, str]]:
            with suppress(OSError, exceptions.RedisError):  # whoever sends a command next learns why
                async for message in pubsub.listen():
                    if message["type"] == "message":
                        yield message["channel"].decode(), message["data"].decode()

        pubsub = await self.run(name, subscribe)
        try:
            yield messages()
        finally:
            with suppress(OSError, exceptions.RedisError):
                await pubsub.aclose()

    def _explain(self, error: Exception) -> tuple[str, str]:
        """What kind of failure it was, and how it is told to people. Never with the text of the server's answer."""
        if isinstance(error, TimeoutError | exceptions.TimeoutError):
            return "timeout", f"no answer within {self._timeout:g} s"
        if isinstance(error, exceptions.AuthenticationError):
            return "refused", "the server refuses the credentials"
        if isinstance(error, exceptions.BusyLoadingError):
            return "refused", "the server is still loading its data"
        if isinstance(error, exceptions.ConnectionError | OSError):
            return "lost", "no connection"
        return "refused", f"the server refuses commands ({type(error).__name__})"

    def _observe(self, name: str, outcome: str) -> None:
        if self.observer is not None:
            self.observer.operation(name, outcome)

    def _fall(self, life: RedisLife, reason: str) -> None:
        """Take a life out of use; others that fail with it come too late to matter."""
        if self._life is not life:
            return
        self._life = None
        self._reason = reason
        self._fell.set()
        self._retire(life)
        if self.observer is not None:
            self.observer.connected(False)
        logger.warning("Redis: %s; this worker keeps its own state until it is back", reason)

    def _retire(self, life: RedisLife) -> None:
        task = asyncio.ensure_future(self._disconnect(life.client))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _disconnect(self, client: Redis) -> None:
        # A connection that is gone already may say so when it is closed; TLS waits for the other side's good-bye.
        with suppress(OSError, exceptions.RedisError):
            async with asyncio.timeout(4 * self._timeout):
                await client.aclose()
                await client.connection_pool.disconnect()

    async def _tend(self) -> None:
        """Bring the store back whenever it fell, and look now and then whether it still stands."""
        clock = asyncio.get_running_loop().time
        rose = clock()
        pause = PROBE_PAUSE
        while True:
            if self._life is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(CHECK):
                        await self._fell.wait()
                if self._life is not None:
                    await self._probe()
                    continue
                # A server that fails again and again is left alone for longer and longer.
                pause = PROBE_PAUSE if clock() - rose > STEADY else min(2 * pause, LONGEST_PAUSE)
            await asyncio.sleep(pause * random.uniform(0.75, 1.0))  # noqa: S311 - spreads the workers' probes
            if await self._probe():
                rose = clock()
                logger.info("Redis: in use again")
            else:
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _probe(self) -> bool:
        """Look whether the server takes a write in time, and which of its processes it is."""
        seen: list[str] = []
        client = self._open(1, seen.append)
        try:
            async with asyncio.timeout(4 * self._timeout):
                await client.ping()
            async with asyncio.timeout(self._timeout):
                key = f"{self._prefix}:probe:{secrets.token_hex(4)}"
                await client.set(key, b"1", px=1000)
        except (TimeoutError, OSError, exceptions.RedisError) as error:
            _, reason = self._explain(error)
            if self._life is not None:
                self._fall(self._life, reason)
            self._reason = reason
            return False
        finally:
            await self._disconnect(client)
        await self._rise(seen[-1])
        return True

    async def _rise(self, run_id: str) -> None:
        if self._life is not None:
            if self._life.run_id == run_id:
                return
            self._fall(self._life, "the server was restarted")
        self._fell.clear()

        def check(found: str) -> None:
            if found != run_id:
                raise exceptions.ConnectionError("another process of the server")

        client = self._open(CONNECTIONS, check)
        self._life = RedisLife(client, self._prefix, run_id)
        if self.observer is not None:
            self.observer.connected(True)
        for callback in self._callbacks:
            try:
                await callback()
            except Exception:
                logger.exception("Redis: what was to be done on its return failed")

    def _open(self, connections: int, check: Callable[[str], None]) -> Redis:
        """A client. It opens no connection yet; of each one ``check`` is told which process it leads to."""

        async def greet(connection: AbstractConnection) -> None:
            await connection.on_connect()
            await connection.send_command("INFO", "server")
            check(_run_id(await connection.read_response()))

        pool = BlockingConnectionPool.from_url(
            self._address.url,
            max_connections=connections,
            timeout=self._timeout,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            driver_info=None,
            redis_connect_func=greet,
        )
        return Redis(connection_pool=pool)


def _run_id(info: Any) -> str:
    found = _RUN_ID.search(info) if isinstance(info, bytes) else None
    if found is None:
        raise exceptions.InvalidResponse("INFO without run_id")
    return found[1].decode()

"""What the gateway sees of the state that its workers share: a store that may be away at any time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")


class SharedUnavailable(Exception):
    """The shared store cannot be asked now; go on with what this process knows.

    Attributes:
        maybe_done: the command was sent, and nobody knows whether it was carried out.
    """

    def __init__(self, reason: str, *, maybe_done: bool) -> None:
        super().__init__(reason)
        self.maybe_done = maybe_done


class SharedHealth(NamedTuple):
    """Whether the store is in use and, when it is not, why."""

    connected: bool
    message: str | None = None


class Observer(Protocol):
    """Is told what happens, for the metrics."""

    def connected(self, connected: bool) -> None:
        """The store came into use, or went out of use."""
        ...

    def operation(self, name: str, outcome: str) -> None:
        """A command ended: ``ok``, ``timeout``, ``lost``, ``refused``, or ``skipped`` while the store is out of use."""
        ...


class Life(Protocol):
    """One process of the store's server, from its start to its end."""

    @property
    def client(self) -> Redis:
        """Sends commands to that process and to no other."""
        ...

    def key(self, kind: str, *names: str) -> str:
        """The key of something that outlives the server's process."""
        ...

    def fleeting(self, kind: str, *names: str) -> str:
        """The key of something that nobody finds again once the server's process has ended.

        A server that comes back from a snapshot also brings back what was deleted after it; under this key that is
        never read.
        """
        ...


class SharedStore(Protocol):
    """A store that all workers reach, when it is there."""

    def health(self) -> SharedHealth:
        """Whether the store is in use; makes no call."""
        ...

    async def run(self, name: str, command: Callable[[Life], Awaitable[T]]) -> T:
        """Send a command, within the store's short time-out.

        Args:
            name: what the metrics call it.
            command: makes the call.

        Raises:
            SharedUnavailable: it failed; or it was not sent, since an earlier one failed and no probe has succeeded.
        """
        ...

    def published(
        self, name: str, channels: Callable[[Life], Sequence[str]]
    ) -> AbstractAsyncContextManager[AsyncIterator[tuple[str, str]]]:
        """Hear what is published from now on, channel and message, until the connection breaks.

        Args:
            name: what the metrics call it.
            channels: which ones.

        Raises:
            SharedUnavailable: the store cannot be heard now.
        """
        ...

    def on_return(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Have something done each time the store comes into use."""
        ...

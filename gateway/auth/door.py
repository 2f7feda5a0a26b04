"""The door: a request comes in when it is known who sends it, and when its sender has not asked too often."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from gateway.auth.bearer import Authenticator
from gateway.errors import RequestRefused
from resolvers.callers import ANYBODY, Caller

if TYPE_CHECKING:
    from gateway.rates import Rates


def queue_name(caller: Caller, peer: str) -> str:
    """What tells a caller from others who want something too: where nobody is asked who they are, their address."""
    return f"peer:{peer}" if caller is ANYBODY else caller.id


class Door:
    """Lets callers in.

    Args:
        authenticator: finds out who asks.
        rates: counts requests; None: any number is let in.
    """

    def __init__(self, authenticator: Authenticator, rates: Rates | None = None) -> None:
        self._authenticator = authenticator
        self._rates = rates

    def caller(self, authorization: Sequence[bytes], peer: str) -> Caller | Coroutine[Any, Any, Caller]:
        """Who asks: at once, if nothing has to be waited for. Nothing else of the request has cost work before.

        Args:
            authorization: the request's headers of that name.
            peer: where it comes from, which stands for a caller that is not known.

        Raises:
            RequestRefused: the caller is not let in, is not known, or has asked too often. Who tries credentials is
                counted by where they come from, so that guessing has a limit too.
        """
        if self._rates is None:
            return self._authenticator.caller(authorization)
        return self._counted(self._rates, authorization, peer)

    async def _counted(self, rates: Rates, authorization: Sequence[bytes], peer: str) -> Caller:
        try:
            caller = self._authenticator.caller(authorization)
            if not isinstance(caller, Caller):
                caller = await caller
        except RequestRefused:
            await rates.count(f"peer:{peer}")
            raise
        await rates.count(queue_name(caller, peer))
        return caller

    async def close(self) -> None:
        """Give back what is held."""
        await self._authenticator.close()

"""The sandbox as a whole: data, services, faults and control plane behind one loopback port."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from sandbox.clock import Clock
from sandbox.cloud4wi.behaviour import Behaviour
from sandbox.cloud4wi.data import Cloud4WiData
from sandbox.cloud4wi.places import ORGANIZATION
from sandbox.cloud4wi.service import Cloud4Wi
from sandbox.control import Control
from sandbox.faults import Fault, Faults
from sandbox.people import persons
from sandbox.store import Store
from sandbox.wire import Call, Wire


@dataclass(frozen=True, slots=True)
class Options:
    """What a sandbox is made from.

    Attributes:
        seed: the same seed and numbers are the same data.
        contacts: how many contacts there are, the published one among them.
        events: how many events there are, the published 19 among them.
        burst: so many of them stand at one instant; more events are made when it is larger than ``events``.
        examples: whether the published contact and events are in the data.
        database: file for the data; None keeps it in memory.
        host, port: where to listen; port 0 takes a free one.
    """

    seed: int = 7
    contacts: int = 2000
    events: int = 30_000
    burst: int = 0
    examples: bool = True
    database: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0


class Sandbox:
    """A running sandbox; make one with :meth:`start`.

    Attributes:
        url: base address of the port, without a slash at the end; Cloud4Wi's base.
        client_key, client_secret: the credentials that Cloud4Wi accepts.
        organization: the ``cid`` of the one organization.
        faults: what goes wrong.
        clock: on which scrolls and tokens live.
        cloud4wi: all data of the service, to compare with and to change.
        behaviour: the switches for what the documents leave open.
    """

    organization = ORGANIZATION

    def __init__(self, options: Options, store: Store, behaviour: Behaviour) -> None:
        self.options = options
        self.clock = Clock()
        self.faults = Faults()
        self.behaviour = behaviour
        people = persons(options.seed, max(0, options.contacts - options.examples))
        self.cloud4wi = Cloud4WiData.make(store, people, options.seed, options.events, options.burst, options.examples)
        self._service = Cloud4Wi(store, self.cloud4wi, self.clock, behaviour, options.seed)
        self.client_key = self._service.tokens.client_key
        self.client_secret = self._service.tokens.client_secret
        self._wire = Wire([self._service], self.faults)
        self.url = ""

    @property
    def calls(self) -> list[Call]:
        """Every request so far, in order of arrival, control ones aside."""
        return self._wire.calls

    def reset_calls(self) -> None:
        """Forgets the requests so far."""
        self._wire.calls.clear()

    def revoke_tokens(self) -> None:
        """Makes all tokens given so far worthless."""
        self._service.revoke_tokens()

    def expire_scrolls(self) -> None:
        """Ends all open scrolls."""
        self._service.expire_scrolls()

    @classmethod
    @asynccontextmanager
    async def start(cls, *, faults: list[Fault] | None = None, **options: Any) -> AsyncIterator[Self]:
        """Runs a sandbox until the block ends.

        Args:
            faults: what goes wrong from the start.
            options: fields of :class:`Options` and of :class:`Behaviour`.

        Raises:
            ValueError: an option nobody knows, or an impossible value.
            OSError: the port cannot be taken.
        """
        names = {each.name for each in fields(Options)}
        behaviour = Behaviour()
        behaviour.change(**{name: value for name, value in options.items() if name not in names})
        made = Options(**{name: value for name, value in options.items() if name in names})
        with ExitStack() as stack:
            store = Store(made.database)
            stack.callback(store.close)
            box = cls(made, store, behaviour)
            box.faults.active += faults or []
            runner = web.AppRunner(box._application(), access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
            await runner.setup()
            try:
                await web.TCPSite(runner, made.host, made.port).start()
                host = f"[{made.host}]" if ":" in made.host else made.host
                box.url = f"http://{host}:{runner.addresses[0][1]}"
                yield box
            finally:
                box.faults.clear()
                await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=16 * 1024 * 1024)
        application.add_routes(Control(self).routes())
        application.router.add_route("*", "/{path:.*}", self._wire.handle)
        return application


def temporary_database(stack: ExitStack) -> Path:
    """A file that is gone when ``stack`` closes."""
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-"))
    return Path(directory) / "data.sqlite"

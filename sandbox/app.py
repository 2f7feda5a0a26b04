"""The sandbox as a whole: data, services, faults and control plane behind one loopback port."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from sandbox.acquire import making as acquire_making
from sandbox.acquire.behaviour import Behaviour as AcquireBehaviour
from sandbox.acquire.oracle import AcquireOracle
from sandbox.acquire.service import Acquire
from sandbox.clock import Clock
from sandbox.cloud4wi.behaviour import Behaviour
from sandbox.cloud4wi.data import Cloud4WiData
from sandbox.cloud4wi.places import ORGANIZATION
from sandbox.cloud4wi.service import Cloud4Wi
from sandbox.control import Control
from sandbox.faults import Fault, Faults
from sandbox.people import everyone, persons
from sandbox.population.cast import Director
from sandbox.population.casting import Cast
from sandbox.population.labels import People
from sandbox.rechat import making as rechat_making
from sandbox.rechat.behaviour import Behaviour as RechatBehaviour
from sandbox.rechat.data import brand_of
from sandbox.rechat.oracle import RechatOracle
from sandbox.rechat.service import Rechat
from sandbox.rechat.tokens import Tokens as RechatTokens
from sandbox.store import Store
from sandbox.wire import Call, Wire


@dataclass(frozen=True, slots=True)
class Options:
    """What a sandbox is made from.

    Attributes:
        seed: the same seed and numbers are the same data.
        contacts: how many contacts Cloud4Wi has, the published one among them.
        events: how many events Cloud4Wi has, the published 19 among them.
        burst: so many of them stand at one instant; more events are made when it is larger than ``events``.
        examples: whether the published contact and events are in the data.
        database: file for Cloud4Wi's data; None keeps it in memory.
        rechat_contacts, acquire_contacts: how many they have; by default 30 and 25 for each 100 of Cloud4Wi's.
        rechat_events: how many stored events Rechat's calendar has; by default 4 for each contact.
        acquire_cases: how many cases there are; by default 8 for each 10 contacts.
        rechat, acquire: their switches, by name.
        host, port: where to listen; port 0 takes a free one.
    """

    seed: int = 7
    contacts: int = 2000
    events: int = 30_000
    burst: int = 0
    examples: bool = True
    database: Path | None = None
    rechat_contacts: int | None = None
    acquire_contacts: int | None = None
    rechat_events: int | None = None
    acquire_cases: int | None = None
    rechat: dict[str, Any] = field(default_factory=dict)
    acquire: dict[str, Any] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 0

    def number(self, name: str, share: float, of: int) -> int:
        """An option that depends on another number where it is not given."""
        given = getattr(self, name)
        return round(of * share) if given is None else int(given)


class Sandbox:
    """A running sandbox; make one with :meth:`start`.

    Attributes:
        url: base address of the port, without a slash at the end; Cloud4Wi's base.
        client_key, client_secret: the credentials that Cloud4Wi accepts.
        organization: the ``cid`` of the one organization.
        faults: what goes wrong.
        clock: on which scrolls and tokens live.
        cloud4wi: all data of the service, to compare with and to change.
        behaviour, rechat_behaviour, acquire_behaviour: the switches for what the services' documents leave open.
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
        self.rechat_behaviour, self.acquire_behaviour = RechatBehaviour(), AcquireBehaviour()
        self.rechat_behaviour.change(**options.rechat)
        self.acquire_behaviour.change(**options.acquire)
        self.rechat_tokens = RechatTokens(options.seed, self.clock, self.rechat_behaviour.token_ttl)
        brand = brand_of(options.seed)
        self._rechat = Rechat(lambda: self.rechat.data, self.rechat_tokens, self.rechat_behaviour, brand)
        self._acquire = Acquire(lambda: self.acquire.data, self.acquire_behaviour, options.seed)
        self._wire = Wire([self._service, self._rechat, self._acquire], self.faults)
        self.url = ""

    def credentials(self) -> dict[str, dict[str, str]]:
        """Address and credentials of each service: what a client needs to be pointed at the sandbox."""
        return {
            "cloud4wi": {
                "url": self.url,
                "clientKey": self.client_key,
                "clientSecret": self.client_secret,
                "organization": self.organization,
            },
            "rechat": {
                "url": self.rechat_url,
                "accessToken": self.rechat_token,
                "clientId": self.rechat_client_id,
                "clientSecret": self.rechat_client_secret,
                "refreshToken": self.rechat_refresh_token,
                "brand": self.rechat_brand,
            },
            "acquire": {"url": self.acquire_url, "apiKey": self.acquire_key},
        }

    # -- the other services, whose data is made when it is first asked for ---------------------------

    @cached_property
    def _cast(self) -> Cast:
        made = self.options
        rechat = made.number("rechat_contacts", 0.3, made.contacts)
        acquire = made.number("acquire_contacts", 0.25, made.contacts)
        first = max(0, made.contacts - made.examples)
        records = dict(self.cloud4wi.made(4 * (rechat + acquire) + 100))
        known = [(person, records[person.id]) for person in persons(made.seed, len(records))]
        newcomers = islice(everyone(made.seed), first, None)
        return Director(made.seed, known, newcomers, rechat, acquire).cast()

    @property
    def people(self) -> People:
        """For tests: whose record is whose, and what matching ought to find."""
        return self._cast.people

    @cached_property
    def rechat(self) -> RechatOracle:
        """All data of Rechat, to compare with and to change."""
        cards, made = self._cast.rechat, self.options
        events = made.number("rechat_events", 4, len(cards))
        return RechatOracle(rechat_making.make(cards, made.seed, events, self.clock))

    @cached_property
    def acquire(self) -> AcquireOracle:
        """All data of Acquire, to compare with and to change."""
        cards, made = self._cast.acquire, self.options
        cases = made.number("acquire_cases", 0.8, len(cards))
        disorder = self.acquire_behaviour.disorder
        return AcquireOracle(acquire_making.make(cards, made.seed, cases, disorder, self.clock))

    @property
    def rechat_url(self) -> str:
        """Rechat's base address."""
        return self.url + self._rechat.prefix

    @property
    def rechat_token(self) -> str:
        """An access token that was good when the sandbox started."""
        return self.rechat_tokens.access_token

    @property
    def rechat_client_id(self) -> str:
        """The client that refresh tokens are given to."""
        return self.rechat_tokens.client_id

    @property
    def rechat_client_secret(self) -> str:
        """Its secret."""
        return self.rechat_tokens.client_secret

    @property
    def rechat_refresh_token(self) -> str:
        """The refresh token that is good now."""
        return self.rechat_tokens.refresh_token

    @property
    def rechat_brand(self) -> str:
        """The id of the one brand."""
        return self._rechat.brand

    @property
    def acquire_url(self) -> str:
        """Acquire's base address."""
        return self.url + self._acquire.prefix

    @property
    def acquire_key(self) -> str:
        """The API key that is good now."""
        return self._acquire.key

    @property
    def calls(self) -> list[Call]:
        """Every request so far, in order of arrival, control ones aside."""
        return self._wire.calls

    def reset_calls(self) -> None:
        """Forgets the requests so far."""
        self._wire.calls.clear()

    def revoke_tokens(self) -> None:
        """Makes all tokens that Cloud4Wi and Rechat gave so far worthless; refresh tokens stay good."""
        self._service.revoke_tokens()
        self._rechat.revoke_tokens()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers a request that did not come over the port."""
        return await self._wire.handle(request)

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

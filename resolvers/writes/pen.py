"""What a change is written with: its input, the clients of the sources, and a memory of what was sent.

Every call that changes something goes through :meth:`Pen.write`, which sends it once and knows afterwards whether it
was done, was not done, or may have been.
"""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from resolvers.context import Context
from resolvers.errors import BadUserInput, TooComplex
from resolvers.ids import GlobalId, parse_id_of, require_on
from resolvers.writes.outcome import Declined, UserErrorCode, camel, declined, refusal, unsupported
from upstreams.errors import (
    UpstreamError,
    UpstreamMalformed,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from upstreams.http.exchange import never_sent
from upstreams.http.scope import reads_anew
from upstreams.records import ContactRecord, Entity, Source

if TYPE_CHECKING:
    from upstreams.acquire.client import Client as AcquireClient
    from upstreams.acquire.source import Acquire
    from upstreams.cloud4wi.client import Client as Cloud4WiClient
    from upstreams.cloud4wi.source import Cloud4Wi
    from upstreams.rechat.client import Client as RechatClient
    from upstreams.rechat.source import Rechat

T = TypeVar("T")

Given = Mapping[str, Any]
"""An input, by names as Python writes them; what the client left out is not in it, null is None."""

WRITABLE = frozenset({Source.CLOUD4WI, Source.RECHAT, Source.ACQUIRE})
"""The sources that mutations know how to write; what is of another is declined before any call."""


class Pen:
    """What one mutation works with.

    Attributes:
        context: of the request.
        given: the input.
        done: how many calls were carried out.
        unsure: a call may have been carried out, and nobody knows.
    """

    def __init__(self, context: Context, given: Given) -> None:
        self.context = context
        self.given = given
        self.done = 0
        self.unsure = False

    @property
    def touched(self) -> bool:
        """Something was changed, or may have been."""
        return self.unsure or self.done > 0

    # -- sources -----------------------------------------------------------------------------------

    def require(self, source: Source) -> Source:
        """Refuse a source that is off, or that no mutation writes.

        Raises:
            BadUserInput: it is not configured.
            Declined: it is not writable.
        """
        if source not in self.context.services.sources:
            on = ", ".join(known.value for known in self.context.services.sources)
            raise BadUserInput(f"The input needs {source.value}, but this gateway is connected to {on} only.")
        if source not in WRITABLE:
            raise Declined(unsupported("source", source, "change anything"))
        return source

    @property
    def cloud4wi(self) -> Cloud4WiClient:
        """Cloud4Wi's endpoints."""
        return cast("Cloud4Wi", self.context.services.sources[self.require(Source.CLOUD4WI)]).client

    @property
    def rechat(self) -> RechatClient:
        """Rechat's endpoints."""
        return cast("Rechat", self.context.services.sources[self.require(Source.RECHAT)]).client

    @property
    def acquire(self) -> AcquireClient:
        """Acquire's endpoints."""
        return cast("Acquire", self.context.services.sources[self.require(Source.ACQUIRE)]).client

    # -- ids ---------------------------------------------------------------------------------------

    def id(self, name: str, entity: Entity = Entity.CONTACT) -> GlobalId:
        """The object that a part of the input names.

        Raises:
            InvalidId: the id does not parse, names another type, or its source is off.
            Declined: its source is not writable.
        """
        return self.parse(self.given[name], entity, camel(name))

    def parse(self, text: str, entity: Entity = Entity.CONTACT, field: str | None = None) -> GlobalId:
        """What an id says; ``field`` is the part of the input that it stands in. See :meth:`id`."""
        parsed = parse_id_of(text, entity)
        require_on(parsed, self.context.services.sources, text)
        if parsed.source not in WRITABLE:
            raise Declined(unsupported(field, parsed.source, "change anything"))
        return parsed

    def ids(self, name: str, entity: Entity = Entity.CONTACT) -> dict[str, GlobalId]:
        """The objects that a list of ids names, each once, in order.

        Raises:
            InvalidId: see :meth:`id`.
            Declined: there are none, or see :meth:`id`.
            TooComplex: there are more than allowed.
        """
        texts = self.some(name)
        return {text: self.parse(text, entity, f"{camel(name)}.{place}") for place, text in enumerate(texts)}

    def some(self, name: str) -> Sequence[Any]:
        """A list that must not be empty.

        Raises:
            Declined: it is.
            TooComplex: it is longer than a list of ids may be.
        """
        items: Sequence[Any] = self.given[name]
        most = self.context.services.max_ids
        if len(items) > most:
            raise TooComplex(f"{camel(name)} holds {len(items)} elements; at most {most} are allowed.")
        if not items:
            raise declined(camel(name), "There is nothing in it, so nothing was sent.", UserErrorCode.EMPTY_SELECTION)
        return items

    # -- calls -------------------------------------------------------------------------------------

    async def write(self, call: Awaitable[T], field: str | None = None) -> T:
        """Make a call that changes something.

        Args:
            field: the part of the input that a refusal is about.

        Raises:
            Declined: the source refused it for a reason that the user can put right.
            UpstreamError: it failed. Not retryable where it may have been done.
        """
        try:
            answer = await call
        except UpstreamRefused as error:
            raise _refused(error, field) from error
        except UpstreamRateLimited:
            raise  # it was not done
        except UpstreamError as error:
            if never_sent(error):
                raise
            self.unsure = True
            raise uncertain(error) from error
        self.done += 1
        return answer

    async def look(self, call: Coroutine[Any, Any, T], field: str | None = None) -> T:
        """Make a call that only reads, of something that the input names and the change begins with.

        It is read anew, so that a kept answer does not undo what others have changed since. That takes a coroutine: a
        call that is a future was begun before this.

        Raises:
            Declined: there is no such thing.
            UpstreamError: it failed.
        """
        token = reads_anew.set(True)
        try:
            return await call
        except UpstreamRefused as error:
            raise _refused(error, field) from error
        finally:
            reads_anew.reset(token)

    async def read_back(self, source: Source, ids: Sequence[str]) -> list[ContactRecord]:
        """Contacts as they are after the change, with what the client selects of them; without those that are gone.

        Raises:
            UpstreamError: one could not be read.
        """
        if not ids:
            return []
        self.context.forget()
        found = []
        for answer in await self.context.services.sources[source].contacts_by_id(ids):
            if isinstance(answer, UpstreamError):
                raise answer
            if answer is not None:
                found.append(answer)
        return found


def _refused(error: UpstreamRefused, field: str | None) -> Exception:
    told = refusal(error, field)
    return error if told is None else Declined(told)


def uncertain(error: UpstreamError) -> UpstreamError:
    """The failure of a call that may have been done: of the same kind, and nothing to repeat blindly."""
    kinds: tuple[type[UpstreamError], ...] = (UpstreamTimeout, UpstreamMalformed)
    kind = next((kind for kind in kinds if isinstance(error, kind)), UpstreamUnavailable)
    reason = f"{error.reason}; the change may have been made: look before you repeat it"
    told = kind(error.source, error.operation, reason, status=error.status)
    told.retryable = False
    return told

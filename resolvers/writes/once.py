"""A change is made once, and a change that was begun is brought to its end.

The work runs in a task of its own: a client that leaves does not cut it in two. Under a ``clientMutationId`` a ledger
remembers for ten minutes what became of it. The same key again gets the first answer, or waits for it; its objects are
read anew, since the ledger keeps their ids and nothing of what is in them.

    nothing kept  ──begin──►  begun  ──►  done       the outcome, as ids
                                │ └────►  unsure     a call failed after it may have been carried out: never sent again
                                └──────►  (nothing)  it failed before anything was sent: the key is free
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import Enum
from hashlib import sha256
from typing import Any, ClassVar

import msgspec

from resolvers.context import Context
from resolvers.errors import BadUserInput, GatewayError
from resolvers.writes.outcome import Declined, Outcome, UserError, UserErrorCode
from resolvers.writes.pen import Given, Pen
from resolvers.writes.recall import Things, recall, things_of
from upstreams.ledger import Held, LedgerUnavailable

logger = logging.getLogger("contactgraph.writes")

LONGEST_KEY = 200

Work = Callable[[Pen], Coroutine[Any, Any, Outcome]]


class LedgerAway(GatewayError):
    """What was done under a key cannot be looked up, so nothing was sent."""

    code: ClassVar[str] = "UPSTREAM_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "What was done under a clientMutationId cannot be looked up now, so nothing was sent. "
            "Repeat it with the same clientMutationId.",
            retryable=True,
        )


class Unsure(GatewayError):
    """A change under this key may have been made; it is not made again."""

    code: ClassVar[str] = "UPSTREAM_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "The change under this clientMutationId was begun and may have been made, at least in part; it is not "
            "sent again. Look, and use another clientMutationId for what is missing.",
            retryable=False,
        )


class State(Enum):
    """How far the work of a key is."""

    BEGUN = "begun"
    DONE = "done"
    UNSURE = "unsure"


class KeptError(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user error as it is kept; its message quotes nothing that was given."""

    message: str
    code: UserErrorCode
    field: str | None = None


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a ledger keeps of a change.

    Attributes:
        fingerprint: of the field and its input; keyed, so that it tells nothing of them.
        state: how far it is.
        things: the ids of what was changed.
        errors: the user errors.
    """

    fingerprint: str
    state: State
    things: Things = Things()
    errors: Sequence[KeptError] = ()


_running: set[asyncio.Task[Any]] = set()
"""The changes under way: a task that nobody holds may be lost."""


async def make_change(context: Context, info: Any, name: str, given: Given, work: Work) -> Outcome:
    """Make a change.

    Args:
        name: the field of the mutation.
        given: its input.
        work: makes the change.

    Raises:
        GatewayError: the input makes no sense, or the key was used for another change.
        UpstreamError: a source failed.
    """
    key = given.get("client_mutation_id")
    pen = Pen(context, {name: value for name, value in given.items() if name != "client_mutation_id"})
    try:
        if key is None:
            outcome = await _to_its_end(_carry_out(pen, work))
        else:
            outcome = await _under_a_key(key, name, pen, work)
    finally:
        context.forget()
    outcome.client_mutation_id = key
    context.report(outcome.failures, info)
    return outcome


async def _under_a_key(key: str, name: str, pen: Pen, work: Work) -> Outcome:
    if not key.strip() or len(key) > LONGEST_KEY:
        raise BadUserInput(f"clientMutationId must have 1 to {LONGEST_KEY} characters that are not all blank.")
    services, caller = pen.context.services, pen.context.caller
    fingerprint = _digest(services.ledger_secret, name.encode(), _plain(pen.given))
    place = _digest(services.ledger_secret, caller.tenant.encode(), caller.id.encode(), key.encode())
    try:
        held = await services.ledger.hold(place)
    except LedgerUnavailable as error:
        raise LedgerAway from error
    if held.record is None:
        # The work lets the key go, since it goes on when the client has left.
        return await _to_its_end(_first(held, fingerprint, pen, work))
    try:
        kept = msgspec.json.decode(held.record, type=Kept)
        if kept.fingerprint != fingerprint:
            raise BadUserInput("The clientMutationId was used for another change within the last 10 minutes.")
        if kept.state is not State.DONE:
            raise Unsure
    finally:
        await held.release()
    outcome = await recall(pen, kept.things)
    outcome.user_errors = [UserError(error.field, error.message, error.code) for error in kept.errors]
    return outcome


async def _first(held: Held, fingerprint: str, pen: Pen, work: Work) -> Outcome:
    try:
        try:
            await held.keep(msgspec.json.encode(Kept(fingerprint, State.BEGUN)))
        except LedgerUnavailable as error:
            raise LedgerAway from error
        try:
            outcome = await _carry_out(pen, work)
        except BaseException:
            await _note(held, Kept(fingerprint, State.UNSURE) if pen.touched else None)
            raise
        errors = [KeptError(error.message, error.code, error.field) for error in outcome.user_errors]
        state = State.UNSURE if outcome.failures else State.DONE
        await _note(held, Kept(fingerprint, state, things_of(outcome), errors))
        return outcome
    finally:
        await held.release()


async def _note(held: Held, kept: Kept | None) -> None:
    """Keep what became of a change, or forget one that was not made.

    What cannot be noted stays as begun, so that a repetition is refused rather than done.
    """
    try:
        if kept is None:
            await held.forget()
        else:
            await held.keep(msgspec.json.encode(kept))
    except LedgerUnavailable:
        logger.warning("what became of a change cannot be kept; its clientMutationId will be refused")


async def _carry_out(pen: Pen, work: Work) -> Outcome:
    try:
        return await work(pen)
    except Declined as refused:
        return Outcome(user_errors=refused.errors)


async def _to_its_end(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Do the work in a task that outlives the client's interest; the request's deadline bounds its calls."""
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_over)
    return await asyncio.shield(task)


def _over(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # whoever still waits has it; if nobody does, it is no news


def _digest(secret: bytes, *parts: bytes) -> str:
    """A keyed digest of parts, none of which can be taken for a piece of another."""
    mac = hmac.new(secret, b"contactgraph client mutation ids", sha256)
    for part in parts:
        mac.update(len(part).to_bytes(8, "big") + part)
    return mac.hexdigest()


def _plain(given: Mapping[str, Any]) -> bytes:
    """An input as bytes that are equal for equal inputs. A file counts with all its bytes."""
    return msgspec.json.encode(given, enc_hook=_file, order="deterministic")


def _file(value: Any) -> Any:
    content = getattr(value, "content", None)
    if isinstance(content, bytes):
        return [value.filename, sha256(content).hexdigest()]
    raise NotImplementedError

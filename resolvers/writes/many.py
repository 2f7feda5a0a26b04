"""Many contacts at once: changed, deleted. A part that a source refuses or fails does not undo the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from resolvers.writes import acquire_values
from resolvers.writes.contacts import GONE, belongs, delete_one, only_at_creation, update_acquire
from resolvers.writes.outcome import Declined, Outcome, UserError, UserErrorCode, declined, refusal, unsupported
from resolvers.writes.pen import Given, Pen
from resolvers.writes.recall import WITH_ATTRIBUTES, Thing
from resolvers.writes.recall import contacts as read_contacts
from resolvers.writes.rechat_changes import Difference, difference
from resolvers.writes.rechat_values import Definitions, Wanted, wanted
from upstreams.errors import UpstreamError
from upstreams.rechat.batches import contacts_by_id
from upstreams.rechat.client import ChangedContact
from upstreams.rechat.records import Contact as RechatContact
from upstreams.records import Source


async def update_many(pen: Pen) -> Outcome:
    """Change several contacts: those of Rechat in one call, those of Acquire in one call each."""
    rows: Sequence[Given] = pen.some("contacts")
    ids = [pen.parse(row["id"]) for row in rows]
    errors: list[UserError] = []
    if len(set(ids)) < len(ids):
        raise declined("contacts", "A contact stands in it twice.", UserErrorCode.INVALID)
    for place, (id, row) in enumerate(zip(ids, rows, strict=True)):
        try:
            belongs(row, id.source, f"contacts.{place}.")
        except Declined as refused:
            errors += refused.errors
        if id.source is Source.CLOUD4WI:
            errors.append(unsupported(f"contacts.{place}.id", id.source, "change a contact; see consentsUpdate"))
        errors += only_at_creation(row, f"contacts.{place}.")
        if id.source is Source.ACQUIRE:
            try:
                acquire_values.contact_fields(row, at=f"contacts.{place}.")
            except Declined as refused:
                errors += refused.errors
    if errors:
        raise Declined(*errors)
    rechat = {place: id.key for place, id in enumerate(ids) if id.source is Source.RECHAT}
    plans = await _plans(pen, rechat, rows)
    outcome = Outcome()
    done: set[int] = set()
    if plans and await attempt(outcome, _update_rechat(pen, plans)):
        done |= plans.keys()
    acquire = {place: id.key for place, id in enumerate(ids) if id.source is Source.ACQUIRE}
    results = await each(
        {place: update_acquire(pen, key, rows[place], f"contacts.{place}.") for place, key in acquire.items()}
    )
    done |= settle(outcome, results, lambda place: f"contacts.{place}.id")
    raise_if_nothing(outcome, done)
    things = [Thing(id.source, id.key) for place, id in enumerate(ids) if place in done]
    outcome.contacts = await read_contacts(pen, things)
    return outcome


async def _plans(pen: Pen, places: Mapping[int, str], rows: Sequence[Given]) -> dict[int, tuple[str, Difference]]:
    if not places:
        return {}
    definitions = await Definitions.read(pen)
    asked: dict[int, Wanted] = {}
    errors: list[UserError] = []
    for place in places:
        try:
            asked[place] = wanted(rows[place], definitions, f"contacts.{place}.")
        except Declined as refused:
            errors += refused.errors
    if errors:
        raise Declined(*errors)
    found = await _whole_ones(pen, list(places.values()))
    missing = [place for place, key in places.items() if key.lower() not in found]
    if missing:
        raise Declined(*(UserError(f"contacts.{place}.id", GONE, UserErrorCode.NOT_FOUND) for place in missing))
    return {place: (key, difference(found[key.lower()], asked[place])) for place, key in places.items()}


async def _update_rechat(pen: Pen, plans: Mapping[int, tuple[str, Difference]]) -> None:
    changes = [ChangedContact(id=key, attributes=plan.write) for key, plan in plans.values() if plan.write]
    if changes:
        await pen.write(pen.rechat.update_contacts(changes))
    gone = [id for _, plan in plans.values() for id in plan.delete]
    if gone:
        await pen.write(pen.rechat.delete_attributes(gone))


async def delete_many(pen: Pen) -> Outcome:
    """Delete contacts for good: those of Rechat in one call, the others in one call each."""
    ids = pen.ids("ids")
    outcome = Outcome()
    rechat = {text: id.key for text, id in ids.items() if id.source is Source.RECHAT}
    done: set[str] = set()
    if rechat:
        # Whether one unknown id spoils the call is not documented, nor does the answer say who is gone.
        there = {row.source_id.lower() for row in await _found(pen, list(rechat.values()))}
        known = {text: key for text, key in rechat.items() if key.lower() in there}
        outcome.user_errors = [
            UserError(f"ids.{place}", GONE, UserErrorCode.NOT_FOUND)
            for place, text in enumerate(pen.given["ids"])
            if text in rechat and text not in known
        ]
        if known and await attempt(outcome, pen.write(pen.rechat.delete_contacts(list(known.values())), "ids")):
            done |= known.keys()
    places = {text: place for place, text in reversed(list(enumerate(pen.given["ids"])))}
    others = {places[text]: delete_one(pen, id, None) for text, id in ids.items() if text not in rechat}
    deleted = settle(outcome, await each(others), lambda place: f"ids.{place}")
    done |= {pen.given["ids"][place] for place in deleted}
    raise_if_nothing(outcome, done)
    outcome.deleted_ids = [text for text in ids if text in done]
    return outcome


async def _whole_ones(pen: Pen, keys: Sequence[str]) -> dict[str, RechatContact]:
    return {row.source_id.lower(): row for row in await _found(pen, keys, WITH_ATTRIBUTES)}


async def _found(pen: Pen, keys: Sequence[str], wanted: Sequence[str] = ()) -> list[RechatContact]:
    """Those contacts of Rechat that there are, in one call for each hundred."""
    found = await contacts_by_id(pen.rechat, keys, wanted)
    for answer in found.values():
        if isinstance(answer, UpstreamError):
            raise answer
    return [answer for answer in found.values() if isinstance(answer, RechatContact)]


async def attempt(outcome: Outcome, work: Awaitable[object]) -> bool:
    """Do one of several things; whether it was done. What was not goes into the outcome."""
    return bool(settle(outcome, await each({0: work}), lambda place: None))


async def each(work: Mapping[int, Awaitable[object]]) -> dict[int, object]:
    """Do several things at once; a failure stands at its place."""
    answers = await asyncio.gather(*work.values(), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, UpstreamError | Declined):
            raise answer
    return dict(zip(work, answers, strict=True))


def settle(outcome: Outcome, results: Mapping[int, object], field: Callable[[int], str | None]) -> set[int]:
    """Which of several things were done; what the user can put right, and what failed, goes into the outcome.

    Args:
        field: the part of the input that names the thing at a place.
    """
    errors = list(outcome.user_errors)
    done = set()
    for place, answer in results.items():
        if isinstance(answer, Declined):
            errors += [UserError(error.field or field(place), error.message, error.code) for error in answer.errors]
        elif isinstance(answer, UpstreamError):
            told = refusal(answer, field(place))
            if told is None:
                outcome.failures.append(answer)
            else:
                errors.append(told)
        else:
            done.add(place)
    outcome.user_errors = errors
    return done


def raise_if_nothing(outcome: Outcome, done: set[int] | set[str]) -> None:
    """A failure beside which nothing was done is the answer.

    Raises:
        UpstreamError: the first failure.
    """
    if outcome.failures and not done and not outcome.user_errors:
        raise outcome.failures[0]

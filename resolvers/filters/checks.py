"""What all filters share: their ids and sources are checked, their text is folded, their value binds a cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from resolvers.errors import BadUserInput, TooComplex
from resolvers.ids import GlobalId, parse_id_of, require_on
from resolvers.loaders import Key
from upstreams.instants import Instant
from upstreams.records import Entity, Source

R = TypeVar("R")
Check = Callable[[R], bool]


class Limits(Struct, frozen=True):
    """What a filter is checked against.

    Attributes:
        sources: the configured ones.
        max_ids: how many ids a list may hold.
    """

    sources: Mapping[Source, Any]
    max_ids: int


def chosen_sources(given: Sequence[Source] | None, limits: Limits) -> tuple[Source, ...] | None:
    """The sources of a filter, in their order.

    Raises:
        BadUserInput: one of them is not configured.
    """
    if given is None:
        return None
    for source in given:
        if source not in limits.sources:
            on = ", ".join(known.value for known in limits.sources)
            raise BadUserInput(f"filter.sources names {source.value}, but this gateway is connected to {on} only.")
    return tuple(sorted(set(given), key=lambda source: source.rank))


def chosen_id(text: str, entity: Entity, limits: Limits) -> Key:
    """An id of a filter.

    Raises:
        InvalidId: it does not parse, names another type, or a source that is off.
    """
    parsed = parse_id_of(text, entity)
    require_on(parsed, limits.sources, text)
    return Key(parsed.source, parsed.key)


def chosen_ids(given: Sequence[str] | None, entity: Entity, name: str, limits: Limits) -> tuple[Key, ...] | None:
    """The ids of a filter, each once, in a fixed order.

    Raises:
        InvalidId: as for one id.
        TooComplex: there are more than allowed.
    """
    if given is None:
        return None
    if len(given) > limits.max_ids:
        raise TooComplex(f"filter.{name} holds {len(given)} ids; at most {limits.max_ids} are allowed.")
    keys = {chosen_id(text, entity, limits) for text in given}
    return tuple(sorted(keys, key=lambda key: (key.source.rank, key.id)))


def require_order(low: Instant | None, high: Instant | None, low_name: str, high_name: str) -> None:
    """Refuse a range that is empty by construction.

    Raises:
        BadUserInput: the lower bound is not before the upper.
    """
    if low is not None and high is not None and low >= high:
        raise BadUserInput(f"filter.{low_name} must be before filter.{high_name}.")


def folded(search: str | None) -> str | None:
    """A search text as it is compared; None when it is blank, which filters nothing."""
    return (search.strip().casefold() or None) if search else None


def contains(search: str, texts: Iterable[str | None]) -> bool:
    """Whether any text contains the folded search."""
    return any(search in text.casefold() for text in texts if text)


def within(instant: Instant | None, low: Instant | None, high: Instant | None) -> bool:
    """Whether an instant lies in ``[low, high)``; an unknown one does not."""
    return instant is not None and (low is None or instant >= low) and (high is None or instant < high)


def every(checks: list[Check[R]]) -> Check[R] | None:
    """One check out of many; None when there are none."""
    if not checks:
        return None
    if len(checks) == 1:
        return checks[0]
    return lambda record: all(check(record) for check in checks)


def for_source(keys: tuple[Key, ...] | None, source: Source) -> tuple[str, ...] | None:
    """The ids that belong to a source."""
    return None if keys is None else tuple(key.id for key in keys if key.source is source)


def wants_source(source: Source, sources: tuple[Source, ...] | None, *keys: tuple[Key, ...] | None) -> bool:
    """Whether records of a source can match: it is not excluded, and each list of ids names one of its own."""
    if sources is not None and source not in sources:
        return False
    return all(listed is None or any(key.source is source for key in listed) for listed in keys)


def binding(field: str, parent: GlobalId | None, chosen: Struct, order: str) -> str:
    """The text that a cursor is bound to: field, parent object, normalised filter and order."""
    whose = None if parent is None else (parent.entity, parent.source, parent.key)
    terms = {
        name: sorted(item.value for item in value) if isinstance(value, frozenset) else value
        for name in chosen.__struct_fields__
        if (value := getattr(chosen, name)) is not None
    }
    return msgspec.json.encode((field, whose, terms, order), order="deterministic").decode()

"""The query parameters of lists, under the names and in the forms that the assumptions name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from upstreams.cloud4wi import assumptions
from upstreams.feeds import Bounds
from upstreams.instants import Instant, second, utc_text

Params = Sequence[tuple[str, str]]


def of_contacts(
    bounds: Bounds,
    reverse: bool,
    size: int,
    *,
    segments: Sequence[str] | None,
    locations: Sequence[str] | None,
    modified: Bounds | None,
    scroll: str | None,
) -> Params:
    """Those of a list of contacts."""
    return _named(
        assumptions.CONTACTS_PARAMETERS.assumed,
        segments=_listed(segments),
        locations=_listed(locations),
        start=_time(bounds.start),
        end=_time(bounds.end),
        modified_start=_time(modified.start if modified else None),
        modified_end=_time(modified.end if modified else None),
        sort=assumptions.CONTACTS_SORT.assumed,
        reverse=_flag(reverse),
        size=str(size),
        scroll=scroll,
    )


def of_events(
    bounds: Bounds,
    reverse: bool,
    size: int,
    types: Sequence[str] | None,
    *,
    scrolling: bool = False,
    scroll: str | None = None,
) -> Params:
    """Those of a list of events."""
    return _named(
        assumptions.EVENTS_PARAMETERS.assumed,
        start=_time(bounds.start),
        end=_time(bounds.end),
        types=_listed(types),
        sort=assumptions.EVENTS_SORT.assumed,
        reverse=_flag(reverse),
        size=str(size),
        enable_scroll=_flag(True) if scrolling else None,
        scroll=scroll,
    )


def _named(names: Mapping[str, str], **values: str | None) -> Params:
    """Under the upstream's names, without those that say nothing."""
    return [(names[name], value) for name, value in values.items() if value is not None]


def _listed(values: Sequence[str] | None) -> str | None:
    return None if values is None else assumptions.SEVERAL_VALUES.assumed.join(values)


def _time(instant: Instant | None) -> str | None:
    return None if instant is None else utc_text(second(instant))


def _flag(value: bool) -> str:
    return "true" if value else "false"

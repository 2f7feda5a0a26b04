"""The calendar: stored events, and those that contacts make by themselves (next touches, birthdays and their like).

An event about several contacts is one row of its own type (``crm_task``) and one row for each contact of the dual type
(``crm_association``). The documents name both and no order; without ``object_types`` the dual rows are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.rechat import views
from sandbox.rechat.behaviour import Behaviour
from sandbox.rechat.data import Invalid, RechatData
from sandbox.rechat.selection import Terms

Json = dict[str, Any]

DUALS = {
    "crm_task": "crm_association",
    "email_campaign": "email_campaign_recipient",
    "email_thread": "email_thread_recipient",
}
"""Types of events about several contacts, and the type of the row for one of them."""
OBJECT_TYPES = ("contact", "contact_attribute", "deal_context", "activity", *DUALS, *DUALS.values())
YEARS = range(2025, 2028)
"""Yearly dates recur in these years, so that a calendar without end has one."""
_YEARLY = ("birthday", "child_birthday", "wedding_anniversary", "home_anniversary", "work_anniversary")
_MOST_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Window:
    """The part that is asked for: instants from ``low`` to before ``high``, perhaps of some contacts alone."""

    low: float = float("-inf")
    high: float = float("inf")
    contacts: frozenset[str] | None = None

    def holds(self, at: float) -> bool:
        """Whether an instant lies in it."""
        return self.low <= at < self.high


def rows(data: RechatData, window: Window) -> list[Json]:
    """All rows in the window, those for one contact each included, by time and then id."""
    data.settle()
    made = [row for row in (*_stored(data, window), *_own(data, window)) if _about(row, window)]
    return sorted(made, key=lambda row: (row["timestamp"], row["id"]))


def _about(row: Json, window: Window) -> bool:
    return window.contacts is None or row["contact"] in window.contacts


def _row(data: RechatData, identifier: str, object_type: str, event_type: str, at: float, **values: Any) -> Json:
    return {
        "id": identifier,
        "created_by": data.users[0]["id"],
        "created_at": at,
        "updated_at": at,
        "brand": data.brand,
        "object_type": object_type,
        "event_type": event_type,
        "type_label": event_type.replace("_", " ").title(),
        "timestamp": at,
        "end_date": None,
        "recurring": False,
        "next_occurance": at,
        "title": "",
        "crm_task": None,
        "deal": None,
        "contact": None,
        "campaign": None,
        "thread_key": None,
        "people_len": 0,
        "metadata": None,
        "type": "calendar_event",
    } | values


def _stored(data: RechatData, window: Window) -> Iterator[Json]:
    for event in data.events.values():
        if not window.holds(event["timestamp"]) or (window.contacts and window.contacts.isdisjoint(event["about"])):
            continue
        about = [one for one in event["about"] if data.find(one)]
        values = {name: value for name, value in event.items() if name not in ("id", "about", "timestamp")}
        base = _row(data, event["id"], at=event["timestamp"], **values)
        if event["object_type"] not in DUALS:
            if about or not event["about"]:
                yield base | {"contact": about[0] if about else None, "people_len": len(about)}
            continue
        yield base | {"people_len": len(about)}
        for one in about:
            identifier = f"{event['id'][:24]}{one[24:]}"
            yield base | {"id": identifier, "object_type": DUALS[event["object_type"]], "contact": one, "people_len": 1}


def _own(data: RechatData, window: Window) -> Iterator[Json]:
    known = data.all() if window.contacts is None else [each for each in map(data.find, window.contacts) if each]
    for contact in known:
        common = {"contact": contact.id, "people_len": 1, "created_at": contact.created_at}
        if contact.next_touch is not None and window.holds(contact.next_touch):
            title = f"Touch {contact.display_name}"
            yield _row(data, contact.id, "contact", "next_touch", contact.next_touch, title=title, **common)
        for attribute in contact.attributes:
            kind = attribute["attribute_type"]
            if kind in _YEARLY and attribute["date"] is not None:
                title = f"{contact.display_name}'s {kind.replace('_', ' ').title()}"
                for at in filter(window.holds, _yearly(attribute["date"])):
                    identifier = f"{attribute['id']}:{datetime.fromtimestamp(at, UTC).year}"
                    yield _row(data, identifier, "contact_attribute", kind, at, recurring=True, title=title, **common)


def _yearly(date: int) -> list[int]:
    day = datetime.fromtimestamp(date, UTC)
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return [int(day.replace(year=year).timestamp()) for year in YEARS if year >= day.year]


def select(data: RechatData, terms: Terms, behaviour: Behaviour) -> tuple[list[Json], Json]:
    """The rows that a request asks for, and what ``info`` says beside their number.

    Bounds are inclusive below and exclusive above.

    Raises:
        Invalid: a parameter makes no sense.
    """
    low, high, limit = terms.number("low"), terms.number("high"), terms.number("limit")
    if (low is None and high is None) or (behaviour.calendar_bounds == "both" and (low is None or high is None)):
        raise Invalid("low and high are required")
    types = terms.many("object_types")
    if types and not set(types) <= set(OBJECT_TYPES):
        raise Invalid(f"object_types are of {', '.join(OBJECT_TYPES)}")
    if types is None:
        types = [kind for kind in OBJECT_TYPES if kind not in DUALS.values()]
    contact, events, users = terms.many("contact"), terms.many("event_types"), terms.many("users")
    window = Window(
        float("-inf") if low is None else low,
        float("inf") if high is None else high,
        None if contact is None else frozenset(contact),
    )
    found = [
        row
        for row in rows(data, window)
        if row["object_type"] in types
        and (events is None or row["event_type"] in events)
        and (users is None or row["created_by"] in users)
    ]
    if behaviour.calendar_order == "descending":
        found.reverse()
    bound = behaviour.calendar_max or len(found)
    size = int(bound if limit is None else min(limit, bound))
    sent = [_expanded(data, row, terms.associations()) for row in found[: max(0, size)]]
    return sent, {"total": len(found), "low": low, "high": high, "limit": None if limit is None else int(limit)}


def _expanded(data: RechatData, row: Json, associations: Collection[str]) -> Json:
    made: Json = {}
    if "calendar_event.people" in associations:
        event = data.events.get(row["id"])
        ids = [row["contact"]] if row["contact"] else (event or {}).get("about", [])
        people = [each for each in map(data.find, ids) if each]
        made["people"] = views.contacts(data, people[:_MOST_PEOPLE]) or None
    if "calendar_event.full_contact" in associations:
        one = data.find(row["contact"] or "")
        made["full_contact"] = views.contact(data, one) if one else None
    if "calendar_event.full_crm_task" in associations:
        task = row["crm_task"]
        made["full_crm_task"] = {"id": task, "title": row["title"], "type": "crm_task"} if task else None
    for name in ("full_deal", "full_campaign", "activity", "full_thread"):
        if f"calendar_event.{name}" in associations:
            made[name] = None
    return row | made

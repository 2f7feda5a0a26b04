"""Query parameters of the lists: what is accepted, and the ordered selection they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.clock import SECOND, instant
from sandbox.store import Key, Listing

EVENT_TYPES = frozenset(
    ("visit", "signup", "login", "send_email", "open_email", "click_email", "send_sms", "click_sms", "survey", "promo")
)
"""The values that the documents give for the filter ``events``; the data holds other types too."""
CONTACT_SORTS = frozenset(
    [
        *("firstName", "lastName", "gender", "birthDate", "country", "created", "privacy", "termsOfUse"),
        *("mktgCommunications", "ageVerification", "phone", "phoneVerified", "email", "emailVerified", "provider"),
        *("username", "locked", "locations", "system", "enabled", "type", "modified_absolute", "created_absolute"),
        *("totalVisits", "visitedLocations"),
    ]
)
"""The documented values of ``sortBy`` for contacts."""
DEFAULT_SIZE = 100
"""Rows without ``size``; the documents don't say."""

_EVENT_PARAMETERS = frozenset(["dateStart", "dateEnd", "events", "size", "sortBy", "sortReverse"])
SCROLLED_EVENT_PARAMETERS = _EVENT_PARAMETERS | {"enableScroll", "scrollId"}
ONE_CUSTOMER_EVENT_PARAMETERS = _EVENT_PARAMETERS
CONTACT_PARAMETERS = frozenset(
    [
        *("sid", "scrollId", "size", "segments", "locations", "createdStart", "createdEnd"),
        *("modifiedStart", "modifiedEnd", "sortBy", "sortReverse"),
    ]
)
_POLICIES = frozenset({"privacy", "termsOfUse", "mktgCommunications", "ageVerification"})
_EACH_POLICY = "json_each(doc, '$.policies') WHERE json_extract(value, '$.name')"
_JSON_KEYS = {
    "created": "$.createdBusiness",
    "provider": "$.signupMethod",
    "locations": "$.locationName",
    "totalVisits": "$.metrics.countTotalVisits",
    "visitedLocations": "$.metrics.countVisitedLocations",
}


class Invalid(Exception):
    """A parameter makes no sense; the service answers 409."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL with its values; ``column`` when it is a bound (``low`` or else ``high``) of that column."""

    sql: str
    values: tuple[Key, ...]
    column: str | None = None
    low: bool = False


def known(query: dict[str, str], names: Iterable[str], prefix: str | None = None) -> None:
    """Refuses parameters nobody knows: a real server may pass over them, but then a misspelt filter would go unseen."""
    for name in query:
        if name not in names and not (prefix and name.startswith(prefix)):
            raise Invalid(f"unknown parameter {name}")


def size(query: dict[str, str]) -> int:
    """``size``, 1 to 10000."""
    text = query.get("size", str(DEFAULT_SIZE))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise Invalid("size is a number between 1 and 10000")
    return int(text)


def flag(query: dict[str, str], name: str) -> bool:
    """A boolean parameter; absent means false."""
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise Invalid(f"{name} is true or false")
    return text == "true"


def _between(column: str, query: dict[str, str], start: str, end: str) -> list[Condition]:
    """Conditions for a range that is inclusive to the second at both ends.

    The plus keeps SQLite from its index: where another column sorts, the index of that one serves the page better.
    """
    conditions = []
    for name, sql, extra in ((start, f"+{column} >= ?", 0), (end, f"+{column} < ?", SECOND)):
        if name in query:
            try:
                second = instant(query[name]) // SECOND * SECOND
            except ValueError:
                raise Invalid(f"{name} is a date such as 2019-07-31T22:23:24Z") from None
            conditions.append(Condition(sql, (second + extra,), column, name == start))
    return conditions


def _any_of(sql: str, values: Iterable[str]) -> Condition:
    values = tuple(values)
    return Condition("(" + " OR ".join([sql] * len(values)) + ")", values)


def _listing(table: str, key: str, descending: bool, conditions: list[Condition], salt: int) -> Listing:
    bounds = [condition for condition in conditions if condition.column == key]
    others = [condition for condition in conditions if condition.column != key]
    return Listing(
        table,
        key,
        descending,
        where=" AND ".join(condition.sql for condition in others) or "1",
        values=tuple(value for condition in others for value in condition.values),
        low=next((bound.values[0] for bound in bounds if bound.low), None),
        high=next((bound.values[0] for bound in bounds if not bound.low), None),
        salt=salt,
    )


def events(query: dict[str, str], customer: str | None, descending: bool, salt: int) -> Listing:
    """The events that ``query`` asks for, of one customer or of the organization."""
    conditions = _between("utc", query, "dateStart", "dateEnd")
    if customer is not None:
        conditions.append(Condition("customer = ?", (customer,)))
    if "events" in query:
        types = [text.strip() for text in query["events"].split(",")]
        if not EVENT_TYPES.issuperset(types):
            raise Invalid("events is a list of " + ", ".join(sorted(EVENT_TYPES)))
        conditions.append(_any_of("type = ?", types))
    sort = query.get("sortBy", "businessTime")
    if sort not in ("businessTime", "utcTime"):
        raise Invalid("sortBy is businessTime or utcTime")
    return _listing("c4w_events", "local" if sort == "businessTime" else "utc", descending, conditions, salt)


def contacts(query: dict[str, str], descending: bool, salt: int) -> Listing:
    """The contacts that ``query`` asks for."""
    conditions = _between("created", query, "createdStart", "createdEnd")
    conditions += _between("modified", query, "modifiedStart", "modifiedEnd")
    for name, column in (("segments", "instr(segments, ?) > 0"), ("locations", "location = ?")):
        if name in query:
            ids = [text.strip() for text in query[name].split(",")]
            conditions.append(_any_of(column, [f",{one}," for one in ids] if name == "segments" else ids))
    for name, value in query.items():
        if name.startswith("customOptin."):
            if value != "true":
                raise Invalid(f"{name} is true")
            accepted = f"EXISTS (SELECT 1 FROM {_EACH_POLICY} = ? AND json_extract(value, '$.accepted'))"  # noqa: S608 - own text
            conditions.append(Condition(accepted, (name.removeprefix("customOptin."),)))
    return _listing("c4w_contacts", _contact_key(query.get("sortBy", "created_absolute")), descending, conditions, salt)


def _contact_key(sort: str) -> str:
    if sort not in CONTACT_SORTS:
        raise Invalid("sortBy is one of " + ", ".join(sorted(CONTACT_SORTS)))
    if sort in ("created_absolute", "modified_absolute"):
        return sort.removesuffix("_absolute")
    if sort in _POLICIES:
        accepted = f"(SELECT max(json_extract(value, '$.accepted')) FROM {_EACH_POLICY} = '{sort}')"  # noqa: S608 - one of four names
        return f"coalesce({accepted}, 0)"
    return f"coalesce(json_extract(doc, '{_JSON_KEYS.get(sort, '$.' + sort)}'), '')"

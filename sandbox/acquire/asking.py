"""What a request of Acquire asks for: pages, columns, relations, conditions, and the objects in bodies."""

from __future__ import annotations

from typing import Any

import orjson

from sandbox.acquire.behaviour import Behaviour
from sandbox.acquire.data import Refused, invalid
from sandbox.acquire.fields import COUNTRIES, parse
from sandbox.wire import Exchange

Json = dict[str, Any]

DEFAULT_LIMIT = 20
CONTACT_RELATIONS = ("company", "cases", "tags", "visits", "timeline", "fields")
COMPANY_RELATIONS = ("contacts", "fields", "parent", "companies")
CASE_RELATIONS = ("contact", "messages", "cases", "users", "fields", "tags", "feedbacks", "timeline", "parent")


def many(exchange: Exchange, name: str) -> list[str]:
    """The values of a repeated parameter."""
    return exchange.request.query.getall(name, []) + exchange.request.query.getall(f"{name}[]", [])


def relations(exchange: Exchange, known: tuple[str, ...]) -> frozenset[str]:
    """The relations that a request names.

    Raises:
        Refused: one of them is none.
    """
    named = frozenset(many(exchange, "relations"))
    if not named <= frozenset(known):
        raise invalid(f"relations are {', '.join(known)}")
    return named


def number(sent: Any, name: str, otherwise: int) -> int:
    """A number that is not negative, as JSON has it or as text.

    Raises:
        Refused: it is none.
    """
    if sent is None or sent == "":
        return otherwise
    text = str(sent)
    if not text.isascii() or not text.isdigit():
        raise invalid(f"{name} is a number")
    return int(text)


class Page:
    """The part of a list that a request asks for: ``limit`` rows from page ``page``, counted from 0."""

    def __init__(self, page: Any, limit: Any, behaviour: Behaviour) -> None:
        self.page = number(page, "page", 0)
        self.limit = min(number(limit, "limit", DEFAULT_LIMIT) or DEFAULT_LIMIT, behaviour.max_limit)

    @classmethod
    def of(cls, exchange: Exchange, behaviour: Behaviour) -> Page:
        """The page that a query asks for."""
        return cls(exchange.query.get("page"), exchange.query.get("limit"), behaviour)

    @property
    def offset(self) -> int:
        """Rows before it."""
        return self.page * self.limit

    def cut(self, rows: list[Json]) -> list[Json]:
        """Its rows."""
        return rows[self.offset : self.offset + self.limit]


def where(exchange: Exchange, rows: list[Json], behaviour: Behaviour, columns: tuple[str, ...]) -> list[Json]:
    """The rows for which every ``column|eq|value`` holds.

    Raises:
        Refused: a condition of another form, operator or column.
    """
    for condition in many(exchange, "where"):
        column, operator, value = [*condition.split("|", 2), "", ""][:3]
        if operator != "eq":
            raise invalid("where is column|eq|value")
        if column in columns:
            rows = [row for row in rows if _equal(row.get(column), value)]
        elif behaviour.where_fields and rows and "fields" in rows[0]:
            rows = [row for row in rows if _equal(row["fields"].get(column), value)]
        elif rows:
            raise invalid(f"no such column: {column}")
    return rows


def _equal(has: Any, value: str) -> bool:
    if has is None:
        return value in ("", "null")
    if isinstance(has, int) and (at := parse(value)) is not None and has > 10**14:
        return has == at
    return str(has).casefold() == value.casefold()


async def body(exchange: Exchange) -> Json:
    """The object in a body.

    Raises:
        Refused: there is none.
    """
    try:
        sent = orjson.loads(await exchange.request.read())
    except orjson.JSONDecodeError:
        raise invalid("the body is not JSON") from None
    if not isinstance(sent, dict):
        raise invalid("the body is an object")
    return sent


def fields(sent: Json, custom: list[Json]) -> Json:
    """The fields of a contact that a body sets, those at its top level included.

    Raises:
        Refused: a key or a value that the attribute does not allow.
    """
    inner = sent.get("fields", {})
    if not isinstance(inner, dict):
        raise invalid("fields is an object")
    made: Json = {name: sent[name] for name in ("name", "email", "phone") if name in sent}
    made |= inner
    known = {each["key"]: each for each in custom if each["object"] == "contact"}
    for key, value in made.items():
        if key not in known:
            raise invalid(f"no such attribute: {key}")
        if value is not None and not isinstance(value, str):
            raise invalid(f"{key} is a string")
        options = known[key]["config"]["input"].get("options")
        if options and value and value not in options:
            raise invalid(f"{key} is one of {', '.join(options)}")
    if made.get("countryId") and made["countryId"] not in COUNTRIES:
        raise Refused("ERROR_INVALID_INPUT", "no such country")
    return made

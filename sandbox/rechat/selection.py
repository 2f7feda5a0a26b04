"""Which contacts a request asks for: search term, conditions on attributes, lists, ranges; then order and page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.rechat.behaviour import Behaviour
from sandbox.rechat.contacts import Contact
from sandbox.rechat.data import Invalid, RechatData, Unknown

Json = dict[str, Any]
Test = Callable[[Contact], bool]

DEFAULT_LIMIT = 10
_SORTS: dict[str, Callable[[Contact], Any]] = {
    "display_name": lambda each: each.display_name.casefold(),
    "sort_field": lambda each: each.sort_field.casefold(),
    "last_touch": lambda each: each.last_touch or 0.0,
    "next_touch": lambda each: each.next_touch or 0.0,
    "created_at": lambda each: each.created_at,
    "updated_at": lambda each: each.updated_at,
}
_RANGES = ("created", "updated", "last_touch", "next_touch")
_OPERATORS = ("eq", "gte", "lte", "like", "any", "all")


class Terms:
    """The parameters of a request: those of a JSON body where they stand there, else those of the query."""

    def __init__(self, query: Iterable[tuple[str, str]], body: Json) -> None:
        self._body = body
        self._query: dict[str, list[str]] = {}
        for name, value in query:
            self._query.setdefault(name.removesuffix("[]"), []).append(value)

    def many(self, name: str) -> list[str] | None:
        """The values of a list, also of one value alone; None when the request does not name it."""
        sent = self._body.get(name, self._query.get(name))
        if sent is None:
            return None
        sent = [sent] if isinstance(sent, str) else sent
        if not isinstance(sent, list) or not all(isinstance(each, str) for each in sent):
            raise Invalid(f"{name} is a list of strings")
        return sent

    def text(self, name: str) -> str | None:
        """One text."""
        values = self.many(name)
        return values[0] if values else None

    def number(self, name: str) -> float | None:
        """One number."""
        sent = self._body.get(name)
        if sent is None and name in self._query:
            sent = self._query[name][0]
        try:
            return None if sent is None else float(sent)
        except (TypeError, ValueError):
            raise Invalid(f"{name} is a number") from None

    def associations(self) -> frozenset[str]:
        """What is to be sent along."""
        return frozenset(self.many("associations") or ())


def select(data: RechatData, terms: Terms, body: Json, behaviour: Behaviour) -> list[Contact]:
    """All contacts that the request asks for, in its order.

    Raises:
        Invalid: a parameter makes no sense.
        Unknown: an id of ``ids`` is unknown, where the behaviour refuses that.
    """
    tests = [
        *_named(data, terms, behaviour),
        *conditions(data, body.get("filter") or body.get("filters") or [], str(body.get("filter_type") or "and")),
    ]
    chosen = [contact for contact in data.all() if all(test(contact) for test in tests)]
    return ordered(chosen, terms.text("order"))


def _named(data: RechatData, terms: Terms, behaviour: Behaviour) -> list[Test]:
    tests: list[Test] = []
    if (ids := terms.many("ids")) is not None:
        if behaviour.max_ids and len(ids) > behaviour.max_ids:
            raise Invalid(f"at most {behaviour.max_ids} ids")
        unknown = [each for each in ids if data.find(each) is None]
        if unknown and behaviour.unknown_ids == "refused":
            raise Unknown(f"Contact {unknown[0]} not found")
        wanted = frozenset(ids)
        tests.append(lambda each: each.id in wanted)
    if excludes := terms.many("excludes"):
        unwanted = frozenset(excludes)
        tests.append(lambda each: each.id not in unwanted)
    for name, attribute in (("users", "user"), ("created_by", "created_by"), ("updated_by", "updated_by")):
        if (allowed := terms.many(name)) is not None:
            tests.append(lambda each, at=attribute, of=frozenset(allowed): getattr(each, at) in of)  # type: ignore[misc]
    if (lists := terms.many("lists")) is not None:
        members = frozenset(each.id for identifier in lists for each in list_members(data, identifier))
        tests.append(lambda each: each.id in members)
    if (flows := terms.many("flows")) is not None:
        tests.append(lambda each: any(data.flows[flow]["origin"] in flows for flow in each.flows if flow in data.flows))
    if (tasks := terms.many("crm_task")) is not None:
        about = frozenset(one for task in tasks for one in data.events.get(task, {}).get("about", ()))
        tests.append(lambda each: each.id in about)
    if q := terms.text("q"):
        tests.append(searched(q, behaviour.search_digits))
    if letters := terms.text("alphabet"):
        tests.append(lambda each: each.sort_field.casefold().startswith(letters.casefold()))
    for name in _RANGES:
        column = name if name.endswith("touch") else f"{name}_at"
        low, high = terms.number(f"{name}_gte"), terms.number(f"{name}_lte")
        if low is not None:
            tests.append(lambda each, at=column, to=low: (getattr(each, at) or 0.0) >= to)  # type: ignore[misc]
        if high is not None:
            tests.append(lambda each, at=column, to=high: (getattr(each, at) or float("inf")) <= to)  # type: ignore[misc]
    return tests


def searched(q: str, by_digits: bool = True) -> Test:
    """Every word of ``q`` stands somewhere in the contact's texts.

    Args:
        q: one or several words.
        by_digits: a telephone number is found without regard to its punctuation.
    """
    words = q.casefold().split()
    digits = "".join(filter(str.isdigit, q))
    numeric = by_digits and len(digits) >= 4 and not any(letter.isalpha() or letter == "@" for letter in q)

    def test(contact: Contact) -> bool:
        texts = [row["text"].casefold() for row in contact.attributes if row["text"]]
        if numeric:
            return any(digits in "".join(filter(str.isdigit, text)) for text in texts)
        return all(any(word in text for text in texts) for word in words)

    return test


def conditions(data: RechatData, rows: Any, filter_type: str = "and") -> list[Test]:
    """Conditions on attributes as one or several tests.

    Raises:
        Invalid: a condition makes no sense.
    """
    if not isinstance(rows, list):
        raise Invalid("filter is a list")
    tests = [_condition(data, row) for row in rows]
    if filter_type == "or" and tests:
        return [lambda each: any(test(each) for test in tests)]
    return tests


def _condition(data: RechatData, row: Any) -> Test:
    if not isinstance(row, dict) or "value" not in row:
        raise Invalid("a condition has an attribute and a value")
    known, value, operator = data.definition(row), row["value"], row.get("operator") or "eq"
    if operator not in _OPERATORS:
        raise Invalid(f"operator is one of {', '.join(_OPERATORS)}")
    wanted = [_folded(each) for each in (value if isinstance(value, list) else [value])]
    inverted = bool(row.get("invert"))

    def holds(contact: Contact) -> bool:
        has = [_folded(_plain(each)) for each in contact.attributes if each["attribute_def"] == known["id"]]
        match operator:
            case "all":
                return all(each in has for each in wanted)
            case "like":
                return any(str(part) in str(each) for part in wanted for each in has)
            case "gte" | "lte":
                return any(_beyond(each, wanted[0], operator) for each in has)
            case _:
                return any(each in has for each in wanted)

    return lambda each: holds(each) is not inverted


def _plain(row: Json) -> Any:
    address = row["address"]
    return row.get("number") or row["text"] or (address["full"] if address else row["date"])


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _beyond(value: Any, bound: Any, operator: str) -> bool:
    try:
        return bool(value >= bound) if operator == "gte" else bool(value <= bound)
    except TypeError:
        return False


def list_members(data: RechatData, identifier: str) -> list[Contact]:
    """The contacts that a contact list holds now, computed from its filters; none for a list that is not there."""
    saved = data.lists.get(identifier)
    if saved is None:
        return []
    tests = conditions(data, saved["filters"], saved["args"]["filter_type"])
    if saved["args"]["q"]:
        tests.append(searched(saved["args"]["q"]))
    return [contact for contact in data.all() if all(test(contact) for test in tests)]


def ordered(contacts: list[Contact], order: str | None) -> list[Contact]:
    """``contacts``, which come in the order of creation, by one of the documented keys; ties stay as they were.

    Raises:
        Invalid: no such key.
    """
    if not order:
        return contacts
    name = order.removeprefix("-")
    if name not in _SORTS:
        raise Invalid(f"order is one of {', '.join(_SORTS)}")
    return sorted(contacts, key=_SORTS[name], reverse=order.startswith("-"))


def page(rows: list[Any], terms: Terms, behaviour: Behaviour) -> list[Any]:
    """The rows from ``start``, at most ``limit``."""
    start, limit = terms.number("start") or 0, terms.number("limit")
    size = DEFAULT_LIMIT if limit is None else int(limit)
    if start < 0 or size < 0:
        raise Invalid("start and limit are not negative")
    return rows[int(start) :][: min(size, behaviour.max_limit)]

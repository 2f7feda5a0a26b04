"""What a contact's values are at Rechat: attributes, each of a definition that is found by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from resolvers.writes.outcome import Declined, UserError, UserErrorCode, camel
from resolvers.writes.pen import Given, Pen
from upstreams.instants import to_unix
from upstreams.rechat.client import AttributeValue
from upstreams.rechat.records import AttributeDef

SINGLE = {
    "first_name": "first_name",
    "last_name": "last_name",
    "company": "company",
    "job_title": "job_title",
    "middle_name": "middle_name",
    "nickname": "nickname",
    "marketing_name": "marketing_name",
    "title": "title",
    "website": "website",
    "lead_source": "source",
}
"""Parts of an input that are one text at Rechat, by the name of the global definition."""
SEVERAL = {"emails": "email", "phones": "phone_number", "tags": "tag", "notes": "note"}
"""Parts that are any number of texts."""
_RANKED = {"email", "phone_number"}
"""Of these one is the primary one, which is the first that is given."""


class Definitions:
    """The attribute definitions of a team, as an input names them."""

    def __init__(self, rows: Iterable[AttributeDef]) -> None:
        rows = [row for row in rows if row.deleted_at is None]
        self._global = {row.name: row for row in rows if row.is_global and row.name}
        self._by_id = {row.source_id: row for row in rows}
        self._own: dict[str, AttributeDef] = {}
        for row in rows:
            if not row.is_global:
                for name in (row.key, row.source_id):
                    self._own.setdefault(name, row)

    @classmethod
    async def read(cls, pen: Pen) -> Definitions:
        """Ask for them; the list may be one that is kept."""
        return cls((await pen.rechat.attribute_defs()).rows)

    def named(self, name: str, field: str) -> AttributeDef:
        """A global definition.

        Raises:
            Declined: Rechat has none of this name.
        """
        found = self._global.get(name)
        if found is None:
            raise _invalid(field, "Rechat has no attribute of this name.", UserErrorCode.NOT_FOUND)
        return found

    def by_id(self, id: str, field: str) -> AttributeDef:
        """A definition by its id.

        Raises:
            Declined: there is none.
        """
        found = self._by_id.get(id)
        if found is None:
            raise _invalid(field, "Rechat has no such attribute definition.", UserErrorCode.NOT_FOUND)
        return found

    def own(self, key: str, field: str) -> AttributeDef:
        """A definition that the team added, by its key.

        Raises:
            Declined: there is none.
        """
        found = self._own.get(key)
        if found is None:
            raise _invalid(field, "The team at Rechat has no field of this key.", UserErrorCode.NOT_FOUND)
        return found


@dataclass(slots=True)
class Wanted:
    """What a contact is to have: single values by definition, None to clear; all values of a definition, in order.

    Attributes:
        ranked: the definitions of which the first value is the primary one.
        more: attributes to add as they are given.
    """

    single: dict[str, AttributeValue | None] = field(default_factory=dict)
    several: dict[str, list[str]] = field(default_factory=dict)
    ranked: set[str] = field(default_factory=set)
    more: list[AttributeValue] = field(default_factory=list)

    def all(self) -> list[AttributeValue]:
        """The attributes of a contact that has none yet."""
        lists = [
            AttributeValue(attribute_def=definition, text=text, is_primary=self._primary(definition, place))
            for definition, texts in self.several.items()
            for place, text in enumerate(texts)
        ]
        return [*(value for value in self.single.values() if value is not None), *lists, *self.more]

    def _primary(self, definition: str, place: int) -> bool | None:
        return True if place == 0 and definition in self.ranked else None


def wanted(given: Given, definitions: Definitions, at: str = "") -> Wanted:
    """What an input asks for.

    Args:
        at: where the input stands in the whole (``contacts.3.``).

    Raises:
        Declined: a value makes no sense at Rechat; with all that is wrong.
    """
    parts = {**given, **{name: value for name, value in (given.get("rechat") or {}).items() if name != "attributes"}}
    made = Wanted()
    errors: list[UserError] = []

    def attempt(field: str, work: Any) -> None:
        try:
            work(at + field)
        except Declined as refused:
            errors.extend(refused.errors)

    for name, key in SINGLE.items():
        if name in parts:
            attempt(_place(given, name), lambda field, n=name, k=key: _one(made, definitions, k, parts[n], field))
    for name, key in SEVERAL.items():
        if name in parts:
            attempt(_place(given, name), lambda field, n=name, k=key: _many(made, definitions, k, parts[n], field))
    if "birthday" in given:
        attempt("birthday", lambda field: _birthday(made, definitions, given["birthday"], field))
    for place, custom in enumerate(given.get("custom_fields") or ()):
        attempt(f"customFields.{place}", lambda field, c=custom: _custom(made, definitions, c, field))
    for place, attribute in enumerate((given.get("rechat") or {}).get("attributes") or ()):
        attempt(
            f"rechat.attributes.{place}",
            lambda field, a=attribute: made.more.append(attribute_value(a, definitions, field)),
        )
    if errors:
        raise Declined(*errors)
    return made


def _place(given: Given, name: str) -> str:
    return camel(name) if name in given else f"rechat.{camel(name)}"


def _one(made: Wanted, definitions: Definitions, name: str, text: str | None, field: str) -> None:
    definition = definitions.named(name, field)
    value = (text or "").strip()
    if value and definition.enum_values and value not in definition.enum_values:
        raise _invalid(field, f"Rechat takes one of {', '.join(definition.enum_values)}.")
    id = definition.source_id
    made.single[id] = AttributeValue(attribute_def=id, text=value) if value else None


def _many(made: Wanted, definitions: Definitions, name: str, texts: Sequence[str] | None, field: str) -> None:
    cleaned = [text.strip() for text in texts or ()]
    for place, text in enumerate(cleaned):
        if not text:
            raise _invalid(f"{field}.{place}", "It is empty.")
    definition = definitions.named(name, field).source_id
    made.several[definition] = list(dict.fromkeys(cleaned))
    if name in _RANKED:
        made.ranked.add(definition)


def _birthday(made: Wanted, definitions: Definitions, given: Mapping[str, Any] | None, field: str) -> None:
    definition = definitions.named("birthday", field)
    if given is None:
        made.single[definition.source_id] = None
        return
    year, month, day = (given.get(part) for part in ("year", "month", "day"))
    if year is None or month is None or day is None:
        raise _invalid(field, "Rechat keeps whole dates: give year, month and day.")
    try:
        born = date(year, month, day)
    except ValueError:
        raise _invalid(field, "There is no such day.") from None
    made.single[definition.source_id] = AttributeValue(attribute_def=definition.source_id, date=_seconds(born))


def _custom(made: Wanted, definitions: Definitions, given: Mapping[str, Any], field: str) -> None:
    definition = definitions.own(given["key"], f"{field}.key")
    if definition.source_id in made.single:
        raise _invalid(f"{field}.key", "It stands in the list twice.", UserErrorCode.DUPLICATE)
    text = given.get("value")
    value = None if text is None or not text.strip() else _typed(definition, text.strip(), f"{field}.value")
    made.single[definition.source_id] = value


def _typed(definition: AttributeDef, text: str, field: str) -> AttributeValue:
    """A text as a value of the definition's type."""
    id = definition.source_id
    try:
        match definition.data_type:
            case "date":
                return AttributeValue(attribute_def=id, date=_seconds(date.fromisoformat(text)))
            case "number":
                return AttributeValue(attribute_def=id, number=float(text))
            case "address":
                raise _invalid(field, "It is an address: give it under rechat.attributes.")
    except ValueError:
        shape = "a date such as 1982-01-29" if definition.data_type == "date" else "a number"
        raise _invalid(field, f"Rechat needs {shape}.") from None
    if definition.enum_values and text not in definition.enum_values:
        raise _invalid(field, f"Rechat takes one of {', '.join(definition.enum_values)}.")
    return AttributeValue(attribute_def=id, text=text)


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def attribute_value(given: Given, definitions: Definitions, field: str, *, known: str | None = None) -> AttributeValue:
    """An attribute as it is written.

    Args:
        known: the id of its definition, where the input need not say it.

    Raises:
        Declined: it does not say which attribute, or what value, or two of either.
    """
    name, custom = given.get("name"), given.get("custom_field_key")
    if name is not None and custom is not None:
        raise _invalid(field, "Give name or customFieldKey, not both.")
    if name is not None:
        definition = definitions.named(name, f"{field}.name").source_id
    elif custom is not None:
        definition = definitions.own(custom, f"{field}.customFieldKey").source_id
    elif known is not None:
        definition = known
    else:
        raise _invalid(field, "Give name or customFieldKey.", UserErrorCode.REQUIRED)
    values = [part for part in ("text", "number", "date", "address") if given.get(part) is not None]
    if len(values) != 1:
        raise _invalid(field, "Give one of text, number, date and address.", UserErrorCode.REQUIRED)
    address = given.get("address")
    return AttributeValue(
        attribute_def=definition,
        text=given.get("text"),
        number=given.get("number"),
        date=int(to_unix(given["date"])) if given.get("date") is not None else None,
        address=None if address is None else {_PARTS[part]: text for part, text in address.items() if text},
        label=given.get("label"),
        is_primary=given.get("is_primary"),
        is_partner=given.get("is_partner"),
        index=given.get("index"),
    )


_PARTS = {
    "street": "name",
    "street_suffix": "suftype",
    "house_number": "house_num",
    "extra": "extra",
    "city": "city",
    "state": "state",
    "postal_code": "postcode",
    "country": "country",
}


def _invalid(field: str, message: str, code: UserErrorCode = UserErrorCode.INVALID) -> Declined:
    return Declined(UserError(field, message, code))

"""Parts of the inputs of mutations, and how an input becomes what resolvers read."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry
from strawberry.types.base import has_object_definition

from schema.enums import describe
from schema.scalars import Json
from upstreams.instants import Instant


class ConditionOperator(Enum):
    """How an attribute is compared."""

    EQUAL = "eq"
    AT_LEAST = "gte"
    AT_MOST = "lte"
    LIKE = "like"
    ANY = "any"
    ALL = "all"


describe(
    ConditionOperator,
    "ConditionOperator",
    "How an attribute is compared.",
    {
        "EQUAL": "It is the value.",
        "AT_LEAST": "It is the value or more.",
        "AT_MOST": "It is the value or less.",
        "LIKE": "It is like the value.",
        "ANY": "It is any of the values.",
        "ALL": "It is all of the values.",
    },
)


def optional(description: str) -> Any:
    """A part of an input that may be left out, which is not the same as null."""
    return strawberry.field(default=strawberry.UNSET, description=description)


def given(value: Any) -> Any:
    """An input as plain mappings and lists, by Python's names; what was left out is not in it."""
    if isinstance(value, list):
        return [given(item) for item in value]
    if not has_object_definition(value):
        return value
    parts = {field.python_name: getattr(value, field.python_name) for field in value.__strawberry_definition__.fields}
    return {name: given(part) for name, part in parts.items() if part is not strawberry.UNSET}


@strawberry.input
class KeyedInput:
    """What every input has."""

    client_mutation_id: str | None = optional(
        "A key of your own. Given twice within 10 minutes with the same input, the work is done once, and the second "
        "answer is the first one again; with other input it is an error."
    )


@strawberry.input(description="Something to delete, by its id.")
class DeleteInput(KeyedInput):
    """Something to delete."""

    id: strawberry.ID = strawberry.field(description="What to delete.")


@strawberry.input(description="A birthday. Rechat keeps whole dates.")
class BirthdayInput:
    """A birthday."""

    year: int | None = optional("The year.")
    month: int | None = optional("The month, 1 to 12.")
    day: int | None = optional("The day of the month, 1 to 31.")


@strawberry.input(description="A field that the organization added itself.")
class CustomFieldInput:
    """A custom field."""

    key: str = strawberry.field(description="The name of the field, as in `customFields`.")
    value: str | None = strawberry.field(description="Its value as text (a date: `1982-01-29`); null clears.")


@strawberry.input(description="A postal address, as Rechat takes it.")
class RechatAddressInput:
    """A postal address."""

    street: str | None = optional("The name of the street.")
    street_suffix: str | None = optional("The kind of street: `Avenue`.")
    house_number: str | None = optional("The number of the house.")
    extra: str | None = optional("A second line.")
    city: str | None = optional("The city.")
    state: str | None = optional("The state.")
    postal_code: str | None = optional("The postal code.")
    country: str | None = optional("The country.")


@strawberry.input(description="An attribute of a contact, as Rechat takes it: which one, and one value.")
class RechatAttributeInput:
    """An attribute of a contact."""

    name: str | None = optional("Rechat's name of it: `email`, `note`, `wedding_anniversary`.")
    custom_field_key: str | None = optional("Or the key of a field that the team added.")
    text: str | None = optional("The value of a text.")
    number: float | None = optional("The value of a number.")
    date: Instant | None = optional("The value of a date; Rechat keeps the day.")
    address: RechatAddressInput | None = optional("The value of an address.")
    label: str | None = optional("What the value is for: `Work`.")
    is_primary: bool | None = optional("It is the first of its kind.")
    is_partner: bool | None = optional("It is the value of the contact's partner.")
    index: int | None = optional("Joins attributes that belong together.")


@strawberry.input(description="A condition on an attribute of contacts of Rechat.")
class AttributeConditionInput:
    """A condition on an attribute."""

    name: str | None = optional("Rechat's name of the attribute: `tag`.")
    custom_field_key: str | None = optional("Or the key of a field that the team added.")
    value: Json = strawberry.field(graphql_type=Json, description="What it is compared with: text, number or a list.")
    operator: ConditionOperator | None = optional("How; Rechat's default is `EQUAL`.")
    not_: bool | None = strawberry.field(
        name="not", default=strawberry.UNSET, description="The contact must not have it."
    )


@strawberry.input(description="What only Rechat can be told of a contact.")
class RechatContactInput:
    """What only Rechat can be told of a contact."""

    middle_name: str | None = optional("The middle name.")
    nickname: str | None = optional("What friends call the contact.")
    marketing_name: str | None = optional("What to call the contact in campaigns.")
    title: str | None = optional("A form of address, one of Rechat's: `Mr.`")
    website: str | None = optional("The website.")
    lead_source: str | None = optional("Where the contact came from.")
    notes: list[str] | None = optional("All notes.")
    attributes: list[RechatAttributeInput] | None = optional("Attributes to add, beside those above.")
    owner_id: str | None = optional("At creation: Rechat's id of the user who is to own the contact.")
    ios_address_book_id: str | None = optional("At creation: the contact in an address book of iOS.")
    android_address_book_id: str | None = optional("At creation: the contact in an address book of Android.")
    record_activity: bool | None = optional("At creation: put it on the contact's timeline; true by default.")
    relax: bool | None = optional("At creation: Rechat's flag of that name, which it does not explain.")


@strawberry.input(description="What only Acquire can be told of a contact.")
class AcquireContactInput:
    """What only Acquire can be told of a contact."""

    city: str | None = optional("The city.")
    state: str | None = optional("The state.")
    country_id: str | None = optional("Acquire's number of the country.")
    ip: str | None = optional("The address that the contact was seen at.")
    client_type: str | None = optional("What the contact uses: `web`, `client`, `sdk`.")
    client_name: str | None = optional("The browser.")
    client_version: str | None = optional("Its version.")
    client_os_name: str | None = optional("The operating system.")
    client_os_version: str | None = optional("Its version.")
    client_device_type: str | None = optional("The kind of device: `desktop`, `mobile`.")
    client_device_vendor: str | None = optional("Who made the device.")
    client_device_model: str | None = optional("The model of the device.")
    client_details: Json | None = strawberry.field(
        graphql_type=Json | None, default=strawberry.UNSET, description="User agent, engine and network."
    )

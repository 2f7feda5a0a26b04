"""Attributes of Rechat's contacts, one by one and in bulk, and what attributes there can be, at Rechat and Acquire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resolvers.ids import GlobalId
from resolvers.writes.contacts import rechat_only, shown
from resolvers.writes.outcome import Declined, Outcome, UserError, UserErrorCode, declined, unsupported
from resolvers.writes.pen import Given, Pen
from resolvers.writes.recall import WITH_ATTRIBUTES
from resolvers.writes.rechat_values import Definitions, attribute_value
from upstreams.needs import current_needs
from upstreams.rechat.client import AttributeValue, Condition, NewAttributeDef
from upstreams.rechat.feeds import associations
from upstreams.records import Entity, Source

_WHAT = "write single attributes; see contactUpdate"


async def add(pen: Pen) -> Outcome:
    """Add attributes to a contact of Rechat."""
    id = rechat_only(pen, "id", _WHAT)
    values = _values(pen.some("attributes"), await Definitions.read(pen))
    made = await pen.write(pen.rechat.add_attributes(id.key, values, associations=WITH_ATTRIBUTES[1:]))
    return Outcome(contact=await shown(pen, id.source, id.key), attributes=made.rows)


async def replace(pen: Pen) -> Outcome:
    """Put another value in the place of an attribute's."""
    id = rechat_only(pen, "id", _WHAT)
    contact = await pen.look(pen.rechat.contact(id.key, associations=WITH_ATTRIBUTES), "id")
    known = {row.source_id: row for row in (contact.attributes if contact is not None else None) or ()}
    old = known.get(pen.given["attribute_id"])
    if old is None:
        message = "The contact has no such attribute (any more)."
        raise declined("attributeId", message, UserErrorCode.NOT_FOUND)
    value = attribute_value(
        pen.given["attribute"], await Definitions.read(pen), "attribute", known=old.attribute_def_id
    )
    made = await pen.write(pen.rechat.replace_attribute(id.key, old.source_id, value), "attribute")
    return Outcome(contact=await shown(pen, id.source, id.key), attributes=[made.defined_as(old)])


async def delete(pen: Pen) -> Outcome:
    """Delete an attribute of a contact; the source answers with the contact."""
    id = rechat_only(pen, "id", _WHAT)
    needed = associations(current_needs.get())
    contact = await pen.write(
        pen.rechat.delete_attribute(id.key, pen.given["attribute_id"], associations=needed), "attributeId"
    )
    return Outcome(contact=contact, deleted_ids=[pen.given["attribute_id"]])


async def add_to_all(pen: Pen) -> Outcome:
    """Add attributes to every contact of Rechat that conditions hold for."""
    pen.require(Source.RECHAT)
    given = pen.some("conditions")
    definitions = await Definitions.read(pen)
    filters = conditions(given, definitions, "conditions")
    values = _values(pen.some("attributes"), definitions)
    made = await pen.write(
        pen.rechat.add_attributes_to_all(
            filters,
            values,
            users=pen.given.get("owner_ids") or (),
            associations=associations(current_needs.get()),
        )
    )
    return Outcome(contacts=made.rows)


async def delete_many(pen: Pen) -> Outcome:
    """Delete attributes of any contacts of Rechat, by their own ids."""
    pen.require(Source.RECHAT)
    ids = list(dict.fromkeys(pen.some("attribute_ids")))
    await pen.write(pen.rechat.delete_attributes(ids), "attributeIds")
    return Outcome(deleted_ids=ids)


def conditions(given: Sequence[Given], definitions: Definitions, at: str) -> list[Condition]:
    """Conditions on attributes, as Rechat reads them.

    Raises:
        Declined: one names no attribute.
    """
    made: list[Condition] = []
    errors: list[UserError] = []
    for place, row in enumerate(given):
        try:
            made.append(_condition(row, definitions, f"{at}.{place}"))
        except Declined as refused:
            errors += refused.errors
    if errors:
        raise Declined(*errors)
    return made


def _condition(given: Given, definitions: Definitions, at: str) -> Condition:
    name, key = given.get("name"), given.get("custom_field_key")
    if name is not None and key is None:
        definition = definitions.named(name, f"{at}.name")
    elif key is not None and name is None:
        definition = definitions.own(key, f"{at}.customFieldKey")
    else:
        raise declined(at, "Give name or customFieldKey.", UserErrorCode.REQUIRED)
    operator = given.get("operator")
    return Condition(
        attribute_def=definition.source_id,
        attribute_type=name,
        value=given["value"],
        operator=operator.value if operator is not None else None,
        invert=bool(given.get("not_")),
    )


def _values(given: Sequence[Given], definitions: Definitions) -> list[AttributeValue]:
    made: list[AttributeValue] = []
    errors: list[UserError] = []
    for place, row in enumerate(given):
        try:
            made.append(attribute_value(row, definitions, f"attributes.{place}"))
        except Declined as refused:
            errors += refused.errors
    if errors:
        raise Declined(*errors)
    return made


# -- definitions -----------------------------------------------------------------------------------

_OF_RECHAT = ("section", "required", "singular", "searchable", "has_label", "labels")


async def create_definition(pen: Pen) -> Outcome:
    """Define an attribute that contacts can have."""
    given = pen.given
    source = pen.require(given["source"])
    rechat, acquire = given.get("rechat") or {}, given.get("acquire") or {}
    if source is Source.CLOUD4WI:
        raise Declined(unsupported("source", source, "define attributes"))
    if source is Source.RECHAT:
        if acquire:
            raise declined("acquire", "It is for Acquire.", UserErrorCode.NOT_SUPPORTED)
        definition = NewAttributeDef(
            name=given["key"],
            label=given.get("label"),
            data_type=given["data_type"].value.lower(),
            enum_values=given.get("options"),
            **{name: rechat[name] for name in _OF_RECHAT if rechat.get(name) is not None},
        )
        return Outcome(definition=await pen.write(pen.rechat.create_attribute_def(definition), "key"))
    if rechat:
        raise declined("rechat", "It is for Rechat.", UserErrorCode.NOT_SUPPORTED)
    if given["data_type"].value != "TEXT":
        raise Declined(unsupported("dataType", source, "define other attributes than text"))
    body = {
        "object": (acquire["object"].value if acquire.get("object") else "CONTACT").lower(),
        "key": given["key"],
        "type": "text",
        "config": _config(given, acquire),
    }
    return Outcome(definition=await pen.write(pen.acquire.create_custom_attribute(body), "key"))


def _config(given: Given, acquire: Given) -> dict[str, Any]:
    label = given.get("label") or given["key"]
    shown: dict[str, Any] = {"type": "text", "label": label}
    if given.get("options"):
        shown |= {"type": "radio", "options": list(given["options"])}
    if acquire.get("required") is not None:
        shown["required"] = acquire["required"]
    return {"label": label, "input": shown}


async def update_definition(pen: Pen) -> Outcome:
    """Change a custom attribute of Acquire: its label and its options."""
    id = _definition(pen)
    if id.source is not Source.ACQUIRE:
        raise Declined(unsupported("id", id.source, "change the definition of an attribute"))
    old = await pen.look(pen.acquire.custom_attribute(id.key), "id")
    config: dict[str, Any] = dict(old.config) if isinstance(old.config, dict) else {}
    shown = dict(config["input"]) if isinstance(config.get("input"), dict) else {}
    if pen.given.get("label") is not None:
        config["label"] = shown["label"] = pen.given["label"]
    if pen.given.get("options") is not None:
        shown["options"] = list(pen.given["options"])
    body = {"object": old.object, "key": old.key, "type": old.type, "config": {**config, "input": shown}}
    return Outcome(definition=await pen.write(pen.acquire.update_custom_attribute(id.key, body), "id"))


async def delete_definition(pen: Pen) -> Outcome:
    """Delete the definition of an attribute, with the values that contacts have."""
    id = _definition(pen)
    if id.source is Source.RECHAT:
        rows = (await pen.rechat.attribute_defs()).rows
        if any(row.source_id == id.key and row.is_global for row in rows):
            message = "It is one of Rechat's own, which nobody can delete."
            raise Declined(UserError("id", message, UserErrorCode.INVALID))
        await pen.write(pen.rechat.delete_attribute_def(id.key), "id")
    else:
        await pen.write(pen.acquire.delete_custom_attribute(id.key), "id")
    return Outcome(deleted_ids=[pen.given["id"]])


def _definition(pen: Pen) -> GlobalId:
    return pen.id("id", Entity.DEFINITION)

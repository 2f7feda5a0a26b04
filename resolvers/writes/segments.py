"""Segments that are saved searches: Rechat's contact lists."""

from __future__ import annotations

from typing import Any

from resolvers.ids import GlobalId
from resolvers.writes.attributes import conditions
from resolvers.writes.outcome import Declined, Outcome, UserErrorCode, declined, unsupported
from resolvers.writes.pen import Given, Pen
from resolvers.writes.rechat_values import Definitions
from upstreams.rechat.client import Condition, ListChange
from upstreams.rechat.records import ContactList
from upstreams.rechat.relations import id_of
from upstreams.records import Entity, Source


async def create(pen: Pen) -> Outcome:
    """Make a saved search."""
    source = pen.require(pen.given["source"])
    if source is not Source.RECHAT:
        raise Declined(unsupported("source", source, "make segments"))
    change = ListChange(
        name=_name(pen.given), filters=await _filters(pen, pen.given.get("conditions") or ()), args=_args(pen.given, {})
    )
    return Outcome(segment=await pen.write(pen.rechat.create_list(change)))


async def update(pen: Pen) -> Outcome:
    """Change a saved search; the source takes it whole, so what is not given is sent as it was."""
    id = _list_id(pen)
    lists = await pen.look(pen.rechat.lists(), "id")
    old = next((row for row in lists.rows if row.source_id == id.key), None)
    if old is None:
        raise declined("id", "There is no such segment (any more).", UserErrorCode.NOT_FOUND)
    given = pen.given
    new = given.get("conditions")
    filters = _as_they_are(old) if new is None else await _filters(pen, new)
    change = ListChange(
        name=_name(given) if given.get("name") is not None else old.name, filters=filters, args=_args(given, _old(old))
    )
    return Outcome(segment=await pen.write(pen.rechat.update_list(id.key, change), "id"))


async def delete(pen: Pen) -> Outcome:
    """Delete a saved search; its contacts stay."""
    id = _list_id(pen)
    await pen.write(pen.rechat.delete_list(id.key), "id")
    return Outcome(deleted_ids=[pen.given["id"]])


def _list_id(pen: Pen) -> GlobalId:
    id = pen.id("id", Entity.SEGMENT)
    if id.source is not Source.RECHAT:
        raise Declined(unsupported("id", id.source, "change a segment"))
    return id


def _name(given: Given) -> str:
    name: str = given["name"].strip()
    if not name:
        raise declined("name", "It is empty.", UserErrorCode.INVALID)
    return name


async def _filters(pen: Pen, given: Any) -> list[Condition]:
    return conditions(given, await Definitions.read(pen), "conditions") if given else []


def _as_they_are(old: ContactList) -> list[Condition]:
    """The conditions of a saved search, to be sent again.

    Raises:
        Declined: one names no attribute that could be sent; left out, the search would find more.
    """
    made = []
    for row in old.filters:
        definition = id_of(row.attribute_def)
        if definition is None:
            message = "The search has a condition that cannot be sent as it is: give all of them."
            raise declined("conditions", message, UserErrorCode.REQUIRED)
        made.append(
            Condition(attribute_def=definition, value=row.value, operator=row.operator, invert=bool(row.invert))
        )
    return made


def _old(old: ContactList) -> dict[str, Any]:
    args = old.args
    if args is None:
        return {}
    told = {name: getattr(args, name) for name in ("filter_type", "q", "crm_tasks", "flows", "assignees")}
    return {name: value for name, value in told.items() if value is not None}


def _args(given: Given, args: dict[str, Any]) -> dict[str, Any] | None:
    if given.get("match_any") is not None:
        args["filter_type"] = "or" if given["match_any"] else "and"
    if "search" in given:
        args["q"] = given["search"]
    return args or None

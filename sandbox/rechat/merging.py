"""Changes that concern several contacts at once: merges, and tags under another name or gone."""

from __future__ import annotations

from typing import Any

from sandbox.rechat.contacts import Contact
from sandbox.rechat.data import Invalid, RechatData

Json = dict[str, Any]


def merge(data: RechatData, parent: Contact, others: list[Contact]) -> None:
    """Moves the attributes of ``others`` to ``parent`` and deletes them.

    Where there can be one value only, the parent's stays; an address keeps its parts together under a new index.

    Raises:
        Invalid: the parent is among the others.
    """
    if any(other is parent for other in others):
        raise Invalid("a contact cannot be merged into itself")
    me = data.users[0]["id"]
    for other in others:
        for row in other.attributes:
            single = data.definitions[row["attribute_def"]]["singular"]
            same = [
                old
                for old in parent.attributes
                if (old["attribute_def"], old["is_partner"]) == (row["attribute_def"], row["is_partner"])
            ]
            equal = any(all(old[key] == row[key] for key in ("text", "date", "address")) for old in same)
            if same and (single or equal):
                continue
            moved = {**row, "contact": parent.id, "updated_by": me, "updated_at": data.now()}
            parent.attributes.append(moved | {"is_primary": row["is_primary"] and not same})
    addresses = [row for row in parent.attributes if row["attribute_type"] == "address"]
    for index, row in enumerate(addresses):
        row["index"] = index
    data.delete(other.id for other in others)
    data.touched(parent, "merge")


def rename_tag(data: RechatData, tag: Json, name: str) -> None:
    """Gives a tag another name, also on all contacts; it becomes one with a tag that has the name already."""
    old = tag["tag"]
    if old == name:
        return
    for contact in data.tagged(old):
        has = name in contact.texts("tag")
        rows = [row for row in contact.attributes if row["attribute_type"] == "tag" and row["text"] == old]
        if has:
            contact.attributes = [row for row in contact.attributes if all(row is not each for each in rows)]
        for row in rows:
            row["text"] = name
        data.touched(contact)
    del data.tags[old]
    if name not in data.tags:
        data.tags[name] = {**tag, "tag": name, "text": name, "updated_at": data.now()}


def delete_tag(data: RechatData, name: str) -> None:
    """Takes a tag away from all contacts."""
    for contact in data.tagged(name):
        contact.attributes = [
            row for row in contact.attributes if (row["attribute_type"], row["text"]) != ("tag", name)
        ]
        data.touched(contact)
    del data.tags[name]

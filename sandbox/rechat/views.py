"""What is sent: contacts with the relations that a request names, attributes, lists, clusters of duplicates."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sandbox.rechat.contacts import Contact
from sandbox.rechat.data import RechatData
from sandbox.rechat.selection import list_members

Json = dict[str, Any]

_HIDDEN = ("number", "attribute_def")


def attribute(data: RechatData, row: Json, associations: Collection[str] = ()) -> Json:
    """An attribute; its definition only when asked for, its number never."""
    sent = {name: value for name, value in row.items() if name not in _HIDDEN}
    if "contact_attribute.attribute_def" in associations:
        sent["attribute_def"] = data.definitions[row["attribute_def"]]
    return sent


def contacts(data: RechatData, several: Iterable[Contact], associations: Collection[str] = ()) -> list[Json]:
    """Contacts with their relations."""
    members: dict[str, frozenset[str]] = {}
    if "contact.lists" in associations:
        members = {key: frozenset(each.id for each in list_members(data, key)) for key in data.lists}
    return [_contact(data, one, associations, members) for one in several]


def contact(data: RechatData, one: Contact, associations: Collection[str] = ()) -> Json:
    """A contact with its relations; an empty list is null there too."""
    return contacts(data, [one], associations)[0]


def _contact(data: RechatData, one: Contact, associations: Collection[str], members: dict[str, frozenset[str]]) -> Json:
    sent = one.document(data.brand)
    users = {user["id"]: user for user in data.users}
    made: dict[str, Any] = {}
    for name in associations:
        match name:
            case "contact.attributes":
                made["attributes"] = [attribute(data, row, associations) for row in one.attributes]
            case "contact.summary":
                made["summary"] = one.summary()
            case "contact.lists":
                holding = [(key, ids) for key, ids in members.items() if one.id in ids]
                made["lists"] = [{**data.lists[key], "member_count": len(ids)} for key, ids in holding]
            case "contact.flows":
                made["flows"] = [data.flows[key] for key in one.flows if key in data.flows]
            case "contact.users":
                mails = {text.casefold() for text in one.texts("email")}
                made["users"] = [user for user in data.users if user["email"] in mails]
            case "contact.deals":
                made["deals"] = []
            case "contact.user":
                made["user"] = users.get(one.user, {"id": one.user, "type": "user"})
            case "contact.brand":
                made["brand"] = {"id": data.brand, "name": "Sandbox Realty", "brand_type": "Office", "type": "brand"}
            case "contact.created_by":
                made["created_by"] = users.get(one.created_by)
            case "contact.updated_by":
                made["updated_by"] = users.get(one.updated_by or "")
    return sent | {name: None if value == [] else value for name, value in made.items()}


def contact_list(data: RechatData, identifier: str) -> Json:
    """A saved filter with the number of its members now."""
    return {**data.lists[identifier], "member_count": len(list_members(data, identifier))}


def tags(data: RechatData) -> list[Json]:
    """All tags by name, upper case first."""
    data.settle()
    return [data.tags[name] for name in sorted(data.tags)]


def clusters(data: RechatData) -> list[list[Contact]]:
    """Groups of contacts that share an e-mail or a telephone number, in the order of their first contact."""
    known = data.all()
    leader: dict[str, str] = {each.id: each.id for each in known}

    def top(identifier: str) -> str:
        while leader[identifier] != identifier:
            identifier = leader[identifier]
        return identifier

    first: dict[str, str] = {}
    for each in known:
        mails = [text.strip().casefold() for text in each.texts("email") if "." in text.partition("@")[2]]
        numbers = ["".join(filter(str.isdigit, text)) for text in each.texts("phone_number")]
        for key in mails + [number for number in numbers if len(set(number)) > 1]:
            leader[top(each.id)] = top(first.setdefault(key, each.id))
    groups: dict[str, list[Contact]] = {}
    for each in known:
        groups.setdefault(top(each.id), []).append(each)
    return [group for group in groups.values() if len(group) > 1]


def cluster(data: RechatData, number: int, group: list[Contact]) -> Json:
    """A cluster; its number is its place now, and so not stable."""
    return {"id": number, "contacts": contacts(data, group), "type": "contact_duplicate"}

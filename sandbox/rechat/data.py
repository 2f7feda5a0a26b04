"""Rechat's data: contacts with their attributes, tags, lists, definitions, the calendar's own events; kept in memory.

What tests compare with (:meth:`RechatData.contacts` and its like) is put together by the same code that answers calls.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from sandbox.clock import Clock
from sandbox.rechat.contacts import DAY, Contact, midnight, stdaddr
from sandbox.rechat.definitions import definition, global_definitions

Json = dict[str, Any]


class Invalid(Exception):
    """A request makes no sense; the service answers 400."""


class Unknown(Exception):
    """Something named in a request is not there; the service answers 404."""


def brand_of(seed: int) -> str:
    """The id of the one brand."""
    return str(UUID(int=random.Random(f"{seed}:rechat:brand").getrandbits(128), version=4))  # noqa: S311 - no secret


class RechatData:
    """Everything the service knows.

    Attributes:
        brand: id of the one brand; ``users`` are its members, the first of whom owns most.
        definitions: attribute definitions by id.
        tags: tags by name.
        lists: contact lists by id, without their computed members.
        events: events of the calendar that are stored, by id: ``{"about": [contact ids], ...}``.
        flows: enrolments by id.
    """

    def __init__(self, seed: int, clock: Clock) -> None:
        self._draw = random.Random(f"{seed}:rechat:ids")  # noqa: S311 - a data set, no secret
        self._clock = clock
        self._contacts: dict[str, Contact] = {}
        self._position = 0
        self._order: list[Contact] | None = None
        self._jobs: list[tuple[float, Callable[[], None]]] = []
        self.brand = brand_of(seed)
        names = (("Nora", "Whitfield"), ("Sam", "Ortega"), ("Ines", "Vidal"))
        self.users = [self._user(first, last) for first, last in names]
        self.definitions = {row["id"]: row for row in global_definitions()}
        self.tags: dict[str, Json] = {}
        self.lists: dict[str, Json] = {}
        self.events: dict[str, Json] = {}
        self.flows: dict[str, Json] = {}
        self.brand_flows: dict[str, Json] = {}
        self.files: dict[str, tuple[Json, bytes]] = {}

    def new_id(self) -> str:
        """A UUID that nothing has yet; the same sequence for the same seed."""
        return str(UUID(int=self._draw.getrandbits(128), version=4))

    def now(self) -> float:
        """Seconds since 1970, with microseconds."""
        return round(self._clock.now(), 6)

    def _user(self, first: str, last: str) -> Json:
        mail = f"{first}.{last}@brokerage.example.com".lower()
        name = {"first_name": first, "last_name": last, "display_name": f"{first} {last}", "email": mail}
        return {"id": self.new_id(), **name, "type": "user"}

    # -- jobs --------------------------------------------------------------------------------------

    def later(self, seconds: float, work: Callable[[], None]) -> str:
        """Does ``work`` once the clock has gone on by ``seconds``; the id of the job."""
        self._jobs.append((self.now() + seconds, work))
        self.settle()
        return self.new_id()

    def settle(self) -> None:
        """Does the work of the jobs that are due."""
        now = self.now()
        due = [work for at, work in self._jobs if at <= now]
        self._jobs = [job for job in self._jobs if job[0] > now]
        for work in due:
            work()

    # -- contacts ----------------------------------------------------------------------------------

    def all(self) -> list[Contact]:
        """All contacts in the order of their creation."""
        self.settle()
        if self._order is None:
            self._order = sorted(self._contacts.values(), key=lambda each: (each.created_at, each.position))
        return list(self._order)

    def find(self, identifier: str) -> Contact | None:
        """One contact, or None."""
        self.settle()
        return self._contacts.get(identifier)

    def get(self, identifier: object) -> Contact:
        """One contact.

        Raises:
            Unknown: there is none.
        """
        found = self.find(identifier) if isinstance(identifier, str) else None
        if found is None:
            raise Unknown(f"Contact {identifier} not found")
        return found

    def create(
        self,
        attributes: Iterable[Json],
        *,
        identifier: str | None = None,
        user: str | None = None,
        at: float | None = None,
        reason: str = "direct_request",
        **fields: Any,
    ) -> Contact:
        """Adds a contact; ``attributes`` are as a request has them, ``fields`` others of :class:`Contact`.

        Raises:
            Invalid: an attribute makes no sense.
        """
        at = self.now() if at is None else at
        self._position += 1
        made = Contact(
            identifier or self.new_id(),
            user or self.users[0]["id"],
            at,
            at,
            self._position,
            self.users[0]["id"],
            created_for=reason,
            updated_for=reason,
            **fields,
        )
        self.write(made, attributes, at=at)
        self._contacts[made.id] = made
        self._order = None
        return made

    def delete(self, identifiers: Iterable[str]) -> int:
        """Deletes contacts and their enrolments; says how many there were."""
        gone = [identifier for identifier in identifiers if self._contacts.pop(identifier, None)]
        self._order = None
        self.flows = {key: flow for key, flow in self.flows.items() if flow["contact"] not in gone}
        return len(gone)

    def touched(self, contact: Contact, reason: str = "direct_request") -> None:
        """Notes that a contact was changed now; its next touch is computed anew."""
        contact.updated_at, contact.updated_for = max(self.now(), contact.created_at), reason
        contact.updated_by = self.users[0]["id"]
        if contact.touch_freq:
            contact.next_touch = round((contact.last_touch or contact.updated_at) + contact.touch_freq * DAY, 6)

    # -- attributes --------------------------------------------------------------------------------

    def definition(self, sent: Json) -> Json:
        """The definition that an attribute, or a condition on one, names by id or else by its global name.

        Raises:
            Invalid: it names none that exists.
        """
        known = self.definitions.get(str(sent.get("attribute_def")))
        name = sent.get("attribute_type")
        if known is None and sent.get("attribute_def") is None:
            known = next((row for row in self.definitions.values() if row["name"] == name), None)
        if known is None:
            raise Invalid(f"no such attribute: {sent.get('attribute_def') or name}")
        return known

    def write(self, contact: Contact, attributes: Iterable[Json], *, at: float | None = None) -> list[Json]:
        """Adds attributes, or changes those whose ``id`` is named; all or none. The rows as they are then.

        Raises:
            Invalid: one of them makes no sense.
            Unknown: one names an attribute that the contact lacks.
        """
        at = self.now() if at is None else at
        rows = [self._attribute(contact, sent, at) for sent in attributes]
        for row in rows:
            single = self.definitions[row["attribute_def"]]["singular"]
            others = [
                old
                for old in contact.attributes
                if old["id"] == row["id"]
                or (single and (old["attribute_def"], old["is_partner"]) == (row["attribute_def"], row["is_partner"]))
            ]
            place = contact.attributes.index(others[0]) if others else len(contact.attributes)
            contact.attributes[place:place] = [row]
            contact.attributes = [old for old in contact.attributes if all(old is not other for other in others)]
            if row["attribute_type"] == "tag":
                self.tag(row["text"], at)
        for row in rows:
            same = [old for old in contact.attributes if old["attribute_def"] == row["attribute_def"]]
            primary = [old for old in rows if old["is_primary"] and old["attribute_def"] == row["attribute_def"]]
            if primary:  # of several in one request none is
                for old in same:
                    old["is_primary"] = len(primary) == 1 and old is primary[0]
        return rows

    def check(self, contact: Contact, sent: Json) -> None:
        """Looks whether an attribute could be written, without writing it.

        Raises:
            Invalid: it makes no sense.
            Unknown: it names an attribute that the contact lacks.
        """
        self._attribute(contact, sent, 0.0)

    def _attribute(self, contact: Contact, sent: Json, at: float) -> Json:
        if not isinstance(sent, dict):
            raise Invalid("an attribute is an object")
        old: Json = {}
        if sent.get("id") is not None:
            old = next((row for row in contact.attributes if row["id"] == sent["id"]), {})
            if not old:
                raise Unknown(f"Attribute {sent['id']} not found")
        known = self.definitions[old["attribute_def"]] if old else self.definition(sent)
        value = self._value(known, {**old, **sent})
        me = self.users[0]["id"]
        flags = {name: bool(sent.get(name, old.get(name, False))) for name in ("is_primary", "is_partner")}
        label = sent.get("label", old.get("label"))
        return {
            "id": old.get("id") or self.new_id(),
            "contact": contact.id,
            "attribute_def": known["id"],
            "created_at": old.get("created_at", at),
            "updated_at": at,
            "deleted_at": None,
            "label": label if label or known["data_type"] != "address" else "Home",
            **flags,
            "index": sent.get("index", old.get("index")),
            "created_by": old.get("created_by", me),
            "updated_by": me if old else None,
            "attribute_type": known["name"] if known["global"] else None,
            **value,
            "type": "contact_attribute",
        }

    def _value(self, known: Json, sent: Json) -> Json:
        """The one value of an attribute; a number is kept but never sent."""
        match known["data_type"], sent:
            case "text", {"text": str(text)} if text.strip():
                return {"text": text, "date": None, "address": None}
            case "date", {"date": int() | float() as seconds}:
                return {"text": None, "date": midnight(seconds), "address": None}
            case "address", {"address": dict() as address}:
                return {"text": None, "date": None, "address": stdaddr(address)}
            case "number", {"number": int() | float() as number}:
                return {"text": None, "date": None, "address": None, "number": number}
        raise Invalid(f"{known['name']} needs a {known['data_type']}")

    # -- tags and definitions ----------------------------------------------------------------------

    def tag(self, name: str, at: float, touch_freq: int | None = None) -> Json:
        """The tag of this name, which is made when there is none."""
        if name not in self.tags:
            me = self.users[0]["id"]
            self.tags[name] = {
                "id": self.new_id(),
                "created_at": at,
                "updated_at": at,
                "created_by": me,
                "updated_by": None,
                "tag": name,
                "text": name,
                "touch_freq": touch_freq,
                "type": "crm_tag",
                "auto_enroll_in_super_campaigns": False,
            }
        return self.tags[name]

    def tagged(self, name: str) -> list[Contact]:
        """The contacts that have a tag."""
        return [contact for contact in self.all() if name in contact.texts("tag")]

    def define(self, **values: Any) -> Json:
        """Adds a definition of the brand."""
        made = definition(self.new_id(), self.now(), created_by=self.users[0]["id"], brand=self.brand, **values)
        self.definitions[made["id"]] = made
        return made

"""Contacts: created, changed, deleted, given an owner and a touch."""

from __future__ import annotations

from collections.abc import Awaitable

from resolvers.ids import GlobalId
from resolvers.writes import acquire_values
from resolvers.writes.outcome import Declined, Outcome, UserError, UserErrorCode, camel, declined, unsupported
from resolvers.writes.pen import Given, Pen
from resolvers.writes.recall import WITH_ATTRIBUTES
from resolvers.writes.rechat_changes import difference
from resolvers.writes.rechat_values import Definitions, wanted
from upstreams.needs import current_needs
from upstreams.rechat.client import NewContact
from upstreams.rechat.feeds import associations
from upstreams.rechat.records import Contact as RechatContact
from upstreams.records import ContactRecord, Source

GONE = "There is no such contact (any more)."


async def create(pen: Pen) -> Outcome:
    """Create a contact at one source."""
    given = pen.given
    source = pen.require(given["source"])
    belongs(given, source)
    if source is Source.CLOUD4WI:
        raise Declined(unsupported("source", source, "create a contact"))
    if source is Source.ACQUIRE:
        fields = {name: value for name, value in acquire_values.contact_fields(given).items() if value is not None}
        if not fields:
            raise declined(None, "There is nothing to create a contact of.", UserErrorCode.REQUIRED)
        key = await pen.write(pen.acquire.create_contact(fields, **acquire_values.client_of(given)))
        return Outcome(contact=await shown(pen, source, key))
    new = new_contact(given, await Definitions.read(pen))
    own = given.get("rechat") or {}
    listing = await pen.write(
        pen.rechat.create_contacts(
            [new],
            relax=bool(own.get("relax")),
            activity=own.get("record_activity") is not False,
            associations=associations(current_needs.get()),
        )
    )
    return Outcome(contact=next(iter(listing.rows), None))


def new_contact(given: Given, definitions: Definitions, at: str = "") -> NewContact:
    """A contact for Rechat, out of an input.

    Raises:
        Declined: it makes no sense there.
    """
    attributes = wanted(given, definitions, at).all()
    if not attributes:
        raise declined(at.rstrip(".") or None, "There is nothing to create a contact of.", UserErrorCode.REQUIRED)
    own = given.get("rechat") or {}
    return NewContact(
        attributes=attributes,
        user=own.get("owner_id"),
        ios_address_book_id=own.get("ios_address_book_id"),
        android_address_book_id=own.get("android_address_book_id"),
    )


async def update(pen: Pen) -> Outcome:
    """Change a contact; what is not given stays."""
    id = pen.id("id")
    belongs(pen.given, id.source)
    match id.source:
        case Source.CLOUD4WI:
            raise Declined(unsupported("id", id.source, "change a contact; see consentsUpdate"))
        case Source.ACQUIRE:
            await update_acquire(pen, id.key, pen.given)
            return Outcome(contact=await shown(pen, id.source, id.key))
    if cannot := only_at_creation(pen.given):
        raise Declined(*cannot)
    definitions = await Definitions.read(pen)
    asked = wanted(pen.given, definitions)
    contact = await whole(pen, id.key)
    change = difference(contact, asked)
    needed = associations(current_needs.get())
    if change.write:
        contact = await pen.write(pen.rechat.update_contact(id.key, change.write, associations=needed))
    if change.delete:
        await pen.write(pen.rechat.delete_attributes(change.delete))
    if change.delete or not change.write:
        return Outcome(contact=await shown(pen, id.source, id.key))
    return Outcome(contact=contact)


async def update_acquire(pen: Pen, key: str, given: Given, at: str = "") -> None:
    """Change a contact of Acquire: read it, then write all its fields.

    Whether an update keeps the fields that it does not name is not documented.
    """
    acquire_values.contact_fields(given, at=at)  # what cannot be kept is said before any call
    old = await pen.look(pen.acquire.contact(key, relations=("fields",)), f"{at}id")
    changes = acquire_values.contact_fields(given, old, at)
    client = acquire_values.client_of(given)
    if changes or client:
        await pen.write(pen.acquire.update_contact(key, acquire_values.whole(old.fields, changes), **client), f"{at}id")


async def delete(pen: Pen) -> Outcome:
    """Delete a contact for good."""
    id = pen.id("id")
    await delete_one(pen, id, "id")
    return Outcome(deleted_ids=[pen.given["id"]])


async def delete_one(pen: Pen, id: GlobalId, field: str | None) -> None:
    """Delete a contact of any source."""
    match id.source:
        case Source.CLOUD4WI:
            await pen.write(pen.cloud4wi.delete_customer(id.key), field)
        case Source.RECHAT:
            await pen.write(pen.rechat.delete_contact(id.key), field)
        case Source.ACQUIRE:
            await pen.write(pen.acquire.delete_contact(id.key), field)


async def set_owner(pen: Pen) -> Outcome:
    """Give a contact of Rechat to a user."""
    id = rechat_only(pen, "id", "give a contact an owner")
    return Outcome(contact=await _told(pen, pen.rechat.set_owner(id.key, pen.given["owner_id"]), "ownerId"))


async def touch(pen: Pen) -> Outcome:
    """Say how many days may pass between touches of a contact of Rechat."""
    id = rechat_only(pen, "id", "plan touches")
    return Outcome(contact=await _told(pen, pen.rechat.set_touch(id.key, pen.given["days"]), "days"))


async def _told(pen: Pen, change: Awaitable[RechatContact], field: str) -> ContactRecord | None:
    """A contact of Rechat as the change itself answers; read again for what that cannot be asked for."""
    contact = await pen.write(change, field)
    return await shown(pen, Source.RECHAT, contact.source_id) if associations(current_needs.get()) else contact


async def update_consents(pen: Pen) -> Outcome:
    """Write down what a contact of Cloud4Wi agreed to."""
    id = pen.id("contact_id")
    if id.source is not Source.CLOUD4WI:
        raise Declined(unsupported("contactId", id.source, "keep consents"))
    policies = [
        {name: value for name, value in consent.items() if value is not None} for consent in pen.some("consents")
    ]
    await pen.write(pen.cloud4wi.put_policies(id.key, {"policies": policies}), "consents")
    return Outcome(contact=await shown(pen, id.source, id.key))


# -- what several share ----------------------------------------------------------------------------


def rechat_only(pen: Pen, name: str, what: str) -> GlobalId:
    """A contact of an input, which must be Rechat's.

    Raises:
        Declined: it is another's.
    """
    id = pen.id(name)
    if id.source is not Source.RECHAT:
        raise Declined(unsupported(camel(name), id.source, what))
    return id


def belongs(given: Given, source: Source, at: str = "") -> None:
    """Refuse the part of an input that is for another source."""
    for part, owner in (("rechat", Source.RECHAT), ("acquire", Source.ACQUIRE)):
        if given.get(part) is not None and owner is not source:
            message = f"It is for {owner.label}; the contact is {source.label}'s."
            raise declined(f"{at}{part}", message, UserErrorCode.NOT_SUPPORTED)


_AT_CREATION = {
    "owner_id": ("ownerId", "see contactOwnerSet"),
    "ios_address_book_id": ("iosAddressBookId", "it is given at creation"),
    "android_address_book_id": ("androidAddressBookId", "it is given at creation"),
    "relax": ("relax", "it is an option of creation"),
    "record_activity": ("recordActivity", "it is an option of creation"),
}


def only_at_creation(given: Given, at: str = "") -> list[UserError]:
    """What an input asks for that only a new contact of Rechat can be given."""
    own = given.get("rechat") or {}
    return [
        UserError(f"{at}rechat.{field}", f"It cannot be changed here: {why}.", UserErrorCode.NOT_SUPPORTED)
        for name, (field, why) in _AT_CREATION.items()
        if own.get(name) is not None
    ]


async def shown(pen: Pen, source: Source, key: str) -> ContactRecord | None:
    """A contact as it is after the change."""
    return next(iter(await pen.read_back(source, [key])), None)


async def whole(pen: Pen, key: str) -> RechatContact:
    """A contact of Rechat with its attributes and their definitions.

    Raises:
        Declined: it is gone.
    """
    contact = await pen.look(pen.rechat.contact(key, associations=WITH_ATTRIBUTES), "id")
    if contact is None or contact.deleted_at is not None:
        raise declined("id", GONE, UserErrorCode.NOT_FOUND)
    return contact

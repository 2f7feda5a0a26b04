"""Rechat's writing operations on contacts; each changes the data that the reading ones show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from sandbox.rechat import imports, merging, views
from sandbox.rechat.behaviour import Behaviour
from sandbox.rechat.bodies import collection, frequency, ids, objects
from sandbox.rechat.contacts import Contact
from sandbox.rechat.data import Invalid, RechatData, Unknown
from sandbox.rechat.selection import Terms, conditions, select
from sandbox.wire import Exchange, reply

Json = dict[str, Any]


class Writing:
    """The handlers; ``operations`` are their names, methods and paths."""

    def __init__(self, data: Callable[[], RechatData], behaviour: Behaviour) -> None:
        self._data = data
        self._behaviour = behaviour
        one, row = "/contacts/{id}", "/contacts/{id}/attributes/{attribute}"
        self.operations = [
            ("createContacts", "POST", "/contacts", self._create),
            ("updateContacts", "PATCH", "/contacts", self._update_many),
            ("deleteContacts", "DELETE", "/contacts", self._delete_many),
            ("uploadFile", "POST", "/contacts/upload", self._upload),
            ("importJson", "POST", "/contacts/import.json", self._import_json),
            ("importCsv", "POST", "/contacts/import.csv", self._import_file),
            ("importXls", "POST", "/contacts/import.xls", self._import_file),
            ("importXlsx", "POST", "/contacts/import.xlsx", self._import_file),
            ("addAttributesToMany", "POST", "/contacts/attributes", self._add_to_many),
            ("deleteAttributes", "DELETE", "/contacts/attributes", self._delete_attributes),
            ("mergeClusters", "POST", "/contacts/merge", self._merge_clusters),
            ("updateContact", "PATCH", one, self._update),
            ("deleteContact", "DELETE", one, self._delete),
            ("changeOwner", "PUT", f"{one}/owner", self._owner),
            ("touchContact", "PATCH", f"{one}/touch", self._touch),
            ("addAttributes", "POST", f"{one}/attributes", self._add),
            ("updateAttribute", "PUT", row, self._update_attribute),
            ("deleteAttribute", "DELETE", row, self._delete_attribute),
            ("mergeContacts", "POST", f"{one}/merge", self._merge),
        ]

    def _sent(self, contact: Contact, terms: Terms) -> web.Response:
        return reply({"code": "OK", "data": views.contact(self._data(), contact, terms.associations())})

    # -- contacts ----------------------------------------------------------------------------------

    async def _create(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        rows = imports.checked(data, sent.get("contacts"))
        made = [imports.create(data, row, "direct_request") for row in rows]
        shown = made if terms.text("get") == "true" else []
        return collection(views.contacts(data, shown, terms.associations()))

    async def _update_many(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, rows = self._data(), objects(sent, "contacts")
        contacts = [data.get(row.get("id")) for row in rows]
        for contact, row in zip(contacts, rows, strict=True):
            data.write(contact, objects(row, "attributes"))
            data.touched(contact)
        return web.Response(status=204)

    async def _delete_many(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        """Without a selection everything goes: the documents do not say, and a client must not find out."""
        ids = terms.many("ids")
        self._data().delete(ids or [each.id for each in self._data().all()])
        return web.Response(status=204)

    async def _update(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, contact = self._data(), self._data().get(exchange.values["id"])
        data.write(contact, objects(sent, "attributes"))
        data.touched(contact)
        return self._sent(contact, terms)

    async def _delete(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        self._data().delete([self._data().get(exchange.values["id"]).id])
        return web.Response(status=204)

    async def _owner(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, contact = self._data(), self._data().get(exchange.values["id"])
        if sent.get("user") not in [user["id"] for user in data.users]:
            raise Invalid("user is the id of a user of the brand")
        contact.user = sent["user"]
        data.touched(contact)
        return self._sent(contact, terms)

    async def _touch(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, contact = self._data(), self._data().get(exchange.values["id"])
        days = frequency(sent)
        data.touched(contact)  # the next touch is still that of the old frequency
        contact.touch_freq = days
        return self._sent(contact, terms)

    # -- attributes --------------------------------------------------------------------------------

    async def _add(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, contact = self._data(), self._data().get(exchange.values["id"])
        rows = data.write(contact, objects(sent, "attributes"))
        data.touched(contact)
        return collection([views.attribute(data, row, terms.associations()) for row in rows])

    async def _update_attribute(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, contact = self._data(), self._data().get(exchange.values["id"])
        (row,) = data.write(contact, [{**sent, "id": exchange.values["attribute"]}])
        data.touched(contact)
        return reply({"code": "OK", "data": views.attribute(data, row)})

    async def _delete_attribute(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, contact = self._data(), self._data().get(exchange.values["id"])
        if not _without(data, [contact], {exchange.values["attribute"]}):
            raise Unknown(f"Attribute {exchange.values['attribute']} not found")
        return self._sent(contact, terms)

    async def _add_to_many(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        tests = conditions(data, objects(sent, "filters"))  # the key is ``filter`` where contacts are looked for
        chosen = [each for each in select(data, terms, {}, self._behaviour) if all(test(each) for test in tests)]
        for contact in chosen:
            data.write(contact, objects(sent, "attributes"))
            data.touched(contact)
        shown = chosen if terms.text("get") == "true" else []
        return collection(views.contacts(data, shown, terms.associations()))

    async def _delete_attributes(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        _without(self._data(), self._data().all(), set(terms.many("ids") or ()))
        return web.Response(status=204)

    # -- imports and merges ------------------------------------------------------------------------

    def _job(self, work: Callable[[], None]) -> web.Response:
        job = self._data().later(self._behaviour.job_seconds, work)
        return reply({"code": "OK", "data": {"job_id": job}})

    async def _upload(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        return reply({"code": "OK", "data": await imports.upload(self._data(), exchange.request)})

    async def _import_json(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        rows = imports.checked(data, sent.get("contacts"))

        def work() -> None:
            for row in rows:
                imports.create(data, row, "import_json")

        return self._job(work)

    async def _import_file(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        kind = exchange.request.path.rstrip("/").rpartition(".")[2]
        rows = imports.from_file(data, kind, sent)

        def work() -> None:
            for row in rows:
                imports.create(data, row, f"import_{kind}")

        return self._job(work)

    async def _merge(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        parent = data.get(exchange.values["id"])
        merging.merge(data, parent, [data.get(each) for each in ids(sent, "sub_contacts")])
        return self._sent(parent, terms)

    async def _merge_clusters(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        groups = [(data.get(row.get("parent")), ids(row, "sub_contacts")) for row in objects(sent, "clusters")]

        def work() -> None:
            for parent, others in groups:
                merging.merge(data, parent, [found for each in others if (found := data.find(each))])

        return self._job(work)


def _without(data: RechatData, contacts: Iterable[Contact], ids: set[str]) -> bool:
    """Deletes the attributes with these ids; whether there was any."""
    found = False
    for contact in contacts:
        kept = [row for row in contact.attributes if row["id"] not in ids]
        if len(kept) < len(contact.attributes):
            found, contact.attributes = True, kept
            data.touched(contact)
    return found

"""Rechat's writing operations; each changes the data that the reading ones show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from sandbox.rechat import imports, merging, views
from sandbox.rechat.behaviour import Behaviour
from sandbox.rechat.contacts import DAY, Contact
from sandbox.rechat.data import Invalid, RechatData, Unknown
from sandbox.rechat.making import enrol, saved_list
from sandbox.rechat.selection import Terms, conditions, select
from sandbox.wire import Exchange, reply

Json = dict[str, Any]

_DEFINED = ("name", "data_type", "label", "section", "required", "singular", "searchable", "has_label", "enum_values")


class Writing:
    """The handlers; ``operations`` are their names, methods and paths."""

    def __init__(self, data: Callable[[], RechatData], behaviour: Behaviour) -> None:
        self._data = data
        self._behaviour = behaviour
        one, row = "/contacts/{id}", "/contacts/{id}/attributes/{attribute}"
        tag = "/contacts/tags/{tag}"
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
            ("createTag", "POST", "/contacts/tags", self._create_tag),
            ("renameTag", "PATCH", tag, self._rename_tag),
            ("touchTag", "PATCH", f"{tag}/touch", self._touch_tag),
            ("deleteTag", "DELETE", tag, self._delete_tag),
            ("createAttributeDef", "POST", "/contacts/attribute_defs", self._define),
            ("deleteAttributeDef", "DELETE", "/contacts/attribute_defs/{id}", self._undefine),
            ("createList", "POST", "/contacts/lists", self._create_list),
            ("updateList", "PUT", "/contacts/lists/{id}", self._update_list),
            ("deleteList", "DELETE", "/contacts/lists/{id}", self._delete_list),
            ("startFlows", "POST", "/crm/flows", self._start_flows),
            ("stopFlow", "DELETE", "/crm/flows/{id}", self._stop_flow),
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

    def _several(self, rows: list[Json]) -> web.Response:
        return reply({"code": "OK", "data": rows, "info": {"count": len(rows), "total": 0}})

    # -- contacts ----------------------------------------------------------------------------------

    async def _create(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        rows = imports.checked(data, sent.get("contacts"))
        made = [imports.create(data, row, "direct_request") for row in rows]
        shown = made if terms.text("get") == "true" else []
        return self._several([views.contact(data, each, terms.associations()) for each in shown])

    async def _update_many(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, rows = self._data(), _objects(sent, "contacts")
        contacts = [data.get(row.get("id")) for row in rows]
        for contact, row in zip(contacts, rows, strict=True):
            data.write(contact, _objects(row, "attributes"))
            data.touched(contact)
        return web.Response(status=204)

    async def _delete_many(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        """Without a selection everything goes: the documents do not say, and a client must not find out."""
        ids = terms.many("ids")
        self._data().delete(ids or [each.id for each in self._data().all()])
        return web.Response(status=204)

    async def _update(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, contact = self._data(), self._data().get(exchange.values["id"])
        data.write(contact, _objects(sent, "attributes"))
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
        frequency = _frequency(sent)
        data.touched(contact)  # the next touch is still that of the old frequency
        contact.touch_freq = frequency
        return self._sent(contact, terms)

    # -- attributes --------------------------------------------------------------------------------

    async def _add(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, contact = self._data(), self._data().get(exchange.values["id"])
        rows = data.write(contact, _objects(sent, "attributes"))
        data.touched(contact)
        return self._several([views.attribute(data, row, terms.associations()) for row in rows])

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
        tests = conditions(data, _objects(sent, "filters"))  # the key is ``filter`` where contacts are looked for
        chosen = [each for each in select(data, terms, {}, self._behaviour) if all(test(each) for test in tests)]
        for contact in chosen:
            data.write(contact, _objects(sent, "attributes"))
            data.touched(contact)
        shown = chosen if terms.text("get") == "true" else []
        return self._several([views.contact(data, each, terms.associations()) for each in shown])

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
        merging.merge(data, parent, [data.get(each) for each in _ids(sent, "sub_contacts")])
        return self._sent(parent, terms)

    async def _merge_clusters(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        groups = [(data.get(row.get("parent")), _ids(row, "sub_contacts")) for row in _objects(sent, "clusters")]

        def work() -> None:
            for parent, ids in groups:
                merging.merge(data, parent, [found for each in ids if (found := data.find(each))])

        return self._job(work)

    # -- tags, definitions, lists, flows -----------------------------------------------------------

    def _tag(self, exchange: Exchange) -> Json:
        name = exchange.values["tag"]
        if name not in self._data().tags:
            raise Unknown(f"Tag {name} not found")
        return self._data().tags[name]

    async def _create_tag(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        if not isinstance(sent.get("tag"), str) or not sent["tag"].strip():
            raise Invalid("tag is a text")
        frequency = None if sent.get("touch_freq") is None else _frequency(sent)
        self._data().tag(sent["tag"], self._data().now(), frequency)
        return web.Response(status=204)

    async def _rename_tag(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, tag, name = self._data(), self._tag(exchange), sent.get("tag")
        if not isinstance(name, str) or not name.strip():
            raise Invalid("tag is a text")
        merging.rename_tag(data, tag, name)
        return web.Response(status=204)

    async def _touch_tag(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, tag = self._data(), self._tag(exchange)
        tag["touch_freq"], tag["updated_at"] = _frequency(sent), data.now()
        for contact in data.tagged(tag["tag"]):
            contact.touch_freq = tag["touch_freq"]
            contact.next_touch = round((contact.last_touch or data.now()) + tag["touch_freq"] * DAY, 6)
        return web.Response(status=204)

    async def _delete_tag(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        merging.delete_tag(self._data(), self._tag(exchange)["tag"])
        return web.Response(status=204)

    async def _define(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        if not isinstance(sent.get("name"), str) or sent.get("data_type") not in ("text", "date", "number", "address"):
            raise Invalid("a definition has a name and a data_type")
        known = {name: sent[name] for name in _DEFINED if name in sent}
        return reply({"code": "OK", "data": self._data().define(**known)})

    async def _undefine(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, identifier = self._data(), exchange.values["id"]
        if identifier not in data.definitions:
            raise Unknown(f"AttributeDef {identifier} not found")
        if data.definitions[identifier]["global"]:
            raise Invalid("a global definition cannot be deleted")
        for contact in data.all():
            contact.attributes = [row for row in contact.attributes if row["attribute_def"] != identifier]
        del data.definitions[identifier]
        return web.Response(status=204)

    def _list(self, exchange: Exchange) -> Json:
        found = self._data().lists.get(exchange.values["id"])
        if found is None:
            raise Unknown(f"ContactList {exchange.values['id']} not found")
        return found

    def _save(self, sent: Json) -> Json:
        if not isinstance(sent.get("name"), str):
            raise Invalid("a list has a name")
        filters, args = sent.get("filters") or [], sent.get("args") or {}
        conditions(self._data(), filters)
        return saved_list(self._data(), sent["name"], filters, self._data().now(), **args)

    async def _create_list(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        return reply({"code": "OK", "data": views.contact_list(self._data(), self._save(sent)["id"])})

    async def _update_list(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, old = self._data(), self._list(exchange)
        new = self._save(sent)
        del data.lists[new["id"]]
        kept = {name: old[name] for name in ("id", "created_at", "created_by")}
        data.lists[old["id"]] = {**new, **kept, "updated_by": data.users[0]["id"]}
        return reply({"code": "OK", "data": views.contact_list(data, old["id"])})

    async def _delete_list(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        del self._data().lists[self._list(exchange)["id"]]
        return web.Response(status=204)

    async def _start_flows(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, origin, chosen = self._data(), sent.get("origin"), sent.get("contacts")
        if origin not in data.brand_flows or not isinstance(chosen, dict):
            raise Invalid("a flow has an origin and contacts")
        contacts = [data.get(each) for each in _ids(chosen, "ids")]
        active = {flow["contact"] for flow in data.flows.values() if flow["origin"] == origin}
        starts = float(sent.get("starts_at") or data.now())
        rows = [enrol(data, each, origin, starts) for each in contacts if each.id not in active]
        return self._several(rows)

    async def _stop_flow(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        if self._data().flows.pop(exchange.values["id"], None) is None:
            raise Unknown(f"Flow {exchange.values['id']} not found")
        return web.Response(status=204)


def _objects(sent: Json, name: str) -> list[Json]:
    rows = sent.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid(f"{name} is a list of objects")
    return rows


def _ids(sent: Json, name: str) -> list[str]:
    rows = sent.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise Invalid(f"{name} is a list of ids")
    return rows


def _frequency(sent: Json) -> int:
    value = sent.get("touch_freq")
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Invalid("touch_freq is a number of days")
    return value


def _without(data: RechatData, contacts: Iterable[Contact], ids: set[str]) -> bool:
    """Deletes the attributes with these ids; whether there was any."""
    found = False
    for contact in contacts:
        kept = [row for row in contact.attributes if row["id"] not in ids]
        if len(kept) < len(contact.attributes):
            found, contact.attributes = True, kept
            data.touched(contact)
    return found

"""Rechat's writing operations on what contacts are arranged by: tags, attribute definitions, lists, flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.rechat import merging, views
from sandbox.rechat.bodies import collection, frequency, ids
from sandbox.rechat.contacts import DAY
from sandbox.rechat.data import Invalid, RechatData, Unknown
from sandbox.rechat.making import enrol, saved_list
from sandbox.rechat.selection import Terms, conditions
from sandbox.wire import Exchange, reply

Json = dict[str, Any]

_DEFINED = ("name", "data_type", "label", "section", "required", "singular", "searchable", "has_label", "enum_values")


class Arranging:
    """The handlers; ``operations`` are their names, methods and paths."""

    def __init__(self, data: Callable[[], RechatData]) -> None:
        self._data = data
        tag = "/contacts/tags/{tag}"
        self.operations = [
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
        ]

    def _tag(self, exchange: Exchange) -> Json:
        name = exchange.values["tag"]
        if name not in self._data().tags:
            raise Unknown(f"Tag {name} not found")
        return self._data().tags[name]

    async def _create_tag(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        if not isinstance(sent.get("tag"), str) or not sent["tag"].strip():
            raise Invalid("tag is a text")
        days = None if sent.get("touch_freq") is None else frequency(sent)
        self._data().tag(sent["tag"], self._data().now(), days)
        return web.Response(status=204)

    async def _rename_tag(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, tag, name = self._data(), self._tag(exchange), sent.get("tag")
        if not isinstance(name, str) or not name.strip():
            raise Invalid("tag is a text")
        merging.rename_tag(data, tag, name)
        return web.Response(status=204)

    async def _touch_tag(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, tag = self._data(), self._tag(exchange)
        tag["touch_freq"], tag["updated_at"] = frequency(sent), data.now()
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
        contacts = [data.get(each) for each in ids(chosen, "ids")]
        active = {flow["contact"] for flow in data.flows.values() if flow["origin"] == origin}
        starts = float(sent.get("starts_at") or data.now())
        rows = [enrol(data, each, origin, starts) for each in contacts if each.id not in active]
        return collection(rows)

    async def _stop_flow(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        if self._data().flows.pop(exchange.values["id"], None) is None:
            raise Unknown(f"Flow {exchange.values['id']} not found")
        return web.Response(status=204)

"""Acquire's writing operations; each changes the data that the reading ones show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.acquire import asking, rows
from sandbox.acquire.behaviour import Behaviour
from sandbox.acquire.data import AcquireData, Refused, invalid
from sandbox.acquire.fields import parse
from sandbox.wire import Exchange

Json = dict[str, Any]

_CLIENT = (
    *("clientType", "clientName", "clientVersion", "clientOsName", "clientOsVersion"),
    *("clientDeviceType", "clientDeviceVendor", "clientDeviceModel", "clientDetails"),
)


class Writing:
    """The handlers; ``operations`` are their names, methods and paths."""

    def __init__(self, data: Callable[[], AcquireData], behaviour: Behaviour) -> None:
        self._data = data
        self._behaviour = behaviour
        contact, company, field = (f"/crm/objects/{name}" for name in ("contact", "company", "object-field"))
        one = "{id}"
        self.operations = [
            ("createContact", "POST", contact, self._create),
            ("updateContact", "PUT", f"{contact}/{one}", self._update),
            ("deleteContact", "DELETE", f"{contact}/{one}", self._delete),
            ("mergeContacts", "POST", f"/crm/contact/merge/{one}", self._merge),
            ("blockContacts", "POST", "/crm/block-visitor", self._block),
            ("unblock", "DELETE", "/crm/block-visitor", self._unblock),
            ("createCompany", "POST", company, self._create_company),
            ("updateCompany", "PUT", f"{company}/{one}", self._update_company),
            ("deleteCompany", "DELETE", f"{company}/{one}", self._delete_company),
            ("createTag", "POST", "/crm/tag", self._create_tag),
            ("updateTag", "PUT", f"/crm/tag/{one}", self._update_tag),
            ("deleteTag", "DELETE", "/crm/tag", self._delete_tag),
            ("createField", "POST", field, self._create_field),
            ("updateField", "PUT", f"{field}/{one}", self._update_field),
            ("deleteField", "DELETE", f"{field}/{one}", self._delete_field),
            ("createCase", "POST", "/crm/messenger/chat/create", self._open_case),
            ("closeCase", "POST", "/crm/messenger/chat/close", self._close_case),
            ("addMessage", "POST", "/crm/messenger/chat/add-message", self._add_message),
            ("createNote", "POST", "/crm/note/create", self._create_note),
            ("createView", "POST", "/crm/view", self._create_view),
            ("updateView", "PUT", f"/crm/view/{one}", self._update_view),
            ("deleteView", "DELETE", f"/crm/view/{one}", self._delete_view),
        ]

    def _known(self, sent: object) -> Json:
        return self._data().find(self._data().contacts, sent, "contact")

    # -- contacts ----------------------------------------------------------------------------------

    def _shown(self, row: Json) -> Json:
        return rows.contact(self._data(), row, ("fields",))

    async def _create(self, exchange: Exchange) -> Json:
        data, sent = self._data(), await asking.body(exchange)
        fields = asking.fields(sent, list(data.fields))
        mail = str(fields.get("email") or "").strip().casefold()
        if self._behaviour.duplicates and mail:
            others = (str(row["fields"].get("email") or "").strip().casefold() for row in data.contacts)
            if mail in others:
                raise Refused("ERROR_DUPLICATE_RECORD_FOUND", "a contact with this e-mail exists")
        client = {name: sent[name] for name in _CLIENT if sent.get(name) is not None}
        return self._shown(data.add_contact(fields, at=parse(sent.get("dateCreated")), **client))

    async def _update(self, exchange: Exchange) -> Json:
        data, row, sent = self._data(), self._known(exchange.values["id"]), await asking.body(exchange)
        fields = asking.fields(sent, list(data.fields))
        row["fields"] = fields if self._behaviour.put == "replace" else row["fields"] | fields
        row |= {name: sent[name] for name in _CLIENT if name in sent}
        row["dateUpdated"] = data.now()
        return self._shown(row)

    async def _delete(self, exchange: Exchange) -> Json:
        self._data().delete_contact(self._known(exchange.values["id"])["id"])
        return {"deleted": 1}

    async def _merge(self, exchange: Exchange) -> Json:
        target, sent = self._known(exchange.values["id"]), await asking.body(exchange)
        ids = sent.get("sourceIds")
        if not isinstance(ids, list) or not ids:
            raise invalid("sourceIds is a list of ids")
        sources = [self._known(each) for each in ids]
        if target in sources:
            raise invalid("a contact cannot be merged into itself")
        self._data().merge(target, sources)
        message = f"#{', #'.join(str(row['id']) for row in sources)} contact timeline's merged with #{target['id']}"
        return {"id": target["id"], "message": f"{message} successfully."}

    async def _block(self, exchange: Exchange) -> bool:
        data, sent = self._data(), await asking.body(exchange)
        ids, until = sent.get("data"), parse(sent.get("blockTill"))
        if not isinstance(ids, list) or not ids or sent.get("type") != "contact" or until is None:
            raise invalid("data is a list of contacts, type is contact, blockTill is a date")
        for row in [self._known(each) for each in ids]:
            block = {"who": row["id"], "type": "contact", "blockTill": until, "blockBy": 1, "dateCreated": data.now()}
            data.blocks.add(block)
        return True

    async def _unblock(self, exchange: Exchange) -> Json:
        table = self._data().blocks
        gone = table.delete(asking.number(exchange.query.get("id"), "id", 0))
        return {"deleted": {"raw": {"affectedRows": int(gone)}, "affected": int(gone)}}

    # -- companies, tags, attributes ---------------------------------------------------------------

    async def _company_fields(self, exchange: Exchange) -> Json:
        fields = (await asking.body(exchange)).get("fields")
        if not isinstance(fields, dict):
            raise invalid("fields is an object")
        return fields

    async def _create_company(self, exchange: Exchange) -> Json:
        fields = await self._company_fields(exchange)
        if fields.get("website") and not fields.get("logo"):
            fields["logo"] = f"https://logos.example.com/{fields['website']}"
        return rows.company(self._data(), self._data().add_company(fields), ("fields",))

    async def _update_company(self, exchange: Exchange) -> Json:
        data = self._data()
        row = data.find(data.companies, exchange.values["id"], "company")
        row["fields"] |= await self._company_fields(exchange)
        row["dateUpdated"] = data.now()
        return rows.company(data, row, ("fields",))

    async def _delete_company(self, exchange: Exchange) -> Json:
        data = self._data()
        number = data.find(data.companies, exchange.values["id"], "company")["id"]
        data.companies.delete(number)
        for row in data.contacts:
            row["companyId"] = None if row["companyId"] == number else row["companyId"]
        return {"deleted": 1}

    async def _create_tag(self, exchange: Exchange) -> Json:
        sent = await asking.body(exchange)
        if not isinstance(sent.get("name"), str) or not sent["name"].strip():
            raise invalid("name is a text")
        return rows.tag(self._data().add_tag(sent["name"], sent.get("color"), sent.get("type")))

    async def _update_tag(self, exchange: Exchange) -> Json:
        data, sent = self._data(), await asking.body(exchange)
        row = data.find(data.tags, exchange.values["id"], "tag")
        if any(each["name"] == sent.get("name") and each is not row for each in data.tags):
            raise Refused("ERROR_DUPLICATE_RECORD_FOUND", "a tag of this name exists")
        row |= {name: sent[name] for name in ("name", "color", "type") if name in sent}
        return rows.tag(row)

    async def _delete_tag(self, exchange: Exchange) -> Json:
        data = self._data()
        number = data.find(data.tags, exchange.query.get("id"), "tag")["id"]
        data.tags.delete(number)
        for row in [*data.contacts, *data.cases]:
            row["tags"] = [each for each in row["tags"] if each != number]
        return {"deleted": 1}

    async def _create_field(self, exchange: Exchange) -> Json:
        data, sent = self._data(), await asking.body(exchange)
        key, config = sent.get("key"), sent.get("config") or {}
        if not isinstance(key, str) or not isinstance(config, dict):
            raise invalid("a custom attribute has a key and a config")
        if any(row["key"] == key for row in data.fields):
            raise Refused("ERROR_DUPLICATE_RECORD_FOUND", "an attribute of this key exists")
        given = config.get("input") if isinstance(config.get("input"), dict) else {}
        options = {name: value for name, value in (given or {}).items() if name not in ("label", "system", "owner")}
        return data.add_field(key, str(config.get("label") or key), owner=str(sent.get("object", "contact")), **options)

    def _custom(self, exchange: Exchange) -> Json:
        row = self._data().find(self._data().fields, exchange.values["id"], "object field")
        if row["system"] == "yes":
            raise Refused("ERROR_UNAUTHORIZED_ACCESS", "a system attribute cannot be changed")
        return row

    async def _update_field(self, exchange: Exchange) -> Json:
        row, sent = self._custom(exchange), await asking.body(exchange)
        if isinstance(sent.get("config"), dict):
            row["config"] = row["config"] | sent["config"]
        return row

    async def _delete_field(self, exchange: Exchange) -> Json:
        data, row = self._data(), self._custom(exchange)
        data.fields.delete(row["id"])
        for contact in data.contacts:
            contact["fields"].pop(row["key"], None)
        return {"deleted": 1}

    # -- cases, notes, cards -----------------------------------------------------------------------

    async def _open_case(self, exchange: Exchange) -> Json:
        data, row = self._data(), self._known(exchange.query.get("contactId"))
        case = next((each for each in data.cases.of(row["id"]) if each["status"] == "closed"), None)
        at = data.now()
        if case is None:
            case = data.add_case(row["id"], at, status="active", userId=1, dateActive=at)
        else:  # the same call opens a closed case again
            case |= {"status": "active", "dateClosed": None, "closedBy": None, "closingState": None, "dateUpdated": at}
        return rows.case(data, case)

    async def _close_case(self, exchange: Exchange) -> Json:
        data, sent = self._data(), await asking.body(exchange)
        case, at = data.find(data.cases, sent.get("caseId"), "case"), data.now()
        case |= {"status": "closed", "closedBy": 1, "closingState": "handled", "dateClosed": at, "dateUpdated": at}
        return rows.case(data, case)

    async def _add_message(self, exchange: Exchange) -> Json:
        data, sent = self._data(), await asking.body(exchange)
        thread = asking.number(sent.get("threadId"), "threadId", 0)
        case = next((each for each in data.cases if each["threadId"] == thread), None)
        if case is None or not isinstance(sent.get("message"), str):
            raise invalid("a message has a threadId and a text")
        return rows.message(data.add_message(case, sent["message"], exchange.query.get("x-user-type", "user")))

    async def _create_note(self, exchange: Exchange) -> Json:
        row, sent = self._known(exchange.query.get("contactId")), await asking.body(exchange)
        if sent.get("type") != "note":
            raise invalid("type is note")
        texts = {name: sent[name] for name in ("title", "description") if name in sent}
        if not all(text is None or isinstance(text, str) for text in (sent.get("message"), *texts.values())):
            raise invalid("message, title and description are texts")
        note = rows.note(self._data().add_note(row["id"], sent.get("message"), **texts))
        return {**note, "contactId": str(row["id"])}  # as text here, as a number in the list

    async def _create_view(self, exchange: Exchange) -> Json:
        sent = await asking.body(exchange)
        row, view = self._known(sent.get("contact_id")), _view_of(sent)
        made = self._data().add_view(row["id"], str(sent.get("title") or ""), sent.get("meta") or {}, view)
        return {"success": True, "data": rows.card(made), "message": "View added successfully."}

    async def _update_view(self, exchange: Exchange) -> Json:
        data, sent = self._data(), await asking.body(exchange)
        row = data.find(data.views, exchange.values["id"], "card")
        changes = {name: sent[name] for name in ("title", "meta") if name in sent} | {"view": _view_of(sent)}
        row |= changes | {"dateUpdated": data.now()}
        # What was sent, and not the card: so the documents show it.
        echo = {"id": row["id"], **changes, "userId": None, "dateCreated": None}
        return {"success": True, "data": echo, "message": "View updated successfully."}

    async def _delete_view(self, exchange: Exchange) -> Json:
        data = self._data()
        data.views.delete(data.find(data.views, exchange.values["id"], "card")["id"])
        return {"success": True, "message": "View has been deleted successfully."}


def _view_of(sent: Json) -> Json:
    view = sent.get("view")
    if not isinstance(view, dict):
        raise invalid("view is an object")
    return view

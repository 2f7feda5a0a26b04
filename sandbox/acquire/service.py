"""Acquire's operations: which path is which, who may call, what an error looks like, and all that is read."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.acquire import asking, rows
from sandbox.acquire.behaviour import Behaviour
from sandbox.acquire.data import AcquireData, Refused
from sandbox.acquire.table import Table
from sandbox.acquire.writing import Writing
from sandbox.wire import Exchange, Handler, Route, reply

Json = dict[str, Any]

_STATUS = {
    "ERROR_INVALID_INPUT": 400,
    "ERROR_DUPLICATE_RECORD_FOUND": 400,
    "ERROR_UNAUTHORIZED": 401,
    "ERROR_UNAUTHORIZED_ACCESS": 403,
    "ERROR_SERVER_ERROR": 500,
}
_CONTACT_COLUMNS = ("id", "companyId", "archive", "clientType", "clientName", "dateCreated", "dateUpdated")
_CASE_COLUMNS = (
    *("dateCreated", "dateUpdated", "id", "contactId", "closedBy", "visitId", "title", "description", "status"),
    *("closingState", "dateQueue", "dateActive", "dateClosed", "queueId", "meta", "parentId"),
)


class Acquire:
    """The service. Its data is made when the first call or the first test asks for it.

    Attributes:
        key: the API key that is good now; a revoked one is replaced by another.
    """

    name = "acquire"
    prefix = "/acquire/api/v1"

    def __init__(self, data: Callable[[], AcquireData], behaviour: Behaviour, seed: int) -> None:
        self._data = data
        self._keys = random.Random(f"{seed}:acquire:credentials")  # noqa: S311 - opens nothing but the sandbox
        self.behaviour = behaviour
        self.revoke_tokens()
        objects = "/crm/objects"
        reading = [
            ("contacts", "GET", f"{objects}/contact", self._contacts),
            ("searchContacts", "POST", "/crm/contact/list", self._search),
            ("contact", "GET", f"{objects}/contact/{{id}}", self._contact),
            ("companies", "GET", f"{objects}/company", self._companies),
            ("company", "GET", f"{objects}/company/{{id}}", self._company),
            ("tags", "GET", "/crm/tag", self._tags),
            ("tag", "GET", "/crm/tag/{id}", self._tag),
            ("fields", "GET", f"{objects}/object-field", self._fields),
            ("field", "GET", f"{objects}/object-field/{{id}}", self._field),
            ("cases", "GET", f"{objects}/case", self._cases),
            ("case", "GET", f"{objects}/case/{{id}}", self._case),
            ("messages", "GET", "/crm/messenger/chat/messages", self._messages),
            ("notes", "GET", "/crm/note", self._notes),
            ("note", "GET", "/crm/note/get/{id}", self._note),
            ("views", "GET", "/crm/view", self._views),
            ("view", "GET", "/crm/view/{id}", self._view),
            ("blocks", "GET", "/crm/block-visitor", self._blocks),
            ("block", "GET", "/crm/block-visitor/{id}", self._block),
            ("departments", "GET", "/account/department", self._departments),
        ]
        self.routes = [
            Route(name, method, path, self._guarded(work))
            for name, method, path, work in [*reading, *Writing(data, behaviour).operations]
        ]

    # -- the service as the wire sees it ---------------------------------------------------------

    def refuse(self, status: int, message: str) -> web.Response:
        """An error of the wire (no such path, a fault) in the service's form."""
        known = {number: code for code, number in _STATUS.items()} | {404: "ERROR_RECORD_NOT_FOUND"}
        return self._error(known.get(status, "ERROR_SERVER_ERROR"), message, status)

    def deny(self) -> web.Response:
        """An error under HTTP 200."""
        return self._error("ERROR_SERVER_ERROR", "the sandbox was told to fail", 200)

    def expire_scrolls(self) -> None:
        """There are none."""

    def revoke_tokens(self) -> None:
        """Deletes the API key and makes another."""
        self.key = f"{self._keys.getrandbits(256):064x}"

    def _error(self, code: str, message: str, status: int) -> web.Response:
        return reply({"error": {"code": code, "message": message, "data": None}}, status)

    def _guarded(self, work: Callable[[Exchange], Awaitable[Any]]) -> Handler:
        async def handler(exchange: Exchange) -> web.Response:
            try:
                if exchange.request.headers.get("Authorization") != f"Bearer {self.key}":
                    raise Refused("ERROR_UNAUTHORIZED", "the API key is missing or invalid")
                return reply({"data": await work(exchange)})
            except Refused as error:
                status = _STATUS.get(error.code, self.behaviour.not_found)
                return self._error(error.code, error.message, 200 if self.behaviour.errors_as_200 else status)

        return handler

    # -- contacts ----------------------------------------------------------------------------------

    async def _contacts(self, exchange: Exchange) -> Json:
        data = self._data()
        relations = asking.relations(exchange, asking.CONTACT_RELATIONS)
        chosen = asking.where(exchange, data.contacts.descending(), self.behaviour, _CONTACT_COLUMNS)
        page = asking.Page.of(exchange, self.behaviour).cut(chosen)
        select = asking.many(exchange, "select")
        counts = {"total": len(chosen), "records": len(chosen)}
        for status in ("pending", "active"):
            counts[status] = len({case["contactId"] for case in data.cases if case["status"] == status})
        return {"list": [rows.listed(data, row, relations, select) for row in page], "counts": counts}

    async def _search(self, exchange: Exchange) -> Json:
        data, sent = self._data(), await asking.body(exchange)
        wanted = sent.get("search") or ""
        if not isinstance(wanted, str):
            raise Refused("ERROR_INVALID_INPUT", "search is a string")
        matches = [
            (row, field, value) for row in data.contacts.descending() for field, value in self._matching(row, wanted)
        ]
        page = asking.Page(sent.get("page"), sent.get("limit"), self.behaviour)
        shown = matches[page.offset : page.offset + page.limit]
        return {"list": [rows.found(data, *match) for match in shown], "counts": {"filteredCount": len(matches)}}

    def _matching(self, row: Json, wanted: str) -> list[tuple[Json, str]]:
        """The fields of a contact that hold what is searched for; of an empty search the first."""
        plain = wanted.strip().casefold()
        has = [(field, row["fields"].get(field["key"])) for field in self._data().fields]
        digits = _digits(plain) if self.behaviour.search_digits and not any(map(str.isalpha, plain)) else ""
        fits = [
            (field, value)
            for field, value in has
            if value and (plain in value.casefold() or (len(digits) > 3 and digits in _digits(value)))
        ]
        return fits if plain else fits[:1]

    async def _contact(self, exchange: Exchange) -> Json:
        data = self._data()
        row = data.find(data.contacts, exchange.values["id"], "contact")
        relations = asking.relations(exchange, asking.CONTACT_RELATIONS)
        return rows.contact(data, row, relations, asking.many(exchange, "select"))

    # -- companies, tags, attributes ---------------------------------------------------------------

    def _objects(self, exchange: Exchange, chosen: list[Json]) -> tuple[Json, list[Json]]:
        """The envelope of most lists, without its rows, and the rows of the page."""
        page = asking.Page.of(exchange, self.behaviour)
        return {"page": page.page, "offset": page.offset, "limit": page.limit, "count": len(chosen)}, page.cut(chosen)

    async def _companies(self, exchange: Exchange) -> Json:
        data = self._data()
        relations = asking.relations(exchange, asking.COMPANY_RELATIONS)
        chosen = asking.where(exchange, data.companies.descending(), self.behaviour, ("id", "dateCreated", "parent"))
        head, page = self._objects(exchange, chosen)
        select = asking.many(exchange, "select")
        return {**head, "data": [rows.company(data, row, relations, select) for row in page]}

    async def _company(self, exchange: Exchange) -> Json:
        data = self._data()
        row = data.find(data.companies, exchange.values["id"], "company")
        relations = asking.relations(exchange, asking.COMPANY_RELATIONS)
        return rows.company(data, row, relations, asking.many(exchange, "select"))

    async def _tags(self, exchange: Exchange) -> Json:
        data, search = self._data(), exchange.query.get("search", "").casefold()
        relations = asking.relations(exchange, ("contact", "case", "user"))
        chosen = [row for row in data.tags if search in row["name"].casefold()]
        if '"DESC"' in exchange.query.get("order", ""):
            chosen.reverse()
        return {"count": len(chosen), "data": [rows.tag_with(data, row, relations) for row in chosen]}

    async def _tag(self, exchange: Exchange) -> Json:
        data = self._data()
        relations = asking.relations(exchange, ("contact", "case", "user"))
        return rows.tag_with(data, data.find(data.tags, exchange.values["id"], "tag"), relations)

    async def _fields(self, exchange: Exchange) -> Json:
        head, page = self._objects(exchange, list(self._data().fields))
        return {**head, "data": page}

    async def _field(self, exchange: Exchange) -> Json:
        return self._data().find(self._data().fields, exchange.values["id"], "object field")

    # -- cases, notes, cards, blocks ---------------------------------------------------------------

    async def _cases(self, exchange: Exchange) -> Json:
        data = self._data()
        relations = asking.relations(exchange, asking.CASE_RELATIONS)
        chosen = asking.where(exchange, data.cases.descending(), self.behaviour, _CASE_COLUMNS)
        head, page = self._objects(exchange, chosen)
        select = asking.many(exchange, "select")
        return {**head, "data": [rows.case(data, row, relations, select) for row in page]}

    async def _case(self, exchange: Exchange) -> Json:
        data = self._data()
        row = data.find(data.cases, exchange.values["id"], "case")
        relations = asking.relations(exchange, asking.CASE_RELATIONS)
        return rows.case(data, row, relations, asking.many(exchange, "select"))

    async def _messages(self, exchange: Exchange) -> Json:
        thread = asking.number(exchange.query.get("threadId"), "threadId", 0)
        found = [rows.message(row) for row in self._data().messages if row["threadId"] == thread]
        return {"count": len(found), "data": found}

    def _owned(self, exchange: Exchange, table: Table) -> list[Json]:
        """The rows of the contact that the query names, or all; one page of the documents misspells the name."""
        data = self._data()
        sent = exchange.query.get("contact_id") or exchange.query.get("lcontact_id")
        return table.of(data.find(data.contacts, sent, "contact")["id"]) if sent else table.descending()

    async def _notes(self, exchange: Exchange) -> Json:
        chosen = self._owned(exchange, self._data().notes)
        page = asking.Page.of(exchange, self.behaviour).cut(chosen)
        return {"count": len(chosen), "rows": [rows.note(row) for row in page]}

    async def _note(self, exchange: Exchange) -> Json:
        return rows.note(self._data().find(self._data().notes, exchange.values["id"], "note"))

    async def _views(self, exchange: Exchange) -> Json:
        chosen = self._owned(exchange, self._data().views)
        page = asking.Page.of(exchange, self.behaviour)
        return {"offset": page.offset, "count": len(chosen), "data": [rows.card(row) for row in page.cut(chosen)]}

    async def _view(self, exchange: Exchange) -> Json:
        return rows.card(self._data().find(self._data().views, exchange.values["id"], "card"))

    async def _blocks(self, exchange: Exchange) -> Json:
        chosen = self._data().blocks.descending()
        return {"offset": 0, "count": len(chosen), "data": [rows.block(self._data(), row) for row in chosen]}

    async def _block(self, exchange: Exchange) -> Json:
        return rows.block(self._data(), self._data().find(self._data().blocks, exchange.values["id"], "block"))

    async def _departments(self, exchange: Exchange) -> Json:
        return {"count": 1, "data": [{"id": 1, "name": "Support"}]}


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))

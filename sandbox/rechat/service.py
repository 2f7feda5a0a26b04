"""Rechat's operations: which path is which, who may call, what an error looks like, and all that is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from aiohttp import web

from sandbox.rechat import calendar, views
from sandbox.rechat.arranging import Arranging
from sandbox.rechat.behaviour import Behaviour
from sandbox.rechat.bodies import collection
from sandbox.rechat.data import Invalid, RechatData, Unknown
from sandbox.rechat.outside import Outside
from sandbox.rechat.selection import Terms, page, select
from sandbox.rechat.tokens import Tokens
from sandbox.rechat.writing import Writing
from sandbox.wire import Exchange, Handler, Route, reply

Json = dict[str, Any]

_CODES = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "ResourceNotFound", 405: "MethodNotAllowed"}


class Rechat:
    """The service. Its data is made when the first call or the first test asks for it."""

    name = "rechat"
    prefix = "/rechat"

    def __init__(self, data: Callable[[], RechatData], tokens: Tokens, behaviour: Behaviour, brand: str) -> None:
        self._data = data
        self.brand = brand
        self.tokens = tokens
        self.behaviour = behaviour
        reading = [
            ("contacts", "GET", "/contacts", self._contacts),
            ("filterContacts", "POST", "/contacts/filter", self._filter),
            ("tags", "GET", "/contacts/tags", self._tags),
            ("attributeDefs", "GET", "/contacts/attribute_defs", self._definitions),
            ("lists", "GET", "/contacts/lists", self._lists),
            ("listOptions", "GET", "/contacts/lists/options", self._list_options),
            ("duplicates", "GET", "/contacts/duplicates", self._clusters),
            ("contactDuplicates", "GET", "/contacts/{id}/duplicates", self._cluster),
            ("calendar", "GET", "/calendar", self._calendar),
            ("flows", "GET", "/brands/{brand}/flows", self._flows),
        ]
        outside = Outside(data)
        writing = [*outside.operations, *Arranging(data).operations, *Writing(data, behaviour).operations]
        one = [("contact", "GET", "/contacts/{id}", self._contact)]  # after the paths that have a word in its place
        self.routes = [Route("token", "POST", "/oauth2/token", self._token)]
        for name, method, path, work in [*reading, *writing, *one]:
            self.routes.append(Route(name, method, path, self._guarded(work)))
        for name, method, path, work in outside.open_operations:
            self.routes.append(Route(name, method, path, self._guarded(work, open_to_all=True)))

    # -- the service as the wire sees it ---------------------------------------------------------

    def refuse(self, status: int, message: str) -> web.Response:
        """An error as the documents show one."""
        code = _CODES.get(status, "InternalServerError")
        return reply({"trace": False, "http": status, "message": message, "code": code, "slack": False}, status)

    def deny(self) -> web.Response:
        """An error under HTTP 200."""
        return reply({"message": "the sandbox was told to fail", "code": "InternalServerError"})

    def expire_scrolls(self) -> None:
        """There are none."""

    def revoke_tokens(self) -> None:
        """Makes all access tokens worthless."""
        self.tokens.revoke_access()

    def _guarded(
        self, work: Callable[[Exchange, Terms, Json], Awaitable[web.Response]], open_to_all: bool = False
    ) -> Handler:
        async def handler(exchange: Exchange) -> web.Response:
            refused = None if open_to_all else self._refused(exchange.request.headers)
            if refused is not None:
                return refused
            try:
                sent = await _body(exchange)
                return await work(exchange, Terms(exchange.request.query.items(), sent), sent)
            except Invalid as error:
                return self.refuse(400, str(error))
            except Unknown as error:
                return self.refuse(404, str(error))

        return handler

    def _refused(self, headers: Mapping[str, str]) -> web.Response | None:
        """The answer to a request that may not pass; None when it may."""
        if not self.tokens.good(headers.get("Authorization")):
            return self.refuse(401, "the access token is missing, invalid or expired")
        brand = headers.get("X-RECHAT-BRAND", None if self.behaviour.brand_required else self.brand)
        return None if brand == self.brand else self.refuse(403, "no access to this brand")

    async def _token(self, exchange: Exchange) -> web.Response:
        form: Json = dict(await exchange.request.post())
        if exchange.request.content_type == "application/json":
            form = await _body(exchange)
        refused = self.tokens.refused(form)
        if refused is not None:
            error, description = refused
            status = 401 if error == "invalid_client" else 400
            return reply({"error": error, "error_description": description}, status)
        given = self.tokens.refresh(self.behaviour.rotate_refresh, self.behaviour.token_ttl)
        return reply({**given, "brand": self.brand})

    # -- reading -----------------------------------------------------------------------------------

    async def _contacts(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        return self._selected(Terms(_only(exchange, "start", "limit", "order", "associations"), {}), {})

    async def _filter(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        return self._selected(terms, sent)

    def _selected(self, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        chosen = select(data, terms, sent, self.behaviour)
        rows = views.contacts(data, page(chosen, terms, self.behaviour), terms.associations())
        return collection(rows, len(chosen))

    async def _contact(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        found = data.get(exchange.values["id"])
        return reply({"code": "OK", "data": views.contact(data, found, terms.associations())})

    async def _tags(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        return collection(views.tags(self._data()), 0)

    async def _definitions(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        return collection(list(self._data().definitions.values()), 0)

    async def _lists(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        rows = [views.contact_list(self._data(), key) for key in self._data().lists]
        return collection(rows, len(rows))

    async def _list_options(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        return reply({"code": "OK", "data": {"tag": {"values": sorted(self._data().tags), "operator": "all"}}})

    async def _clusters(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        groups = list(enumerate(views.clusters(data), 1))
        rows = [views.cluster(data, *group) for group in page(groups, terms, self.behaviour)]
        return collection(rows, str(len(groups)))  # a string, as in the documents' example

    async def _cluster(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data = self._data()
        one = data.get(exchange.values["id"])
        for number, group in enumerate(views.clusters(data), 1):
            if any(each is one for each in group):
                return reply({"code": "OK", "data": views.cluster(data, number, group)})
        raise Unknown(f"Contact {one.id} has no duplicates")

    async def _calendar(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        rows, info = calendar.select(self._data(), terms, self.behaviour)
        return reply({"code": "OK", "data": rows, "info": {"count": len(rows), **info}})

    async def _flows(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        rows = list(self._data().brand_flows.values())
        return collection(rows, len(rows))


def _only(exchange: Exchange, *names: str) -> list[tuple[str, str]]:
    query = exchange.request.query.items()
    return [(name, value) for name, value in query if name.removesuffix("[]") in names]


async def _body(exchange: Exchange) -> Json:
    """The JSON object in the body, also of a DELETE; empty when there is none or another kind of body."""
    if exchange.request.content_type != "application/json" or not (raw := await exchange.request.read()):
        return {}
    try:
        sent = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Invalid("the body is not JSON") from None
    if not isinstance(sent, dict):
        raise Invalid("the body is an object")
    return sent

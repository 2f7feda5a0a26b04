"""Cloud4Wi's operations: sign-in, contacts, events, segments, locations, hotspots."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from sandbox.clock import Clock
from sandbox.cloud4wi import parameters
from sandbox.cloud4wi.answers import Refused, body, flat, one
from sandbox.cloud4wi.behaviour import Behaviour
from sandbox.cloud4wi.data import Cloud4WiData
from sandbox.cloud4wi.parameters import Invalid
from sandbox.cloud4wi.places import ORGANIZATION
from sandbox.cloud4wi.scrolls import Page, ScrollGone, Scrolls
from sandbox.cloud4wi.tokens import SERVICE, Tokens
from sandbox.cloud4wi.wifi import accountings, devices
from sandbox.store import Listing, Store
from sandbox.wire import Exchange, Handler, Route, reply

Json = dict[str, Any]


class Cloud4Wi:
    """The service. ``data`` is the whole truth behind it, ``behaviour`` what its documents leave open."""

    name = "cloud4wi"
    prefix = ""

    def __init__(self, store: Store, data: Cloud4WiData, clock: Clock, behaviour: Behaviour, seed: int) -> None:
        self._clock = clock
        self.data = data
        self.behaviour = behaviour
        self.tokens = Tokens(clock, seed)
        self.scrolls = Scrolls(store, clock, behaviour, seed)
        org = "organizations/{organization}"
        self.routes = [
            Route("signIn", "POST", "/v1/sts/login/services", self._guarded(self._sign_in, open_to_all=True)),
            Route("signOut", "POST", "/v1/sts/logout", self._guarded(self._sign_out, open_to_all=True)),
            Route("service", "GET", "/v1/sts/services/{service}", self._guarded(self._service)),
            Route("contacts", "GET", f"/v2/customers/{org}", self._guarded(self._contacts)),
            Route("contact", "GET", "/v2/customers/{cid}", self._guarded(self._contact)),
            Route("contactEvents", "GET", "/v2/customers/{cid}/events", self._guarded(self._contact_events)),
            Route("contactDevices", "GET", "/v2/customers/{cid}/devices", self._guarded(self._devices)),
            Route("contactAccountings", "GET", "/v2/customers/{cid}/accountings", self._guarded(self._accountings)),
            Route("updatePolicies", "PUT", "/v1/customers/{cid}/policies", self._guarded(self._update_policies)),
            Route("deleteContact", "DELETE", "/v1/customers/{cid}", self._guarded(self._delete_contact)),
            Route("events", "GET", f"/v1/{org}/events", self._guarded(self._events)),
            Route("customerEvents", "GET", f"/v1/{org}/customers/{{cid}}/events", self._guarded(self._customer_events)),
            Route("segments", "GET", f"/v2/segments/{org}", self._guarded(self._segments)),
            Route("locations", "GET", f"/v1/{org}/locations", self._guarded(self._locations)),
            Route("location", "GET", "/v1/locations/{lid}", self._guarded(self._location)),
            Route("hotspots", "GET", f"/v3/hotspots/{org}", self._guarded(self._hotspots)),
            Route("hotspot", "GET", "/v3/hotspots/{hid}", self._guarded(self._hotspot)),
        ]

    # -- the service as the wire sees it ---------------------------------------------------------

    def refuse(self, status: int, message: str) -> web.Response:
        """An error answer; its body is invented, the documents show none."""
        return reply({"status": "KO", "generated": self._clock.generated(), "code": status, "message": message}, status)

    def deny(self) -> web.Response:
        """A failed call as the documents have it, under HTTP 200."""
        return reply({"status": "KO", "generated": self._clock.generated()})

    def expire_scrolls(self) -> None:
        """Ends all open scrolls."""
        self.scrolls.expire()

    def revoke_tokens(self) -> None:
        """Makes all tokens worthless."""
        self.tokens.revoke_all()

    def _guarded(self, work: Callable[[Exchange], Awaitable[web.Response]], open_to_all: bool = False) -> Handler:
        async def handler(exchange: Exchange) -> web.Response:
            if not open_to_all and not self.tokens.good(exchange.request.headers.get("Authorization")):
                return self.refuse(403, "the token is missing, invalid or expired")
            if exchange.values.get("organization", ORGANIZATION) != ORGANIZATION:
                return self.refuse(403, "the service is not authorized for this organization")
            try:
                return await work(exchange)
            except Invalid as error:
                return self.refuse(409, str(error))
            except Refused as error:
                return self.refuse(error.status, error.message)
            except ScrollGone:
                status = self.behaviour.expired_scroll
                return self.refuse(status, "the scroll is not known or has expired")

        return handler

    def _envelope(self, name: str, rows: list[Json], counter: str, status: bool = True) -> web.Response:
        head: Json = {"status": "OK"} if status else {}
        return reply({**head, "generated": self._clock.generated(), counter: len(rows), name: rows})

    def _page(self, name: str, page: Page, documents: list[str], head: Json) -> web.Response:
        """A page as text: the documents are JSON already and are not read again."""
        start = orjson.dumps({**head, "generated": self._clock.generated(), "count": len(page.rows)}).decode()
        return reply(f'{start[:-1]},"{name}":[{",".join(documents)}]}}')

    def _descending(self, query: dict[str, str]) -> bool:
        return parameters.flag(query, "sortReverse") == self.behaviour.reverse_is_descending

    # -- sign-in -----------------------------------------------------------------------------------

    async def _sign_in(self, exchange: Exchange) -> web.Response:
        sent = await body(exchange)
        token = self.tokens.sign_in(sent.get("clientKey"), sent.get("clientSecret"), self.behaviour.token_ttl)
        if token is None:
            raise Refused(401, "invalid client key or secret")
        return reply({"token": token}, headers={"Authorization": f"Bearer {token}"})

    async def _sign_out(self, exchange: Exchange) -> web.Response:
        if not self.tokens.sign_out(exchange.request.headers.get("Authorization")):
            raise Refused(401, "the token is not valid")
        return web.Response(status=200)

    async def _service(self, exchange: Exchange) -> web.Response:
        if exchange.values["service"] != SERVICE:
            raise Refused(404, "no such service")
        scopes = [
            "organization_read",
            "customer_read",
            "customer_write",
            "events_read",
            "segments_read",
            "hotspots_read",
        ]
        domain = {
            "id": SERVICE,
            "name": "Sandbox service",
            "scope": scopes,
            "authorities": ["ORGANIZATION_MANAGER"],
            "organizations": [ORGANIZATION],
            "locations": [],
        }
        return reply({"id": SERVICE, "domains": {"service": domain}})

    # -- contacts ----------------------------------------------------------------------------------

    async def _contacts(self, exchange: Exchange) -> web.Response:
        query = exchange.query
        parameters.known(query, parameters.CONTACT_PARAMETERS, prefix="customOptin.")
        scroll_id = query.get("sid") or query.get("scrollId")

        def listing() -> Listing:
            return parameters.contacts(query, self._descending(query), self.scrolls.salt())

        page = self._scrolled(exchange, scroll_id, listing, counted=True)
        head: Json = {"totalCount": page.total}
        if page.scroll_id is not None:
            head[self.behaviour.contacts_scroll_field] = page.scroll_id
        return self._page("customers", page, [row.doc for row in page.rows], head)

    def _scrolled(
        self, exchange: Exchange, scroll_id: str | None, listing: Callable[[], Listing], counted: bool = False
    ) -> Page:
        terms = {
            name: value for name, value in exchange.query.items() if name not in ("sid", "scrollId", "enableScroll")
        }
        if not scroll_id:
            return self.scrolls.open(listing(), parameters.size(exchange.query), terms, counted)
        scroll = self.scrolls.find(scroll_id)
        changed = [name for name, value in terms.items() if scroll.terms.get(name) != value]
        if changed and not (changed == ["size"] and parameters.size(terms) == scroll.size):
            raise Invalid(f"{', '.join(sorted(changed))} cannot be changed during a scroll")
        return self.scrolls.next(scroll_id, exchange.repeat)

    def _known_contact(self, exchange: Exchange) -> Json:
        contact = self.data.contact(exchange.values["cid"])
        if contact is None:
            raise Refused(404, "no such customer")
        return contact

    async def _contact(self, exchange: Exchange) -> web.Response:
        contact = self._known_contact(exchange)
        match self.behaviour.contact_envelope:
            case "bare":
                return reply(contact)
            case "customer":
                return reply({"generated": self._clock.generated(), "customer": contact})
            case "customers":
                return reply(
                    {"generated": self._clock.generated(), "totalCount": 1, "count": 1, "customers": [contact]}
                )

    async def _devices(self, exchange: Exchange) -> web.Response:
        return self._envelope("devices", devices(self._known_contact(exchange)), "count")

    async def _accountings(self, exchange: Exchange) -> web.Response:
        contact = self._known_contact(exchange)
        visits = self.data.events(contact["cid"], {"visit"})
        return self._envelope("accountings", accountings(contact, visits), "count")

    async def _update_policies(self, exchange: Exchange) -> web.Response:
        """Takes ``{"policies": [{"name", "accepted", "version"?}]}``; the documents show no body."""
        contact = self._known_contact(exchange)
        policies = (await body(exchange)).get("policies")
        if not isinstance(policies, list) or not policies:
            raise Invalid("policies is a list")
        at = self._clock.generated()
        current = {policy["name"]: policy for policy in contact["policies"]}
        for policy in policies:
            match policy:
                case {"name": str(name), "accepted": bool(accepted)}:
                    version = policy.get("version") or current.get(name, {}).get("version") or "default"
                    current[name] = {"name": name, "accepted": accepted, "date": at[:-1] + ".000Z", "version": version}
                case _:
                    raise Invalid("a policy has a name and says whether it is accepted")
        self.data.replace_contact({**contact, "policies": list(current.values()), "modified": at})
        return self._envelope("policies", list(current.values()), "count")

    async def _delete_contact(self, exchange: Exchange) -> web.Response:
        self._known_contact(exchange)
        self.data.delete_contact(exchange.values["cid"])
        return reply({"status": "OK", "generated": self._clock.generated()})

    # -- events ------------------------------------------------------------------------------------

    async def _events(self, exchange: Exchange) -> web.Response:
        query = exchange.query
        parameters.known(query, parameters.SCROLLED_EVENT_PARAMETERS)
        scroll_id = query.get("scrollId")
        if scroll_id or parameters.flag(query, "enableScroll"):
            return self._event_page(self._scrolled(exchange, scroll_id, lambda: self._event_listing(query, None)))
        return self._event_page(self.scrolls.once(self._event_listing(query, None), parameters.size(query)))

    async def _customer_events(self, exchange: Exchange) -> web.Response:
        parameters.known(exchange.query, parameters.ONE_CUSTOMER_EVENT_PARAMETERS)
        listing = self._event_listing(exchange.query, exchange.values["cid"])
        return self._event_page(self.scrolls.once(listing, parameters.size(exchange.query)))

    async def _contact_events(self, exchange: Exchange) -> web.Response:
        self._known_contact(exchange)
        return await self._customer_events(exchange)

    def _event_listing(self, query: dict[str, str], customer: str | None) -> Listing:
        return parameters.events(query, customer, self._descending(query), self.scrolls.salt())

    def _event_page(self, page: Page) -> web.Response:
        documents = [row.doc for row in page.rows]
        if self.behaviour.flat_events:
            documents = [flat(document) for document in documents]
        head: Json = {"status": "OK"}
        if page.scroll_id is not None:
            nested = self.behaviour.scroll_id_place == "nested"
            head |= {"scroll": {"id": page.scroll_id}} if nested else {"scrollId": page.scroll_id}
        return self._page("events", page, documents, head)

    # -- segments, locations, hotspots -------------------------------------------------------------

    async def _segments(self, exchange: Exchange) -> web.Response:
        parameters.known(exchange.query, ())
        return self._envelope("segments", self.data.segments(), "size", status=False)

    def _spelt(self, location: Json) -> Json:
        key = self.behaviour.organization_key
        return {key if name == "organziationId" else name: value for name, value in location.items()}

    async def _locations(self, exchange: Exchange) -> web.Response:
        parameters.known(exchange.query, {"tags", "size"})  # size: seen in use elsewhere, without effect
        rows = self.data.locations()
        if "tags" in exchange.query:
            tags = {text.strip() for text in exchange.query["tags"].split(",")}
            rows = [row for row in rows if tags & set(row["tags"])]
        return self._envelope("locations", [self._spelt(row) for row in rows], "size", status=False)

    async def _location(self, exchange: Exchange) -> web.Response:
        row = one(self.data.locations(), exchange.values["lid"])
        return reply({"generated": self._clock.generated(), "size": 1, "location": self._spelt(row)})

    async def _hotspots(self, exchange: Exchange) -> web.Response:
        parameters.known(exchange.query, ())
        return self._envelope("hotspots", self.data.hotspots(), "count")

    async def _hotspot(self, exchange: Exchange) -> web.Response:
        row = one(self.data.hotspots(), exchange.values["hid"])
        return reply({"status": "OK", "generated": self._clock.generated(), "hotspot": row})

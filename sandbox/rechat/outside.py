"""Rechat's doors to the outside: webhooks, and leads that come in over channels and leave a timeline.

What concerns leads needs no token: the lead's or the channel's id is the credential.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.rechat.bodies import collection
from sandbox.rechat.data import Invalid, RechatData, Unknown
from sandbox.rechat.selection import Terms
from sandbox.wire import Exchange, reply

Json = dict[str, Any]

_TOPICS = ("Contacts", "Deals", "Showings")
_ACTIONS = (
    *("ContactViewedListing", "ContactSharedListing", "ContactFavoritedListing", "ContactRemovedFavoriteListing"),
    *("ContactValuedListing", "ContactSignedUp", "ContactLoggedIn", "ContactCreatedSearch", "ContactRemovedSearch"),
    "ContactSearchedListings",
)


class Outside:
    """The handlers; ``operations`` are guarded by a token, ``open_operations`` are not."""

    def __init__(self, data: Callable[[], RechatData]) -> None:
        self._data = data
        self._hooks: dict[str, Json] = {}
        self._channels: dict[str, Json] = {}
        hooks, channels = "/brands/{brand}/webhooks", "/brands/{brand}/leads/channels"
        self.operations = [
            ("webhooks", "GET", hooks, self._list_hooks),
            ("createWebhook", "POST", hooks, self._create_hook),
            ("deleteWebhook", "DELETE", f"{hooks}/{{id}}", self._delete_hook),
            ("leadChannels", "GET", channels, self._list_channels),
            ("createLeadChannel", "POST", channels, self._create_channel),
            ("deleteLeadChannel", "DELETE", f"{channels}/{{id}}", self._delete_channel),
        ]
        self.open_operations = [
            ("captureLead", "POST", "/leads/channels/{id}/webhook", self._capture),
            ("leadTimeline", "POST", "/leads/{id}/timeline", self._timeline),
        ]

    def _row(self, exchange: Exchange, kind: str, **values: Any) -> Json:
        data = self._data()
        if exchange.values["brand"] != data.brand:
            raise Unknown(f"Brand {exchange.values['brand']} not found")
        at = {"created_at": data.now(), "updated_at": data.now(), "deleted_at": None}
        return {"id": data.new_id(), **at, "brand": data.brand, **values, "type": kind}

    async def _list_hooks(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        topic = terms.text("topic")
        rows = [row for row in self._hooks.values() if topic in (None, row["topic"])]
        return collection(rows, len(rows))

    async def _create_hook(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        if sent.get("topic") not in _TOPICS or not isinstance(sent.get("url"), str):
            raise Invalid(f"a webhook has a url and a topic of {', '.join(_TOPICS)}")
        key = self._data().new_id().replace("-", "")
        made = self._row(exchange, "brand_webhook", topic=sent["topic"], url=sent["url"], key=key, tags=None)
        self._hooks[made["id"]] = made
        return reply({"code": "OK", "data": made})

    async def _delete_hook(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        if self._hooks.pop(exchange.values["id"], None) is None:
            raise Unknown(f"BrandWebhook {exchange.values['id']} not found")
        return web.Response(status=204)

    async def _list_channels(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        return collection(list(self._channels.values()), len(self._channels))

    async def _create_channel(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        made = self._row(exchange, "lead_channel", source_type=sent.get("source_type"), capture_number=0)
        self._channels[made["id"]] = made
        return reply({"code": "OK", "data": made})

    async def _delete_channel(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        if self._channels.pop(exchange.values["id"], None) is None:
            raise Unknown(f"LeadChannel {exchange.values['id']} not found")
        return web.Response(status=204)

    async def _capture(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        data, channel = self._data(), exchange.values["id"]
        if channel not in self._channels:
            raise Unknown(f"LeadChannel {channel} not found")
        kinds = {"first_name": "first_name", "last_name": "last_name", "email": "email", "note": "note"}
        kinds |= {"phone_number": "phone_number", "lead_source": "source"}
        rows = [{"attribute_type": kind, "text": sent[name]} for name, kind in kinds.items() if sent.get(name)]
        rows += [{"attribute_type": "tag", "text": tag} for tag in terms.many("tag") or ()]
        made = data.create(rows, reason="lead_capture")
        self._channels[channel]["capture_number"] += 1
        lead = {"id": data.new_id(), "contact": made.id, "lead_channel": channel, "created_at": data.now()}
        return reply({"code": "OK", "data": lead | {"raw_payload": sent, "parsed_payload": sent}})

    async def _timeline(self, exchange: Exchange, terms: Terms, sent: Json) -> web.Response:
        """Adds an activity to the contact whose id is the lead's; it shows in the calendar."""
        data, action = self._data(), sent.get("action")
        contact = data.get(exchange.values["id"])
        if action not in _ACTIONS:
            raise Invalid(f"action is one of {', '.join(_ACTIONS)}")
        listing = sent.get("listing")
        event = {"id": data.new_id(), "about": [contact.id], "object_type": "activity", "event_type": action}
        event |= {"timestamp": data.now(), "next_occurance": data.now(), "title": str(sent.get("notes") or action)}
        data.events[event["id"]] = event | {"metadata": {"listing": listing} if listing else None}
        return reply({"success": True})

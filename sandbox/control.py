"""The control plane under ``/_sandbox``: the in-process API over HTTP, for black-box tests and curious people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol

import orjson
from aiohttp import web

from sandbox.clock import Clock
from sandbox.cloud4wi.behaviour import Behaviour
from sandbox.cloud4wi.data import Cloud4WiData
from sandbox.faults import Fault, Faults
from sandbox.wire import Call, reply


class Box(Protocol):
    """What is controlled; :class:`sandbox.app.Sandbox` is one."""

    url: str
    organization: str
    client_key: str
    client_secret: str
    clock: Clock
    faults: Faults
    behaviour: Behaviour
    cloud4wi: Cloud4WiData

    @property
    def calls(self) -> list[Call]:
        """The requests so far."""

    def reset_calls(self) -> None:
        """Forgets them."""

    def revoke_tokens(self) -> None:
        """Makes all tokens worthless."""

    def expire_scrolls(self) -> None:
        """Ends all scrolls."""


class Control:
    """Handlers of the control plane; a body that makes no sense is a 400 that says why."""

    def __init__(self, box: Box) -> None:
        self._box = box

    def routes(self) -> list[web.RouteDef]:
        """The routes, to be put before the services'."""
        base = "/_sandbox"
        return [
            web.get(base, self._about),
            web.get(f"{base}/faults", self._faults),
            web.put(f"{base}/faults", self._put_faults),
            web.post(f"{base}/faults", self._add_fault),
            web.delete(f"{base}/faults", self._clear_faults),
            web.post(f"{base}/faults/release", self._release),
            web.get(f"{base}/calls", self._calls),
            web.delete(f"{base}/calls", self._reset_calls),
            web.get(f"{base}/behaviour", self._behaviour),
            web.patch(f"{base}/behaviour", self._change_behaviour),
            web.post(f"{base}/clock/advance", self._advance),
            web.post(f"{base}/scrolls/expire", self._expire),
            web.post(f"{base}/tokens/revoke", self._revoke),
            web.get(f"{base}/{{kind:events|contacts|segments|locations|hotspots}}", self._all),
            web.post(f"{base}/{{kind:events|contacts}}", self._insert),
            web.delete(f"{base}/{{kind:events|contacts}}/{{id}}", self._delete),
        ]

    async def _about(self, request: web.Request) -> web.Response:
        return reply(about(self._box))

    async def _faults(self, request: web.Request) -> web.Response:
        return reply([asdict(fault) for fault in self._box.faults.active])

    async def _put_faults(self, request: web.Request) -> web.Response:
        try:
            faults = [Fault.parse(values) for values in await _json(request, list)]
        except (ValueError, TypeError, AttributeError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        self._box.faults.clear()
        self._box.faults.active += faults
        return await self._faults(request)

    async def _add_fault(self, request: web.Request) -> web.Response:
        try:
            self._box.faults.active.append(Fault.parse(await _json(request, dict)))
        except (ValueError, TypeError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return await self._faults(request)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._box.faults.clear()
        return web.Response(status=204)

    async def _release(self, request: web.Request) -> web.Response:
        self._box.faults.release()
        return web.Response(status=204)

    async def _calls(self, request: web.Request) -> web.Response:
        return reply([asdict(call) for call in self._box.calls])

    async def _reset_calls(self, request: web.Request) -> web.Response:
        self._box.reset_calls()
        return web.Response(status=204)

    async def _behaviour(self, request: web.Request) -> web.Response:
        return reply(asdict(self._box.behaviour))

    async def _change_behaviour(self, request: web.Request) -> web.Response:
        try:
            self._box.behaviour.change(**await _json(request, dict))
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return await self._behaviour(request)

    async def _advance(self, request: web.Request) -> web.Response:
        seconds = (await _json(request, dict)).get("seconds")
        if not isinstance(seconds, int | float):
            raise web.HTTPBadRequest(text="seconds is a number")
        self._box.clock.advance(seconds)
        return reply({"now": self._box.clock.generated()})

    async def _expire(self, request: web.Request) -> web.Response:
        self._box.expire_scrolls()
        return web.Response(status=204)

    async def _revoke(self, request: web.Request) -> web.Response:
        self._box.revoke_tokens()
        return web.Response(status=204)

    async def _all(self, request: web.Request) -> web.Response:
        return reply(getattr(self._box.cloud4wi, request.match_info["kind"])())

    async def _insert(self, request: web.Request) -> web.Response:
        rows = await _json(request, list)
        data = self._box.cloud4wi
        insert = data.insert_event if request.match_info["kind"] == "events" else data.insert_contact
        try:
            insert(*rows)
        except (KeyError, TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=f"not a row: {error!r}") from error
        return reply({"inserted": len(rows)}, status=201)

    async def _delete(self, request: web.Request) -> web.Response:
        data = self._box.cloud4wi
        delete = data.delete_event if request.match_info["kind"] == "events" else data.delete_contact
        return reply({"deleted": delete(request.match_info["id"])})


def about(box: Box) -> dict[str, Any]:
    """Address and credentials: what a client needs to be pointed at the sandbox."""
    return {
        "url": box.url,
        "cloud4wi": {
            "url": box.url,
            "clientKey": box.client_key,
            "clientSecret": box.client_secret,
            "organization": box.organization,
        },
    }


async def _json(request: web.Request, kind: type) -> Any:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise web.HTTPBadRequest(text="the body is not JSON") from error
    if not isinstance(body, kind):
        raise web.HTTPBadRequest(text=f"the body is a {kind.__name__}")
    return body

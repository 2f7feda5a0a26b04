"""The control plane under ``/_sandbox``: the in-process API over HTTP, for black-box tests and curious people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol

import orjson
from aiohttp import web

from sandbox.acquire.behaviour import Behaviour as AcquireBehaviour
from sandbox.acquire.oracle import AcquireOracle
from sandbox.clock import Clock
from sandbox.cloud4wi.behaviour import Behaviour
from sandbox.cloud4wi.data import Cloud4WiData
from sandbox.faults import Fault, Faults
from sandbox.population.labels import People
from sandbox.rechat.behaviour import Behaviour as RechatBehaviour
from sandbox.rechat.oracle import RechatOracle
from sandbox.wire import Call, reply


class Box(Protocol):
    """What is controlled; :class:`sandbox.app.Sandbox` is one."""

    url: str
    clock: Clock
    faults: Faults
    behaviour: Behaviour
    rechat_behaviour: RechatBehaviour
    acquire_behaviour: AcquireBehaviour
    cloud4wi: Cloud4WiData

    @property
    def rechat(self) -> RechatOracle:
        """All data of Rechat."""

    @property
    def acquire(self) -> AcquireOracle:
        """All data of Acquire."""

    @property
    def people(self) -> People:
        """Whose record is whose."""

    def credentials(self) -> dict[str, dict[str, str]]:
        """Address and credentials of each service."""

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
            web.get(f"{base}/people", self._people),
            web.get(f"{base}/{{service:rechat}}/{{kind:contacts|tags|lists|events|calendar}}", self._all),
            web.get(f"{base}/{{service:acquire}}/{{kind:contacts|companies|tags|cases}}", self._all),
            web.post(f"{base}/{{service:rechat|acquire}}/contacts", self._insert_contact),
            web.delete(f"{base}/{{service:rechat|acquire}}/contacts/{{id}}", self._delete_contact),
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
        box = self._box
        others = {"rechat": asdict(box.rechat_behaviour), "acquire": asdict(box.acquire_behaviour)}
        return reply(asdict(box.behaviour) | others)

    async def _change_behaviour(self, request: web.Request) -> web.Response:
        sent = await _json(request, dict)
        others = {"rechat": self._box.rechat_behaviour, "acquire": self._box.acquire_behaviour}
        try:
            for name, behaviour in others.items():
                behaviour.change(**sent.pop(name, {}))
            self._box.behaviour.change(**sent)
        except (ValueError, TypeError) as error:
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
        oracle = getattr(self._box, request.match_info.get("service", "cloud4wi"))
        return reply(getattr(oracle, request.match_info["kind"])())

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

    async def _people(self, request: web.Request) -> web.Response:
        people = self._box.people
        pairs = [asdict(pair) for each in people.pairs.values() for pair in each]
        return reply({"persons": people.by_person(), "pairs": pairs})

    async def _insert_contact(self, request: web.Request) -> web.Response:
        oracle = getattr(self._box, request.match_info["service"])
        try:
            made = oracle.insert_contact(**await _json(request, dict))
        except (KeyError, TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=f"not a contact: {error!r}") from error
        return reply(made, status=201)

    async def _delete_contact(self, request: web.Request) -> web.Response:
        identifier: Any = request.match_info["id"]
        if request.match_info["service"] == "acquire":
            identifier = int(identifier) if identifier.isdigit() else 0
        return reply({"deleted": getattr(self._box, request.match_info["service"]).delete_contact(identifier)})


def about(box: Box) -> dict[str, Any]:
    """Address and credentials: what a client needs to be pointed at the sandbox."""
    return {"url": box.url, **box.credentials()}


async def _json(request: web.Request, kind: type) -> Any:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise web.HTTPBadRequest(text="the body is not JSON") from error
    if not isinstance(body, kind):
        raise web.HTTPBadRequest(text=f"the body is a {kind.__name__}")
    return body

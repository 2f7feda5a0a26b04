"""Authentication over HTTP: who gets in, before what, and what stays open to all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.auth.keys import KeyRing
from gateway.http.negotiation import GRAPHQL, JSON
from resolvers.callers import ALL_SCOPES, ANYBODY, Caller, Scope
from tests.gateway.auth.support import AUDIENCE, ISSUER, Issuer, token
from tests.gateway.support import FakeServices, ask, get, make_app, post
from upstreams.state import FileState


def with_keys(folder: Path) -> dict[str, str]:
    """The settings of a gateway that asks for API keys."""
    return {"GATEWAY_AUTH": "api-key", "GATEWAY_STATE_DIR": str(folder)}


async def new_key(folder: Path, *scopes: Scope) -> str:
    _, text = await KeyRing(FileState(folder)).create(scopes or ALL_SCOPES)
    return text


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_without_credentials_nobody_gets_in_under_either_type(tmp_path: Path, accept: str) -> None:
    services = FakeServices()
    app = make_app(services, **with_keys(tmp_path))
    for answer in (await post(app, "{ hello }", accept=accept), await get(app, accept=accept, query="{ hello }")):
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
        assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
        assert answer.headers["www-authenticate"] == 'Bearer realm="contactgraph"'
        assert answer.headers["cache-control"] == "no-store"
        assert set(answer.json) == {"errors"}
    assert services.opened == 0


@pytest.mark.parametrize("body", [b"", b"[" * 100_000, b'{"query": "{ nonsense }"}', b'{"query": "{"}'])
async def test_nothing_of_a_request_is_looked_at_before_its_caller(tmp_path: Path, body: bytes) -> None:
    headers = {"content-type": "application/json", **bearer("cgk_a_b")}
    answer = await ask(make_app(**with_keys(tmp_path)), body=body, headers=headers)
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
    unread = await ask(make_app(**with_keys(tmp_path)), body=body, headers={"content-type": "text/plain"})
    assert unread.status == 401
    unspeakable = await ask(make_app(**with_keys(tmp_path)), headers={"accept": "image/png"})
    assert (unspeakable.status, unspeakable.headers["content-type"]) == (401, "application/json; charset=utf-8")


async def test_a_key_gets_in_and_resolvers_know_the_caller(tmp_path: Path) -> None:
    services = FakeServices()
    app = make_app(services, **with_keys(tmp_path))
    text = await new_key(tmp_path, Scope.EVENTS_READ)
    assert (await post(app, "{ hello }", headers=bearer(text))).said == {"data": {"hello": "hello world"}}
    [caller] = services.callers
    assert (caller.id, caller.scopes) == (f"key:{text.split('_')[1]}", {Scope.EVENTS_READ})


async def test_a_token_gets_in(tmp_path: Path) -> None:
    async with Issuer.running() as issuer:
        services = FakeServices()
        app = make_app(
            services,
            GATEWAY_AUTH="jwt",
            GATEWAY_JWT_JWKS_URL=issuer.url,
            GATEWAY_JWT_ISSUER=ISSUER,
            GATEWAY_JWT_AUDIENCE=AUDIENCE,
        )
        async with app.router.lifespan_context(app):
            refused = await post(app, "{ hello }", headers=bearer(token(aud="other")))
            answer = await post(app, "{ hello }", headers=bearer(token(scope="events:read")))
        assert (refused.status, refused.codes) == (401, ["UNAUTHENTICATED"])
        assert answer.said == {"data": {"hello": "hello world"}}
        assert services.callers == [Caller(f"jwt:{ISSUER}:somebody", frozenset({Scope.EVENTS_READ}))]


async def test_where_nobody_is_asked_everybody_may_do_everything() -> None:
    services = FakeServices()
    answer = await post(make_app(services), "{ hello }", headers={"authorization": "Basic whatever"})
    assert answer.status == 200
    assert services.callers == [ANYBODY]
    assert ANYBODY.scopes == ALL_SCOPES


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
async def test_operators_need_no_credentials(tmp_path: Path, path: str) -> None:
    assert (await ask(make_app(**with_keys(tmp_path)), "GET", path)).status == 200


async def test_the_page_needs_no_credentials_and_can_send_them(tmp_path: Path) -> None:
    page = await ask(make_app(**with_keys(tmp_path)), "GET", headers={"accept": "text/html"})
    assert page.status == 200
    assert b'id="graphiql"' in page.body


async def test_a_crash_of_authentication_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(**with_keys(tmp_path))

    async def crash(self: Any, headers: Any) -> Caller:
        raise RuntimeError("hunter2")

    monkeypatch.setattr("gateway.auth.api_keys.ApiKeys.caller", crash)
    answer = await post(app, "{ hello }", headers=bearer("x"))
    assert (answer.status, answer.codes) == (500, ["INTERNAL"])
    assert b"hunter2" not in answer.body


async def test_credentials_are_in_no_log_and_no_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app(**with_keys(tmp_path))
    text = await new_key(tmp_path)
    caplog.set_level(0)
    answers = [await post(app, "{ hello }", headers=bearer(sent)) for sent in (text, text[:-1], f"{text}, {text}")]
    assert [answer.status for answer in answers] == [200, 401, 401]
    told = caplog.text + "".join(json.dumps(vars(record), default=str) for record in caplog.records)
    told += "".join(json.dumps(answer.headers) + answer.body.decode() for answer in answers)
    told += (await ask(app, "GET", "/metrics")).body.decode()
    assert text[:-1].partition(text.split("_")[1])[2] not in told


SECURE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}


@pytest.mark.parametrize(
    ("method", "path", "accept", "cache"),
    [
        ("POST", "/graphql", JSON, "no-store"),
        ("GET", "/graphql", JSON, "no-store"),
        ("GET", "/graphql", "text/html", "no-cache"),
        ("GET", "/", JSON, "no-store"),
        ("GET", "/health/live", JSON, "no-store"),
        ("GET", "/metrics", JSON, "no-store"),
        ("GET", "/nowhere", JSON, "no-store"),
        ("DELETE", "/health/live", JSON, "no-store"),
        ("GET", "/graphiql/nothing.js", JSON, "no-store"),
    ],
)
@pytest.mark.parametrize("environ", [{}, {"GATEWAY_CORS_ORIGINS": "https://app.example"}], ids=["plain", "cors"])
async def test_every_answer_says_how_to_treat_it(
    method: str, path: str, accept: str, cache: str, environ: dict[str, str]
) -> None:
    answer = await ask(make_app(**environ), method, path, headers={"accept": accept, "origin": "https://app.example"})
    assert {name: answer.headers.get(name) for name in SECURE} == SECURE
    assert answer.headers["cache-control"] == cache


@pytest.mark.parametrize(("origin", "allowed"), [("https://app.example", True), ("https://evil.example", False)])
async def test_pages_of_listed_origins_may_send_credentials(tmp_path: Path, origin: str, allowed: bool) -> None:
    app = make_app(GATEWAY_CORS_ORIGINS="https://app.example", **with_keys(tmp_path))
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-contactgraph-csrf",
    }
    preflight = await ask(app, "OPTIONS", headers=headers)
    assert (preflight.status == 200) is allowed
    assert preflight.headers["x-content-type-options"] == "nosniff"
    answer = await post(app, "{ hello }", headers={"origin": origin})
    assert answer.status == 401
    assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)
    assert "access-control-allow-credentials" not in answer.headers

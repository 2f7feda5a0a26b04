"""Without authentication the gateway answers to this machine's own names only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.support import FakeServices, ask, make_app, post

HERE = [
    "localhost",
    "localhost:8000",
    "LOCALHOST",
    "127.0.0.1:8000",
    "127.9.9.9",
    "[::1]:8000",
    "[::1]",
    "a.localhost:1",
]
ELSEWHERE = [
    "evil.example",
    "evil.example:8000",
    "10.0.0.1",
    "[2001:db8::1]:8000",
    "localhost.evil.example",
    "",
    "::",
    "[",
    "\xff",
]


@pytest.mark.parametrize("host", HERE + ELSEWHERE)
async def test_only_names_of_this_machine_are_answered_to(host: str) -> None:
    services = FakeServices()
    app = make_app(services)
    answer = await post(app, "{ hello }", headers={"host": host})
    page = await ask(app, "GET", "/metrics", headers={"host": host})
    if host in HERE:
        assert (answer.status, page.status, services.opened) == (200, 200, 1)
        return
    assert (answer.status, answer.codes, page.status, services.opened) == (403, ["FORBIDDEN"], 403, 0)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("auth", ["anonymous", "api-key"])
async def test_who_may_be_reached_by_others_has_other_names(auth: str, tmp_path: Path) -> None:
    environ = {"GATEWAY_ALLOW_ANONYMOUS": "1"} if auth == "anonymous" else {"GATEWAY_AUTH": auth}
    app = make_app(**environ, GATEWAY_STATE_DIR=str(tmp_path))
    answer = await post(app, "{ hello }", headers={"host": "api.example"})
    assert answer.status == (200 if auth == "anonymous" else 401)


async def test_a_request_without_a_name_is_of_no_browser() -> None:
    assert (await post(make_app(), "{ hello }")).status == 200

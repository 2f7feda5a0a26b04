"""Answers that a client may keep, and is not sent again while they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.http.negotiation import GRAPHQL, JSON
from gateway.http.validators import Validators, is_current
from gateway.trusted import hash_of
from tests.gateway.support import Answer, FakeServices, ask, make_app

SECRET = "a secret of thirty-two characters"
HELLO = "query Hello($name: String) { hello(name: $name) }"
CALLED = "{ called }"
PARTLY = "{ partly }"
CHANGE = "mutation Change { change }"


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({hash_of(text): text for text in (HELLO, CALLED, PARTLY, CHANGE)}))
    return str(path)


async def fetch(app: Any, text: str, method: str = "GET", name: str = "you", **headers: str) -> Answer:
    parameters = {"documentId": f"sha256:{hash_of(text)}"}
    if text == HELLO:
        parameters["variables"] = json.dumps({"name": name})
    sent = {"accept": GRAPHQL} | {key.replace("_", "-"): value for key, value in headers.items()}
    return await ask(app, method, query_string=urlencode(parameters).encode(), headers=sent)


async def test_a_trusted_document_is_answered_with_a_validator_and_then_with_304(manifest: str) -> None:
    services = FakeServices()
    app = make_app(services, GATEWAY_DOCUMENTS=manifest)
    first = await fetch(app, HELLO)
    assert (first.status, first.said) == (200, {"data": {"hello": "hello you"}})
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "accept, authorization, accept-encoding"
    again = await fetch(app, HELLO, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]
    assert not {"content-type", "content-length", "content-encoding"} & again.headers.keys()
    assert services.closed == 2


async def test_what_changed_is_sent(manifest: str) -> None:
    app = make_app(GATEWAY_DOCUMENTS=manifest)
    etags = {(await fetch(app, HELLO, name=name)).headers["etag"] for name in ("a", "b")}
    etags.add((await fetch(app, HELLO, name="a", accept=JSON)).headers["etag"])
    assert len(etags) == 3
    assert (await fetch(app, HELLO, name="c", if_none_match=", ".join(etags))).status == 200


async def test_what_an_answer_cost_does_not_change_it(manifest: str) -> None:
    """The number of calls stands in the answer, and differs when a list was kept."""
    app = make_app(GATEWAY_DOCUMENTS=manifest)
    first, traced = await fetch(app, CALLED), await fetch(app, CALLED, x_contactgraph_trace="1")
    assert "cost" in first.json["extensions"]
    assert (await fetch(app, CALLED, if_none_match=first.headers["etag"])).status == 304
    # Who wants to see the calls wants the answer.
    assert "etag" not in traced.headers
    assert traced.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("text", [PARTLY, CHANGE])
async def test_what_is_not_whole_is_not_kept(manifest: str, text: str) -> None:
    answer = await fetch(make_app(GATEWAY_DOCUMENTS=manifest), text, if_none_match="*")
    assert answer.status in (200, 405)
    assert answer.codes
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_other_requests_are_not_kept(manifest: str) -> None:
    app = make_app(GATEWAY_DOCUMENTS=manifest)
    posted = await ask(
        app,
        body=json.dumps({"documentId": f"sha256:{hash_of(HELLO)}"}).encode(),
        headers={"content-type": "application/json", "if-none-match": "*"},
    )
    untrusted = await ask(app, "GET", query_string=b"query={hello}", headers={"accept": JSON, "if-none-match": "*"})
    for answer in (posted, untrusted):
        assert answer.status == 200
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"


async def test_head_tells_the_validator(manifest: str) -> None:
    app = make_app(GATEWAY_DOCUMENTS=manifest)
    etag = (await fetch(app, HELLO)).headers["etag"]
    assert (await fetch(app, HELLO, "HEAD")).headers["etag"] == etag
    assert (await fetch(app, HELLO, "HEAD", if_none_match=etag)).status == 304


async def test_gateways_with_one_secret_agree_and_others_do_not(manifest: str) -> None:
    tags = [
        (await fetch(make_app(GATEWAY_DOCUMENTS=manifest, GATEWAY_SECRET=secret), HELLO)).headers["etag"]
        for secret in (SECRET, SECRET, SECRET + "!")
    ]
    assert tags[0] == tags[1] != tags[2]


@pytest.mark.parametrize(
    ("header", "current"),
    [
        (None, False),
        ("", False),
        ("*", True),
        (" * ", True),
        ('W/"abc"', True),
        ('"abc"', True),
        ('"x", W/"abc"', True),
        ('"x","abc","y"', True),
        ('"a,bc", "abc"', True),
        ('"x"', False),
        ('"abcd"', False),
        ("abc", False),
        ('"x, W/"abc', False),
        ("W/abc", False),
        ('"ABC"', False),
    ],
)
def test_if_none_match(header: str | None, current: bool) -> None:
    assert is_current(header, 'W/"abc"') is current


def test_a_validator_is_a_weak_entity_tag() -> None:
    tag = Validators(b"secret").of(JSON, b"{}")
    assert tag.startswith('W/"')
    assert is_current(tag, tag)

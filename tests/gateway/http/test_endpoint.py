"""GraphQL over HTTP, case by case."""

from __future__ import annotations

import asyncio
import json
import re

import aiohttp
import pytest
from starlette.types import Message

from gateway.http.headers import new_request_id
from gateway.http.negotiation import GRAPHQL, JSON
from tests.gateway.support import FakeServices, ask, get, make_app, post, served

JSON_HEADERS = {"content-type": "application/json"}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_a_query_is_answered_in_the_accepted_type(accept: str) -> None:
    app = make_app()
    for answer in (await post(app, "{ hello }", accept=accept), await get(app, accept=accept, query="{ hello }")):
        assert answer.status == 200
        assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
        assert answer.said == {"data": {"hello": "hello world"}}
        assert answer.headers["cache-control"] == "no-store"


async def test_variables_and_operation_name_both_ways() -> None:
    app = make_app()
    query = "query A { hello } query B($who: String!) { hello(name: $who) }"
    by_post = await post(app, query, variables={"who": "Zoë"}, operationName="B")
    by_get = await get(app, query=query, variables='{"who": "Zoë"}', operationName="B")
    assert by_post.said == by_get.said == {"data": {"hello": "hello Zoë"}}


async def test_a_body_may_come_in_parts() -> None:
    body = json.dumps({"query": "{ hello }"}).encode()
    answer = await ask(make_app(), body=[body[:5], b"", body[5:]], headers=JSON_HEADERS)
    assert answer.said == {"data": {"hello": "hello world"}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"null",
        b"17",
        b'"text"',
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ hello }"]}',
        b'{"query": "{ hello }", "variables": []}',
        b'{"query": "{ hello }", "variables": "x"}',
        b'{"query": "{ hello }", "operationName": 0}',
        b'{"query": "{ hello }", "extensions": "x"}',
        b'{"query": "{ hello }", "query": "{ item { name } }"}',
        b'{"query": "{ hello }", "q\\u0075ery": "{ item { name } }"}',
        b'{"query": "{ hello }", "variables": {}, "variables": {}}',
        b'{"query": "{ h\xff }"}',
        b'{"query": "{ hello }\x00"}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ hello }", "variables": {"n": NaN}}',
        b'{"query": "{ hello }"} {}',
        b"[" * 100_000,
        b'{"query": "{ hello }", "variables": ' + b'{"a":' * 2000 + b"1" + b"}" * 2001,
        b'\xef\xbb\xbf{"query": "{ hello }"}',
    ],
)
async def test_a_body_that_makes_no_sense_is_refused_under_both_types(body: bytes) -> None:
    services = FakeServices()
    for accept in (JSON, GRAPHQL):
        answer = await ask(make_app(services), body=body, headers={**JSON_HEADERS, "accept": accept})
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
        assert answer.headers["content-type"].startswith(accept)
    assert services.opened == 0


async def test_a_batch_is_refused_in_words() -> None:
    answer = await ask(make_app(), body=b'[{"query": "{ hello }"}]', headers=JSON_HEADERS)
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
    assert "Batches" in answer.json["errors"][0]["message"]


async def test_equal_keys_below_the_top_are_the_variables_own_affair() -> None:
    body = b'{"query": "{ hello }", "variables": {"query": 1, "\\u0061": 2}, "extensions": {"query": {}}}'
    assert (await ask(make_app(), body=body, headers=JSON_HEADERS)).status == 200


@pytest.mark.parametrize(
    "query_string",
    [
        b"",
        b"query=",
        b"query=%7Bhello%7D&query=%7Bitem%7D",
        b"query=%7Bhello%7D&variables=%5B%5D",
        b"query=%7Bhello%7D&variables=x",
        b"query=%7Bhello%7D&extensions=1",
        b"query=%ff",
        b"query=\xff",
        b"&".join(b"a=1" for _ in range(1000)),
    ],
)
async def test_a_url_that_makes_no_sense_is_refused(query_string: bytes) -> None:
    answer = await ask(make_app(), "GET", query_string=query_string, headers={"accept": GRAPHQL})
    assert answer.status == 400
    assert answer.codes in (["BAD_REQUEST"], ["GRAPHQL_PARSE_FAILED"])
    assert (answer.codes == ["GRAPHQL_PARSE_FAILED"]) is (query_string == b"query=")


async def test_empty_optional_parameters_of_a_url_are_none() -> None:
    answer = await get(make_app(), query="{ hello }", variables="", operationName="", extensions="")
    assert answer.said == {"data": {"hello": "hello world"}}


async def test_a_null_byte_in_a_document_is_a_syntax_error() -> None:
    answer = await post(make_app(), "{ hello }\0")
    assert (answer.status, answer.codes) == (400, ["GRAPHQL_PARSE_FAILED"])


@pytest.mark.parametrize("query", ["mutation { change }", "query A { hello } mutation B { change }"])
async def test_a_get_runs_queries_only(query: str) -> None:
    app = make_app()
    for accept in (JSON, GRAPHQL):
        answer = await get(app, accept=accept, query=query, operationName="B" if "B" in query else "")
        assert (answer.status, answer.codes) == (405, ["BAD_REQUEST"])
        assert answer.headers["allow"] == "POST"


async def test_a_post_runs_mutations() -> None:
    assert (await post(make_app(), "mutation { change }")).said == {"data": {"change": "changed"}}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_not_allowed(method: str) -> None:
    answer = await ask(make_app(), method, headers=JSON_HEADERS)
    assert (answer.status, answer.codes) == (405, ["BAD_REQUEST"])
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
async def test_other_content_types_are_refused(headers: dict[str, str]) -> None:
    answer = await ask(make_app(), body=b'{"query": "{ hello }"}', headers=headers)
    assert (answer.status, answer.codes) == (415, ["BAD_REQUEST"])


async def test_a_form_that_another_site_may_have_sent_is_refused() -> None:
    """A browser sends a form for any page, with what the browser knows; a header of our own it does not."""
    services = FakeServices()
    headers = {"content-type": "Multipart/Form-Data; boundary=x"}
    answer = await ask(make_app(services), body=b"--x--", headers=headers)
    assert (answer.status, answer.codes, services.opened) == (403, ["FORBIDDEN"], 0)
    assert "x-contactgraph-csrf" in answer.json["errors"][0]["message"]


@pytest.mark.parametrize("content_type", ["application/json;charset=UTF-8", 'Application/JSON ; charset="utf-8"'])
async def test_utf8_json_is_taken_however_it_is_written(content_type: str) -> None:
    answer = await ask(make_app(), body=b'{"query": "{ hello }"}', headers={"content-type": content_type})
    assert answer.status == 200


async def test_a_type_that_cannot_be_given_is_not_acceptable() -> None:
    answer = await post(make_app(), "{ hello }", accept="image/png")
    assert (answer.status, answer.codes) == (406, ["BAD_REQUEST"])
    assert answer.headers["content-type"].startswith(JSON)


async def test_a_body_over_the_limit_is_refused_by_its_header_and_by_its_bytes() -> None:
    app = make_app(GATEWAY_MAX_BODY="100")
    fits = json.dumps({"query": "{ hello }"}).ljust(100).encode()
    assert (await ask(app, body=fits, headers={**JSON_HEADERS, "content-length": "100"})).status == 200
    for body, length in ((b"", {"content-length": "101"}), ([fits, b" "], {})):
        answer = await ask(app, body=body, headers={**JSON_HEADERS, **length})
        assert (answer.status, answer.codes) == (413, ["BAD_REQUEST"])
        assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(("pieces", "taken"), [(4, 4), (100, 9)])
async def test_the_rest_of_a_large_body_is_awaited_within_bounds(pieces: int, taken: int) -> None:
    """A client that still sends would see a reset in place of the answer; one that never ends is cut off."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        received += 1
        return {"type": "http.request", "body": b"x" * 100, "more_body": received < pieces}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in JSON_HEADERS.items()]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await make_app(GATEWAY_MAX_BODY="100")(scope, receive, send)
    assert sent[0]["status"] == 413
    assert received == taken


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ("query A { hello } query B { hello }", None, "several"),
        ("query A { hello }", "B", "operationName"),
        ("{ hello }", "A", "operationName"),
        ("query A { hello }", "", "operationName"),
    ],
)
async def test_an_operation_that_is_not_there(query: str, name: str | None, message: str) -> None:
    app = make_app()
    answer = await post(app, query, operationName=name)
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
    assert message in answer.json["errors"][0]["message"]
    assert (await post(app, query, accept=JSON, operationName=name)).status == 200


@pytest.mark.parametrize("query", ["", "#", "fragment F on Query { hello }", "subscription { hello }"])
async def test_a_document_without_an_operation_to_run(query: str) -> None:
    answer = await post(make_app(), query)
    assert answer.status == 400
    assert answer.codes in (["GRAPHQL_PARSE_FAILED"], ["GRAPHQL_VALIDATION_FAILED"])


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
@pytest.mark.parametrize("query", ["{", "{ nope }", "query ($x: Int!) { twice(number: $x) }"])
async def test_a_bad_document_or_variable_has_no_data_and_the_status_of_its_type(query: str, accept: str) -> None:
    answer = await post(make_app(), query, accept=accept)
    assert answer.status == (200 if accept == JSON else 400)
    assert "data" not in answer.json


async def test_a_document_is_the_same_the_second_time() -> None:
    """From the cache: also for another operation of it, and after it was refused."""
    app = make_app()
    query = "query A { hello } query B { item { name } }"
    for _ in range(2):
        assert (await post(app, query, operationName="A")).said == {"data": {"hello": "hello world"}}
        assert (await post(app, query, operationName="B")).said == {"data": {"item": {"name": "item"}}}
        assert (await post(app, query)).codes == ["BAD_REQUEST"]
        assert (await post(app, "{ nope }")).codes == ["GRAPHQL_VALIDATION_FAILED"]


def test_request_ids_are_drawn_many_at_a_time_and_none_twice() -> None:
    made = [new_request_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)


async def test_a_request_id_is_echoed_when_it_is_harmless_and_made_when_not() -> None:
    app = make_app()
    assert (await post(app, "{ hello }", headers={"x-request-id": "a-1/B:2"})).headers["x-request-id"] == "a-1/B:2"
    made = set()
    for bad in ("", "a b", "x" * 129, "<script>", "ü"):
        made.add((await post(app, "{ hello }", headers={"x-request-id": bad})).headers["x-request-id"])
    assert len(made) == 5
    assert all(len(id) == 32 for id in made)


async def test_the_trace_is_given_to_those_who_ask() -> None:
    app = make_app()
    traced = await post(app, "{ called }", headers={"x-contactgraph-trace": "1"})
    assert traced.json["extensions"] == {
        "cost": {"requested": 0, "actual": 1, "upstreamCalls": {"rechat": 1}},
        "upstream": [
            {
                "source": "CLOUD4WI",
                "operation": "signIn",
                "status": 200,
                "durationMs": 250.0,
                "shared": False,
                "cached": False,
            },
            {
                "source": "CLOUD4WI",
                "operation": "segments",
                "status": None,
                "durationMs": None,
                "shared": True,
                "cached": False,
            },
            {
                "source": "RECHAT",
                "operation": "contacts",
                "status": 503,
                "durationMs": 1.0,
                "shared": False,
                "cached": False,
            },
            {
                "source": "CLOUD4WI",
                "operation": "locations",
                "status": 200,
                "durationMs": 0.0,
                "shared": False,
                "cached": True,
            },
        ],
    }
    for headers in ({}, {"x-contactgraph-trace": "0"}):
        assert (await post(app, "{ called }", headers=headers)).json["extensions"].keys() == {"cost"}


async def test_numbers_beyond_64_bits_are_written_in_full() -> None:
    assert (await post(make_app(), "{ huge }")).json["data"]["huge"]["number"] == 2**80


async def test_a_value_that_json_cannot_hold_is_an_error_in_the_shape() -> None:
    answer = await post(make_app(), "{ hello unspeakable }")
    assert (answer.status, answer.codes) == (500, ["INTERNAL"])


async def test_a_context_is_made_for_each_execution_and_closed_after_it() -> None:
    services = FakeServices()
    app = make_app(services)
    for query in ("{ hello }", "{ stray }", "query ($x: Int!) { twice(number: $x) }", "{ nope }"):
        await post(app, query)
    assert (services.opened, services.closed) == (2, 2)


async def test_upstream_calls_know_the_deadline() -> None:
    left = (await post(make_app(GATEWAY_REQUEST_TIMEOUT="20"), "{ left }")).json["data"]["left"]
    assert 0 < left <= 20


async def test_callers_whom_nobody_asks_who_they_are_queue_by_address() -> None:
    assert (await post(make_app(), "{ queued }")).json["data"]["queued"] == "peer:127.0.0.1"


async def test_an_execution_that_outlives_its_deadline_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http.waiting._LAST_RESORT", 0.0)
    services = FakeServices()
    answer = await post(make_app(services, GATEWAY_REQUEST_TIMEOUT="10ms"), "{ hang }")
    assert (answer.status, answer.codes, answer.json["data"]) == (200, ["UPSTREAM_TIMEOUT"], None)
    assert (services.cancelled, services.closed) == (1, 1)


async def test_a_body_that_never_ends_is_given_up() -> None:
    app = make_app(GATEWAY_REQUEST_TIMEOUT="10ms")
    sent = []

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}
    await app(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 408


async def test_the_page_is_for_browsers() -> None:
    app = make_app()
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = await ask(app, "GET", headers={"accept": browser})
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "content-security-policy" in page.headers
    home = await ask(app, "GET", "/", headers={"accept": browser})
    assert (home.status, home.headers["location"]) == (307, "/graphql")


async def test_origins_are_allowed_by_name() -> None:
    own = "content-type,apollographql-client-name,x-app-version"
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": own}
    app = make_app(GATEWAY_CORS_ORIGINS="https://app.example")
    allowed = await ask(app, "OPTIONS", headers={"origin": "https://app.example", **preflight})
    assert allowed.headers["access-control-allow-origin"] == "https://app.example"
    assert allowed.headers["access-control-allow-headers"] == own
    refused = await ask(app, "OPTIONS", headers={"origin": "https://evil.example", **preflight})
    assert "access-control-allow-origin" not in refused.headers
    without = await post(make_app(), "{ hello }", headers={"origin": "https://app.example"})
    assert "access-control-allow-origin" not in without.headers


async def test_head_is_get_without_a_body() -> None:
    async with served(make_app()) as url, aiohttp.ClientSession() as session:
        for query, status in (("{ hello }", 200), ("mutation { change }", 405), ("{", 400)):
            parameters = {"query": query}
            headers = {"accept": GRAPHQL}
            async with session.get(f"{url}/graphql", params=parameters, headers=headers) as whole:
                length = len(await whole.read())
            async with session.head(f"{url}/graphql", params=parameters, headers=headers) as head:
                assert (head.status, head.content_length) == (whole.status, length) == (status, length)
                assert await head.read() == b""

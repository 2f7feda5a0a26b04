"""One shape of errors, whatever went wrong."""

from __future__ import annotations

import json
import logging
from typing import Any, cast

import pytest

from tests.gateway.support import FAILURES, SECRET_WORD, FakeServices, ask, get, make_app, post

CODES = {
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "INVALID_ID",
    "QUERY_TOO_COMPLEX",
    "UPSTREAM_UNAVAILABLE",
    "UPSTREAM_TIMEOUT",
    "UPSTREAM_RATE_LIMITED",
    "UPSTREAM_REFUSED",
    "UPSTREAM_MALFORMED",
    "INTERNAL",
}
EVERYTHING_WRONG = [
    "{",
    "{ nope }",
    "query A { hello } query B { hello }",
    "{ item { inner { broken wrong } } }",
    "{ stray }",
    "{ partly }",
    "query ($n: Int = 1) { twice(number: $n) }",
    *(f'{{ fail(how: "{how}") }}' for how in FAILURES),
]


def assert_shape(error: dict[str, Any]) -> None:
    assert set(error) <= {"message", "locations", "path", "extensions"}
    assert isinstance(error["message"], str)
    assert error["message"]
    assert error["extensions"]["code"] in CODES
    assert set(error["extensions"]) <= {"code", "source", "retryable", "retryAfter"}
    assert SECRET_WORD not in str(error)
    if error["extensions"]["code"].startswith("UPSTREAM_"):
        assert set(error["extensions"]) >= {"source", "retryable"}


@pytest.mark.parametrize("query", EVERYTHING_WRONG)
async def test_every_error_has_the_shape(query: str) -> None:
    app = make_app()
    for answer in (await post(app, query, variables={"n": None}), await get(app, query=query, variables='{"n": null}')):
        assert answer.codes
        for error in answer.json["errors"]:
            assert_shape(error)


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "/nowhere", 404), ("POST", "/health/live", 405)])
async def test_what_is_not_the_api_has_the_shape_too(method: str, path: str, status: int) -> None:
    answer = await ask(make_app(), method, path)
    assert (answer.status, answer.codes) == (status, ["BAD_REQUEST"])
    assert_shape(answer.json["errors"][0])


async def test_a_bug_beside_the_api_has_the_shape_too(monkeypatch: pytest.MonkeyPatch) -> None:
    services = FakeServices()
    monkeypatch.setattr(services.source, "health", lambda: 1 / 0)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/health/ready", "headers": [], "query_string": b""}
    with pytest.raises(ZeroDivisionError):  # passed on to the server, which logs it
        await make_app(services)(scope, cast(Any, None), send)
    assert sent[0]["status"] == 500
    [error] = json.loads(sent[1]["body"])["errors"]
    assert_shape(error)


@pytest.mark.parametrize(
    ("how", "extensions"),
    [
        ("unavailable", {"code": "UPSTREAM_UNAVAILABLE", "source": "CLOUD4WI", "retryable": True}),
        ("timeout", {"code": "UPSTREAM_TIMEOUT", "source": "CLOUD4WI", "retryable": True}),
        ("limited", {"code": "UPSTREAM_RATE_LIMITED", "source": "RECHAT", "retryable": True, "retryAfter": 7}),
        ("malformed", {"code": "UPSTREAM_MALFORMED", "source": "ACQUIRE", "retryable": False}),
        ("refused", {"code": "UPSTREAM_REFUSED", "source": "CLOUD4WI", "retryable": False}),
        ("missing", {"code": "UPSTREAM_REFUSED", "source": "CLOUD4WI", "retryable": False}),
        ("expired", {"code": "UPSTREAM_REFUSED", "source": "CLOUD4WI", "retryable": False}),
        ("bad-id", {"code": "INVALID_ID"}),
        ("crash", {"code": "INTERNAL"}),
    ],
)
async def test_what_is_raised_gets_its_code_and_nothing_beside_it_is_lost(
    how: str, extensions: dict[str, object]
) -> None:
    answer = await post(make_app(), f'{{ hello there: fail(how: "{how}") }}')
    assert answer.status == 200
    assert answer.json["data"] == {"hello": "hello world", "there": None}
    [error] = answer.json["errors"]
    assert error["path"] == ["there"]
    assert error["locations"] == [{"line": 1, "column": 9}]
    assert error["extensions"] == extensions


async def test_the_path_of_a_nested_error_and_the_null_it_makes() -> None:
    answer = await post(make_app(), "{ item { inner { broken } } hello }")
    assert answer.json["data"] == {"item": None, "hello": "hello world"}
    assert [error["path"] for error in answer.json["errors"]] == [["item", "inner", "broken"]]


async def test_a_failure_beside_data_is_told_in_the_same_shape() -> None:
    answer = await post(make_app(), "{ partly }")
    assert answer.said == {
        "data": {"partly": ["what there is"]},
        "errors": [
            {
                "message": "Cloud4Wi: organizationEvents: it answered 503",
                "locations": [{"line": 1, "column": 3}],
                "path": ["partly"],
                "extensions": {"code": "UPSTREAM_UNAVAILABLE", "source": "CLOUD4WI", "retryable": True},
            }
        ],
    }


async def test_an_unexpected_error_is_masked_and_logged_with_the_request_id(caplog: pytest.LogCaptureFixture) -> None:
    answer = await post(make_app(), '{ a: fail(how: "crash") b: fail(how: "crash") }', headers={"x-request-id": "r-1"})
    assert answer.codes == ["INTERNAL", "INTERNAL"]
    assert "r-1" in answer.json["errors"][0]["message"]
    records = [record for record in caplog.records if record.name == "contactgraph.errors"]
    assert [(record.levelno, record.__dict__["fields"]["requestId"]) for record in records] == [(logging.ERROR, "r-1")]
    assert records[0].exc_info is not None


async def test_an_expected_failure_is_one_line_without_a_stack(caplog: pytest.LogCaptureFixture) -> None:
    await post(make_app(), '{ a: fail(how: "timeout") b: fail(how: "timeout") c: fail(how: "bad-id") }')
    records = [record for record in caplog.records if record.name == "contactgraph.errors"]
    assert [(record.levelno, record.exc_info) for record in records] == [(logging.WARNING, None)]


async def test_a_field_that_breaks_its_promise_is_masked() -> None:
    answer = await post(make_app(), "{ item { wrong } }")
    assert (answer.codes, answer.json["data"]) == (["INTERNAL"], {"item": None})


async def test_a_stray_cancellation_is_an_error_not_a_hang() -> None:
    answer = await post(make_app(), "{ hello stray }")
    assert (answer.status, answer.codes, answer.json["data"]) == (200, ["INTERNAL"], None)


@pytest.mark.parametrize(
    ("query", "variables", "code", "has_data"),
    [
        ("query ($n: Int) { twice(number: $n) }", {"n": "one"}, "BAD_USER_INPUT", False),
        ("query ($n: Int!) { twice(number: $n) }", {}, "BAD_USER_INPUT", False),
        ("query ($n: Int!) { twice(number: $n) }", {"n": 2**31}, "BAD_USER_INPUT", False),
        ("query ($n: Int = 1) { twice(number: $n) }", {"n": None}, "BAD_USER_INPUT", True),
        ('{ twice(number: "one") }', {}, "GRAPHQL_VALIDATION_FAILED", False),
    ],
)
async def test_input_that_makes_no_sense(query: str, variables: dict[str, object], code: str, has_data: bool) -> None:
    """A variable is refused before execution; one that is null where its argument allows none fails its field."""
    answer = await post(make_app(), query, variables=variables)
    assert answer.codes == [code]
    assert ("data" in answer.json) is has_data
    assert answer.status == (200 if has_data else 400)

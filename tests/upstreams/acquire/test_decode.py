"""Envelopes, which differ by endpoint, and errors, which may come under any status."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from tests.upstreams.acquire.conftest import contact
from upstreams.acquire.changes import deleted, wrapped_data
from upstreams.acquire.decode import (
    ListDecoder,
    Listing,
    OneDecoder,
    Refused,
    any_data,
    plain_rows,
    refusal,
)
from upstreams.acquire.records import Contact
from upstreams.errors import UpstreamError, UpstreamNotFound, UpstreamRefused, UpstreamUnavailable
from upstreams.records import Source

ROWS = [contact(2), contact(1)]


def listing(answer: Any, name: str = "list") -> Listing[Contact]:
    def lost(malformed: int, received: int) -> None:
        raise AssertionError(f"{malformed} of {received} rows lost")

    return ListDecoder(Contact, name, lost)(json.dumps(answer).encode())


@pytest.mark.parametrize("name", ["list", "data", "rows"])
@pytest.mark.parametrize(
    ("answer", "total"),
    [
        ({"data": {"list": ROWS, "counts": {"total": 6, "records": 6, "pending": 0, "active": 1}}}, 6),
        ({"data": {"list": ROWS, "counts": {"filteredCount": "2"}}}, 2),
        ({"data": {"page": 0, "offset": 0, "limit": 20, "count": 72, "data": ROWS}}, 72),
        ({"data": {"offset": 0, "count": 2, "data": ROWS}}, 2),
        ({"data": {"count": "2", "rows": ROWS}}, 2),
        ({"data": ROWS}, None),
        ({"data": {"list": ROWS}}, None),
        ({"data": {"list": ROWS, "counts": {"total": 1}}}, None),
        ({"data": {"list": ROWS, "counts": [], "count": True}}, None),
        ({"data": {"list": ROWS, "counts": {"total": None}, "count": 9}}, 9),
    ],
)
def test_every_envelope_of_a_list(name: str, answer: Any, total: int | None) -> None:
    found = listing(answer, name)
    assert [row and row.source_id for row in found.rows] == ["2", "1"]
    assert (found.received, found.total) == (2, total)


def test_an_empty_list_is_one() -> None:
    empty: list[Any] = [{"data": {"list": []}}, {"data": []}, {"data": {"count": 0, "data": []}}]
    for answer in empty:
        assert listing(answer).received == 0


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"data":null}', b'{"data":{}}', b'{"data":{"list":null}}'])
def test_what_holds_no_list_is_malformed(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"malformed|Expect|truncated|rows"):
        ListDecoder(Contact, "list", lambda *_: None)(body)


def test_one_record() -> None:
    decode = OneDecoder(Contact)
    for answer in ({"data": contact(7)}, {"data": [contact(7)]}):
        assert decode(json.dumps(answer).encode()).source_id == "7"
    for body in (b"", b"{}", b'{"data":null}', b'{"data":[]}', b'{"data":true}'):
        with pytest.raises(ValueError, match=r"malformed|Expect|truncated|rows"):
            decode(body)


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ({"data": {"deleted": 1}}, 1),
        ({"data": {"deleted": {"raw": {"affectedRows": 0}, "affected": 0}}}, 0),
        ({"data": True}, None),
        ({"data": {"deleted": None}}, None),
        ({"data": {"success": True, "message": "View has been deleted successfully."}}, None),
        ({}, None),
    ],
)
def test_deletions(answer: Any, count: int | None) -> None:
    assert deleted(json.dumps(answer).encode()) == count


def test_what_was_not_done_is_not_taken_for_done() -> None:
    bodies = (b'{"data":{"success":false,"message":"Ada is here."}}', b'{"data":false}')
    for body, decode in product(bodies, (deleted, wrapped_data)):
        with pytest.raises(ValueError, match="failed") as raised:
            decode(body)
        assert "Ada" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "rows", "total"),
    [
        ({"data": {"count": 5, "rows": [{"id": 7}, "odd"]}}, [{"id": 7}, None], 5),
        ({"data": {"offset": 0, "count": 1, "data": [{"id": 7}]}}, [{"id": 7}], 1),
        ({"data": [{"id": 7}]}, [{"id": 7}], None),
    ],
)
def test_rows_as_they_are(answer: Any, rows: Any, total: int | None) -> None:
    found = plain_rows(json.dumps(answer).encode())
    assert (list(found.rows), found.total) == (rows, total)


@pytest.mark.parametrize("half", [b"\\ud83d", b"\xff"], ids=["half an emoji", "no UTF-8"])
def test_text_that_is_no_unicode_costs_itself_alone(half: bytes) -> None:
    odd = b'{"id":7,"dateCreated":"2021-03-01T00:00:00.000Z","title":1,"fields":{"name":"Ada %s"}}' % half
    good = json.dumps(contact(8)).encode()
    found = ListDecoder(Contact, "list", lambda *_: None)(b'{"data":{"list":[%s,%s]}}' % (odd, good))
    assert [row.name for row in found.good] == ["Ada \ufffd", "Person 8"]
    assert OneDecoder(Contact)(b'{"data":%s}' % odd).name == "Ada \ufffd"
    assert plain_rows(b'{"data":{"list":[%s]}}' % odd).good[0]["fields"] == {"name": "Ada \ufffd"}
    failure = refusal("contact")(200, b'{"error":{"code":"ERROR_RECORD_NOT_FOUND","message":"%s"}}' % half)
    assert type(failure) is UpstreamNotFound


def test_what_is_nested_too_deep_is_malformed() -> None:
    deep = b"[" * 100_000
    for decode in (ListDecoder(Contact, "list", lambda *_: None), OneDecoder(Contact), any_data, plain_rows, deleted):
        with pytest.raises(ValueError, match="deep"):
            decode(b'{"data":' + deep)
    assert refusal("contact")(200, b'{"error":' + deep) is None


def test_data_that_is_wrapped() -> None:
    assert wrapped_data(b'{"data":{"success":true,"data":{"id":10},"message":"done"}}') == {"id": 10}
    assert wrapped_data(b'{"data":{"id":10}}') == {"id": 10}


def test_data_as_it_is() -> None:
    assert any_data(b'{"data":{"id":83,"message":"done"}}') == {"id": 83, "message": "done"}
    assert (any_data(b'{"data":true}'), any_data(b""), any_data(b"{}")) == (True, None, None)


@pytest.mark.parametrize("status", [200, 400, 404, 409])
@pytest.mark.parametrize(
    ("error", "kind", "seen", "code"),
    [
        ({"code": "ERROR_RECORD_NOT_FOUND", "message": "x"}, UpstreamNotFound, None, None),
        ({"code": "error_record_not_found"}, UpstreamNotFound, None, None),
        ("ERROR_RECORD_NOT_FOUND", UpstreamNotFound, None, None),
        ({"code": "ERROR_SERVER_ERROR"}, UpstreamUnavailable, None, None),
        ({"code": "ERROR_UNAUTHORIZED"}, Refused, 401, "ERROR_UNAUTHORIZED"),
        ({"code": "ERROR_UNAUTHORIZED_ACCESS"}, Refused, 403, "ERROR_UNAUTHORIZED_ACCESS"),
        ({"code": "ERROR_INVALID_INPUT"}, Refused, None, "ERROR_INVALID_INPUT"),
        ({"code": "ERROR_DUPLICATE_RECORD_FOUND"}, Refused, None, "ERROR_DUPLICATE_RECORD_FOUND"),
        ({"code": "CHAT_ALREADY_JOINED", "message": "Ada is here.", "data": None}, Refused, None, None),
        ({"message": "Ada is here."}, Refused, None, None),
        ("Ada is here.", Refused, None, None),
        (["Ada"], Refused, None, None),
    ],
)
def test_an_error_is_one_under_any_status(
    status: int, error: Any, kind: type[UpstreamError], seen: int | None, code: str | None
) -> None:
    failure = refusal("contact")(status, json.dumps({"error": error}).encode())
    assert type(failure) is kind
    assert (failure.source, failure.operation, failure.status) == (Source.ACQUIRE, "contact", seen or status)
    assert getattr(failure, "code", None) == code
    assert isinstance(failure, UpstreamRefused) or failure.retryable
    assert "Ada" not in str(failure)


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{}}',
        b'{"error":null,"data":{}}',
        b'{"data":{"error":{"code":"ERROR_INVALID_INPUT"}}}',
        b'{"data":{"title":"\\"error\\""}}',
        b'"error"',
        b'<html>"error"</html>',
        b"",
    ],
)
def test_what_is_no_error(body: bytes) -> None:
    assert refusal("contact")(200, body) is None

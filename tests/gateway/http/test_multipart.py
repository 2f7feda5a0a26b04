"""Requests with files, as the GraphQL multipart request specification says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.app import compose
from gateway.errors import RequestRefused
from gateway.http.multipart import UploadedFile, from_form
from gateway.settings import read_settings
from sandbox.app import Sandbox
from tests.gateway.support import ask
from tests.schema.writing import writer

TYPE = "multipart/form-data; boundary=xyz"
QUERY = "mutation ($input: ContactsImportFileInput!) { contactsImportFile(input: $input) { job { state } } }"
FILE = ('name="0"; filename="clients.csv"', b"Mail\nada.form@example.com\n", "text/csv")

Part = tuple[str, bytes] | tuple[str, bytes, str]


def form(*parts: Part) -> bytes:
    """A form of these parts: what the disposition says, the content, the content type."""
    body = b""
    for disposition, content, *more in parts:
        kind = f"Content-Type: {more[0]}\r\n" if more else ""
        body += f"--xyz\r\nContent-Disposition: form-data; {disposition}\r\n{kind}\r\n".encode() + content + b"\r\n"
    return body + b"--xyz--\r\n"


def said(variables: Any, map: Any, *files: Part) -> bytes:
    """A form with a request and its map."""
    operations = json.dumps({"query": QUERY, "variables": variables}).encode()
    return form(('name="operations"', operations), ('name="map"', json.dumps(map).encode()), *files)


def test_files_stand_where_the_map_says() -> None:
    other = ('name="b"; filename="Zoë\\".xlsx"', b"\r\n--xy\r\n")
    body = said(
        {"one": None, "more": [1, {"two": None}]}, {"0": ["variables.one"], "b": ["variables.more.1.two"]}, FILE, other
    )
    variables = from_form(body, TYPE).variables
    assert variables is not None
    assert variables["one"] == UploadedFile("clients.csv", "text/csv", b"Mail\nada.form@example.com\n")
    assert variables["more"][1]["two"].content == b"\r\n--xy\r\n"
    assert variables["more"][1]["two"].content_type is None


def test_one_file_may_stand_at_several_places() -> None:
    body = said({"a": None, "b": None}, {"0": ["variables.a", "variables.b"]}, FILE)
    variables = from_form(body, TYPE).variables
    assert variables is not None
    assert variables["a"] is variables["b"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form",
        b"--xyz--\r\n",
        said({"a": None}, {"0": ["variables.a"]}, FILE)[:-12],
        form(('name="operations"', b"{}"), FILE),
        form(('name="map"', b"{}"), FILE),
        form(('name="operations"', b"[]"), ('name="map"', b"{}")),
        form(('name="operations"', b'{"query": "{ a }"}'), ('name="map"', b"{")),
        said({"a": None}, {"0": ["variables.a"]}),
        said({"a": None}, {}, FILE),
        said({"a": None}, {"0": []}, FILE),
        said({"a": None}, {"0": "variables.a"}, FILE),
        said({"a": None}, {"0": ["query"]}, FILE),
        said({"a": None}, {"0": ["variables"]}, FILE),
        said({"a": None}, {"0": ["0.variables.a"]}, FILE),
        said({"a": None}, {"0": ["variables.b"]}, FILE),
        said({"a": 1}, {"0": ["variables.a"]}, FILE),
        said({"a": "text"}, {"0": ["variables.a.0"]}, FILE),
        said({"a": [None]}, {"0": ["variables.a.1"]}, FILE),
        said({"a": [None]}, {"0": ["variables.a.-1"]}, FILE),
        said(None, {"0": ["variables.a"]}, FILE),
        said({"a": None}, {"0": ["variables.a"]}, FILE, FILE),
        said({"a": None}, {"0": ["variables.a"]}, FILE, ('name="more"', b"x")),
        said({"a": None}, {"0": ["variables.a"]}, *[(f'name="{place}"', b"x") for place in range(30)]),
    ],
)
def test_other_forms_are_refused(body: bytes) -> None:
    with pytest.raises(RequestRefused) as refused:
        from_form(body, TYPE)
    assert refused.value.errors[0]["extensions"]["code"] == "BAD_REQUEST"
    assert refused.value.status == 400


@given(st.binary(max_size=300), st.sampled_from([TYPE, "multipart/form-data", "multipart/form-data; boundary="]))
def test_any_bytes_are_a_form_or_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(RequestRefused):
        from_form(body, content_type)


@given(st.binary(max_size=200).filter(lambda content: b"--xyz" not in content))
def test_a_file_comes_through_byte_by_byte(content: bytes) -> None:
    body = said({"a": None}, {"0": ["variables.a"]}, ('name="0"; filename="x"', content))
    variables = from_form(body, TYPE).variables
    assert variables is not None
    assert variables["a"].content == content


async def test_a_file_goes_from_the_form_to_the_source(box: Sandbox, tmp_path: Path) -> None:
    columns = [{"column": "Mail", "name": "email"}]
    variables = {"input": {"file": None, "ownerId": box.rechat.data.users[0]["id"], "columns": columns}}
    body = said(variables, {"0": ["variables.input.file"]}, FILE)
    headers = {"content-type": TYPE, "x-contactgraph-csrf": "1"}
    settings = read_settings({"ACQUIRE_URL": box.acquire_url, "ACQUIRE_API_KEY": box.acquire_key})
    async with writer(box, tmp_path) as api:
        app = compose(settings, None, api.services)
        answer = await ask(app, body=body, headers=headers)
        assert answer.json["data"] == {"contactsImportFile": {"job": {"state": "ACCEPTED"}}}
        assert "ada.form@example.com" in [row["email"] for row in box.rechat.contacts()]
        strange = await ask(app, body=body, headers={"content-type": TYPE})
        assert strange.status == 403
        large = await ask(app, body=body + b"x" * settings.max_body, headers=headers)
        assert large.status == 413

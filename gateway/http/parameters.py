"""The parameters of a GraphQL request, out of a body or a query string. What is not exactly right is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson

from gateway.errors import RequestRefused, bad_request, formatted
from gateway.execution import Parameters
from gateway.trusted import HASH, hash_in

_NAMES = ("query", "documentId", "variables", "operationName", "extensions")
_KEYS = {name: f'"{name}"'.encode() for name in _NAMES}


@lru_cache(maxsize=256)
def is_form(content_type: str | None, content_encoding: str | None, csrf: bool) -> bool:
    """Whether a body is a form with files. One that is neither a form nor plain JSON in UTF-8 is refused.

    A page of another site can make a browser send a form without asking; JSON it cannot send, and the header
    ``x-contactgraph-csrf`` neither.

    Args:
        content_type: the header.
        content_encoding: the header.
        csrf: whether there is a header ``x-contactgraph-csrf``.

    Raises:
        RequestRefused: with 415, or with 403 where a form came without that header.
    """
    media_type, *parameters = (content_type or "").split(";")
    name = media_type.strip().lower()
    form = name == "multipart/form-data"
    if form and not csrf:
        raise RequestRefused(
            [formatted("Forms need the header `x-contactgraph-csrf: 1`, which no other site can send.", "FORBIDDEN")],
            status=403,
        )
    if not form and name != "application/json":
        raise bad_request("Send the request as JSON, with the header `content-type: application/json`.", status=415)
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset" and value.strip().strip('"').lower() not in {"utf-8", "utf8"}:
            raise bad_request("Send the request in UTF-8; no other charset is read.", status=415)
    if content_encoding and content_encoding.strip().lower() != "identity":
        raise bad_request("Send the request uncompressed; no content-encoding is read.", status=415)
    return form


def from_body(body: bytes) -> Parameters:
    """The parameters of a JSON body.

    Raises:
        RequestRefused: the body is no JSON object, or a parameter is missing, doubled or of the wrong type.
    """
    if not body:
        raise bad_request('The body is empty. Send a JSON object such as {"query": "{ __typename }"}.')
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"The body is not JSON in UTF-8: {error.msg} (line {error.lineno}).") from error
    if not isinstance(sent, dict):
        if isinstance(sent, list):
            raise bad_request("The body is a list. Batches are not taken: send one operation in a request.")
        raise bad_request('The body must be a JSON object such as {"query": "{ __typename }"}.')
    # orjson keeps the last of equal keys. Whoever reads the first would see another request than the one executed,
    # so they are refused; the second look is taken only where equal keys are possible.
    # (To look for one byte takes a tenth of the time of two.)
    keys = [_KEYS[name] for name in sent if name in _KEYS]
    if (b"\\" in body and b"\\u" in body) or max(map(body.count, keys), default=0) > 1:
        _refuse_doubles(body)
    return _parameters(sent)


def from_query_string(query_string: bytes) -> Parameters:
    """The parameters of a GET request's URL.

    Raises:
        RequestRefused: a parameter is missing, doubled, not UTF-8 or of the wrong type.
    """
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise bad_request("The URL's query string is not URL-encoded UTF-8.") from error
    sent: dict[str, Any] = {}
    for name, value in pairs:
        if name in _NAMES and name in sent:
            raise bad_request(f"The parameter {name} is given twice.")
        sent[name] = value
    for name in ("variables", "extensions"):
        if text := sent.pop(name, None):
            try:
                sent[name] = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise bad_request(f"The parameter {name} is not JSON: {error.msg}.") from error
    for name in ("operationName", "documentId"):
        if not sent.get(name):
            sent.pop(name, None)
    return _parameters(sent)


def _parameters(sent: Mapping[str, Any]) -> Parameters:
    query = sent.get("query")
    if query is not None and not isinstance(query, str):
        raise _wrong("query", "the text of a GraphQL document")
    operation_name = sent.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _wrong("operationName", "a string or null")
    variables = sent.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise _wrong("variables", "an object or null")
    extensions = sent.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise _wrong("extensions", "an object or null")
    digits, by_id = _named(sent.get("documentId"), extensions.get("persistedQuery") if extensions else None)
    if query is None and digits is None:
        raise bad_request("The parameter query is missing: send the text of a GraphQL document, or its documentId.")
    if query is not None and by_id:
        raise bad_request("Send query or documentId, not both.")
    return Parameters(query, variables, operation_name, digits, by_id)


def _named(document_id: Any, persisted: Any) -> tuple[str | None, bool]:
    """The SHA-256 of the document, and whether it came as ``documentId``.

    An id of another kind names nothing here; it is looked for as it is, and not found.
    """
    if document_id is not None:
        if not isinstance(document_id, str):
            raise _wrong("documentId", "a string")
        if persisted is not None:
            raise bad_request("Send documentId or extensions.persistedQuery, not both.")
        return hash_in(document_id) or document_id, True
    if persisted is None:
        return None, False
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise _wrong("extensions.persistedQuery", "an object with the version 1")
    digits = persisted.get("sha256Hash")
    if not isinstance(digits, str) or not HASH.fullmatch(digits.lower()):
        raise _wrong("extensions.persistedQuery.sha256Hash", "64 hexadecimal digits")
    return digits.lower(), False


def _wrong(name: str, right: str) -> RequestRefused:
    return bad_request(f"The parameter {name} must be {right}.")


def _refuse_doubles(body: bytes) -> None:
    pairs: list[tuple[str, Any]] = json.loads(body, object_pairs_hook=list)
    seen = set()
    for name, _ in pairs:
        if name in _NAMES and name in seen:
            raise bad_request(f"The parameter {name} is given twice.")
        seen.add(name)

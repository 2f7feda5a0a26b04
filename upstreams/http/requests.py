"""A call as it goes out, whoever waits for it: target and body as text and bytes, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from upstreams.http.answers import Check
from upstreams.http.cache import Keep

T = TypeVar("T")


def segment(text: str) -> str:
    """Text as one path segment: everything quoted that could end or change the segment.

    Raises:
        ValueError: the text is empty; the path would be another endpoint's.
    """
    if not text:
        raise ValueError("an empty path segment")
    if text in (".", ".."):
        return text.replace(".", "%2E")
    return quote(text, safe="", errors="replace")


def target(path: str, params: Sequence[tuple[str, str]]) -> str:
    """Path and query, quoted."""
    return f"{path}?{urlencode(params, errors='replace')}" if params else path


def payload(
    headers: Mapping[str, str],
    json: object | None,
    form: Sequence[tuple[str, str]] | None,
    content: bytes | None,
) -> tuple[Mapping[str, str], bytes | None]:
    """The headers, with the body's type where we make the body, and the body."""
    if json is not None:
        return {**headers, "Content-Type": "application/json"}, msgspec.json.encode(json)
    if form is not None:
        body = urlencode(form, errors="replace").encode()
        return {**headers, "Content-Type": "application/x-www-form-urlencoded"}, body
    return headers, content


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """A call; its ``repr`` shows nothing that may be secret or personal.

    Attributes:
        operation: the name of the endpoint's method; stands for how the answer is decoded.
        method: in upper case.
        target: path and query, quoted.
        headers: beyond those of every call and those that prove who we are.
        body: as it is sent.
        decode: makes a record of the answer's body; ValueError means that it is malformed.
        check: the source's own reading of an answer.
        idempotent: may be sent again when it is unknown whether it was done.
        write: changes something, so that what was read before no longer holds.
        authorize: prove who we are.
        keep: how long a good answer may be used again.
    """

    operation: str
    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    decode: Callable[[bytes], T]
    check: Check | None
    idempotent: bool
    write: bool
    authorize: bool
    keep: Keep

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two calls of one wire equal."""
        return self.operation, self.method, self.target, self.body, self.authorize, *self.headers.items()

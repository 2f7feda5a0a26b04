"""A call as it goes out, whoever waits for it: target and body as text and bytes, and what may be done with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar
from urllib.parse import quote, quote_plus

import msgspec

from upstreams.http.answers import Check
from upstreams.http.cache import NEVER, Keep

T = TypeVar("T")

_plain = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch


def segment(text: str) -> str:
    """Text as one path segment: everything quoted that could end or change the segment.

    Raises:
        ValueError: the text is empty; the path would be another endpoint's.
    """
    if not text:
        raise ValueError("an empty path segment")
    if text in (".", ".."):
        return text.replace(".", "%2E")
    return text if _plain(text) else quote(text, safe="", errors="replace")


def target(path: str, params: Sequence[tuple[str, str]]) -> str:
    """Path and query, quoted."""
    return f"{path}?{encoded(params)}" if params else path


def encoded(pairs: Sequence[tuple[str, str]]) -> str:
    """Names and values as a form has them (``application/x-www-form-urlencoded``).

    As ``urlencode`` of the standard library does it; most texts need no quoting, and to see that costs a fifth.
    """
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _quoted(text: str) -> str:
    return text if _plain(text) else quote_plus(text, errors="replace")


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
        body = encoded(form).encode()
        return {**headers, "Content-Type": "application/x-www-form-urlencoded"}, body
    return headers, content


class Endpoint(msgspec.Struct, Generic[T], frozen=True):
    """What all calls of one method of a source have in common.

    Attributes:
        operation: the name of the method, for the trace, metrics and messages; stands for how the answer is decoded.
        method: in upper case.
        decode: makes a record of the answer's body; ValueError (msgspec's errors are) means that it is malformed.
        check: the source's own reading of an answer (see :func:`upstreams.http.answers.failure_of`).
        idempotent: may be sent again when it is unknown whether it was done.
        shareable: may be joined by equal calls.
        write: changes something, so that what was read before no longer holds.
        authorize: prove who we are (not for a sign-in itself).
        absent_is_none: that there is no such thing is an answer, None, which ``T`` must allow for.
        keep: how long a good answer may be used again, if the call is shareable.
    """

    operation: str
    method: str
    decode: Callable[[bytes], T]
    check: Check | None
    idempotent: bool
    shareable: bool
    write: bool
    authorize: bool
    absent_is_none: bool
    keep: Keep

    @classmethod
    def of(
        cls,
        operation: str,
        method: str,
        decode: Callable[[bytes], T],
        check: Check | None = None,
        *,
        idempotent: bool | None = None,
        shareable: bool | None = None,
        write: bool | None = None,
        authorize: bool = True,
        absent_is_none: bool = False,
        keep: Keep = NEVER,
    ) -> Endpoint[T]:
        """An endpoint of which not all is said.

        Args:
            idempotent: default: GET.
            shareable: default: a GET that is idempotent.
            write: default: what is not shareable, not GET and not a sign-in.
        """
        read = method == "GET"
        if idempotent is None:
            idempotent = read
        if shareable is None:
            shareable = read and idempotent
        if write is None:
            write = authorize and not read and not shareable
        return cls(operation, method, decode, check, idempotent, shareable, write, authorize, absent_is_none, keep)


class Request(msgspec.Struct, Generic[T], frozen=True):
    """A call; its ``repr`` shows nothing that may be secret or personal.

    Attributes:
        endpoint: what is called.
        target: path and query, quoted.
        headers: beyond those of every call and those that prove who we are.
        body: as it is sent.
        keep: how long a good answer may be used again.
    """

    endpoint: Endpoint[T]
    target: str
    headers: Mapping[str, str]
    body: bytes | None
    keep: Keep

    def __repr__(self) -> str:
        return f"Request(operation={self.endpoint.operation!r}, method={self.endpoint.method!r})"

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two calls of one wire equal."""
        endpoint = self.endpoint
        return endpoint.operation, endpoint.method, self.target, self.body, endpoint.authorize, *self.headers.items()

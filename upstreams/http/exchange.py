"""One request out, one answer in: what the wire asks of an HTTP client, and what can go wrong on the way.

    ExchangeError
    ├── Unsendable      the request cannot be written as HTTP      nothing was sent
    ├── NoConnection    no address, refused, unreachable           nothing was sent
    │   └── NotSecure   TLS could not be agreed on                 nothing was sent
    ├── OutOfTime       a phase took too long                      nothing was sent if it was the connecting
    ├── Severed         the connection broke before the answer's end
    ├── NotHttp         what came is no HTTP answer
    ├── NotUnpacked     the answer's gzip or deflate is broken, or it is packed in a way we did not offer
    └── TooLong         the answer is longer than we read

A client (:mod:`upstreams.http.clients`) raises nothing else, so that the wire does not know which one it has. What an
answer means is for :mod:`upstreams.http.answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import ClassVar, Protocol, Self

import msgspec
from yarl import URL

from upstreams.errors import UpstreamError, UpstreamMalformed, UpstreamRefused, UpstreamTimeout, UpstreamUnavailable
from upstreams.http.reply import Reply
from upstreams.records import Source

SILENCE = 5.0
"""Seconds that a phase in which an upstream has nothing to think about may take."""


def _version() -> str:
    try:
        return version("contactgraph")
    except PackageNotFoundError:  # run from a checkout without being installed
        return "0"


EVERY_CALL: Mapping[str, str] = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"contactgraph/{_version()}",
}
"""The headers of every request."""

_THE_CLIENTS_OWN = frozenset(name.lower() for name in EVERY_CALL) | {
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
"""What a client writes itself: a second one could make two parties disagree on where a request ends."""


class ExchangeError(Exception):
    """An exchange failed.

    Attributes:
        sent: some of the request may have reached the upstream.
        reason: for the message.
    """

    sent = True
    reason = "the exchange failed"
    meaning: ClassVar[type[UpstreamError]] = UpstreamUnavailable


class Unsendable(ExchangeError):
    """The request holds something that has no place in HTTP, such as the end of a line in a header."""

    sent = False
    reason = "the call cannot be written as HTTP"
    meaning = UpstreamRefused


class NoConnection(ExchangeError):
    """There was no connection to send the request over."""

    sent = False
    reason = "no connection"


class NotSecure(NoConnection):
    """There was one, but the upstream did not prove who it is, or spoke no TLS that we do."""

    reason = "no secure connection"


class OutOfTime(ExchangeError):
    """A phase took too long."""

    meaning = UpstreamTimeout

    def __init__(self, reason: str, *, sent: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


class Severed(ExchangeError):
    """The connection broke before the answer's end."""

    reason = "the connection broke off"


class NotHttp(ExchangeError):
    """What came is no HTTP answer, or one that could be read in two ways."""

    reason = "the answer is not HTTP"
    meaning = UpstreamMalformed


class NotUnpacked(ExchangeError):
    """The answer's body is not packed as its head says, or in a way that we did not offer."""

    reason = "the answer cannot be unpacked"
    meaning = UpstreamMalformed


class TooLong(ExchangeError):
    """The answer is longer than we read."""

    reason = "the answer is too long"
    meaning = UpstreamMalformed


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer, read to its end; its ``repr`` shows nothing that may be secret or personal.

    Attributes:
        status: 200 to 999; interim answers (1xx) are not handed on.
        headers: by name in any case.
        body: unpacked.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Answer(status={self.status})"


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where the calls of one source go.

    Attributes:
        base: the base URL, without a slash at its end.
        scheme: ``http`` or ``https``.
        host: a name (in its ASCII form) or an address, without brackets.
        port: also where the URL names none.
        prefix: the path of the base URL, quoted; empty or beginning with a slash.
        authority: host and port as the header ``Host`` has them.
        origin: scheme, host and port: what a connection belongs to.
    """

    base: str
    scheme: str
    host: str
    port: int
    prefix: str
    authority: str
    origin: tuple[str, str, int]

    @classmethod
    def of(cls, base_url: str) -> Self:
        """The place of a base URL, with or without a trailing slash.

        Raises:
            ValueError: it is not an http or https URL, or has a query, a fragment or a user.
        """
        url = URL(base_url)
        host, port, authority = url.raw_host, url.port, url.host_port_subcomponent
        if url.scheme not in ("http", "https") or not host or not port or not authority or _has_more(url):
            raise ValueError("not the base URL of an http or https API")
        prefix = url.raw_path.rstrip("/")
        return cls(str(url).rstrip("/"), url.scheme, host, port, prefix, authority, (url.scheme, host, port))


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that the phases of one exchange may take.

    Attributes:
        total: all of it.
        connect: to find the address and open a connection.
        secure: the TLS handshake.
        write: until the request has been handed to the network.
        first: from there to the first byte of the answer.
        between: from one piece of the answer to the next.
    """

    total: float
    connect: float = field(default=SILENCE, kw_only=True)
    secure: float = field(default=SILENCE, kw_only=True)
    write: float = field(default=float("inf"), kw_only=True)
    first: float = field(default=float("inf"), kw_only=True)
    between: float = field(default=SILENCE, kw_only=True)


class Client(Protocol):
    """Makes exchanges; keeps connections for the next ones."""

    def ask(
        self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply[Answer] | None:
        """The exchange of :meth:`send`, begun at once; None where the client must wait before it can begin one.

        To cancel the reply is to give the exchange up.
        """
        ...

    async def send(
        self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """One exchange; no redirect is followed, nothing is sent twice.

        Args:
            place: where to.
            method: in upper case.
            target: path below the place, and query, quoted.
            headers: beyond those of every call.
            body: as it is sent.

        Raises:
            ExchangeError: any of the family.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


def _has_more(url: URL) -> bool:
    """Whether a URL has what a base URL has no use for."""
    return bool(url.raw_user or url.raw_query_string or url.raw_fragment)


def check_request(method: str, target: str, headers: Mapping[str, str]) -> None:
    """Refuse what could end a line, a header or the request before its time.

    Raises:
        Unsendable: see :func:`check_target` and :func:`check_head`.
    """
    check_head(method, headers.items())
    check_target(target)


def check_target(target: str) -> None:
    """Refuse a target that could be more than one.

    Raises:
        Unsendable: it is not visible ASCII, or has a fragment.
    """
    if not (target.isascii() and target.isprintable()) or " " in target or "#" in target:
        raise Unsendable


def check_head(method: str, headers: Iterable[tuple[str, str]]) -> None:
    """Refuse what is no method or header, or would be a second one of the client's own.

    Raises:
        Unsendable: a method is not letters only, a header's name not letters, digits and hyphens, a value not visible
            ASCII and spaces; or a header is one of the client's own.
    """
    if not (method.isascii() and method.isalpha()):
        raise Unsendable
    for name, value in headers:
        if not (name.isascii() and name.replace("-", "").isalnum() and value.isascii() and value.isprintable()):
            raise Unsendable
        if name.lower() in _THE_CLIENTS_OWN:
            raise Unsendable


def translate(error: ExchangeError, source: Source, operation: str) -> UpstreamError:
    """What a failed exchange means to us."""
    return error.meaning(source, operation, error.reason)


def never_sent(error: UpstreamError) -> bool:
    """Whether a failed call certainly did not reach the upstream."""
    return isinstance(error.__cause__, ExchangeError) and not error.__cause__.sent

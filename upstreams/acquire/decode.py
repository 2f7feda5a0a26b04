"""From an answer's bytes to typed records, and from its error to a failure.

A success is ``{"data": …}``, with lists in an envelope that differs by endpoint; a failure is ``{"error": {"code",
"message", "data"}}`` under any status. A list is decoded typed in one pass; only when that fails is it taken apart row
by row: a row with loose types goes through :mod:`upstreams.liberal`, and one that makes no sense costs itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Raw, Struct

from upstreams.acquire import assumptions
from upstreams.errors import UpstreamError, UpstreamNotFound, UpstreamRefused, UpstreamUnavailable
from upstreams.http.answers import Check
from upstreams.liberal import as_unicode, count_or_none, salvage
from upstreams.records import Source

R = TypeVar("R")
S = TypeVar("S", bound=Struct)

Json = dict[str, Any]

NOT_FOUND = "ERROR_RECORD_NOT_FOUND"
SERVER_ERROR = "ERROR_SERVER_ERROR"
DUPLICATE = "ERROR_DUPLICATE_RECORD_FOUND"
INVALID_INPUT = "ERROR_INVALID_INPUT"
_STATUS_OF = {"ERROR_UNAUTHORIZED": 401, "ERROR_UNAUTHORIZED_ACCESS": 403}
"""What these mean under whatever status they come."""


class Refused(UpstreamRefused):
    """The upstream said no and told a code.

    Attributes:
        code: ``ERROR_INVALID_INPUT`` and the like; None when there is none.
    """

    def __init__(
        self, source: Source, operation: str, reason: str, *, status: int | None = None, code: str | None = None
    ) -> None:
        super().__init__(source, operation, reason, status=status)
        self.code = code


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """An answer that holds a list.

    Attributes:
        rows: the records in the upstream's order; None stands where a malformed one was, so that places hold.
        total: how many match in all, unless that cannot be right.
    """

    rows: Sequence[R | None]
    total: int | None = None

    @property
    def received(self) -> int:
        """How many rows the answer held, malformed ones included."""
        return len(self.rows)

    @property
    def good(self) -> list[R]:
        """The rows that make sense."""
        return [row for row in self.rows if row is not None]


class RowDecoder(Generic[S]):
    """Decodes a record alone."""

    def __init__(self, record: type[S]) -> None:
        self._record = record
        self._typed = msgspec.json.Decoder(record, strict=False)

    def __call__(self, raw: Raw) -> S | None:
        """The record; None when it is malformed."""
        try:
            return self._typed.decode(raw)
        except msgspec.ValidationError:
            pass
        try:
            plain = msgspec.json.decode(raw)
        except msgspec.ValidationError:  # a number that nothing holds
            return None
        try:
            return salvage(plain, self._record)
        except ValueError:
            return None


class ListDecoder(Generic[S]):
    """Decodes the answers of one endpoint that holds a list.

    Args:
        record: what a row is.
        name: the field of ``data`` that holds the rows: ``list``, ``data`` or ``rows``; the others are accepted too.
        malformed: told how many rows of how many were lost, once per answer that lost any.
    """

    def __init__(self, record: type[S], name: str, malformed: Callable[[int, int], None]) -> None:
        self._malformed = malformed
        inner = msgspec.defstruct(
            "Data",
            [("rows", tuple[record, ...], msgspec.field(name=name)), ("counts", Any, None), ("count", Any, None)],  # type: ignore[valid-type]
        )
        whole: Any = msgspec.defstruct("Answer", [("data", inner)])
        self._whole = msgspec.json.Decoder(whole, strict=False)
        self._row = RowDecoder(record)

    def __call__(self, body: bytes) -> Listing[S]:
        """The rows of an answer.

        Raises:
            ValueError: the answer is no JSON, or holds no list.
        """
        return as_unicode(self._decoded, body)

    def _decoded(self, body: bytes) -> Listing[S]:
        try:
            data: Any = self._whole.decode(body).data
        except msgspec.ValidationError:
            return self._row_by_row(body)
        return Listing(data.rows, _total(data.counts, data.count, len(data.rows)))

    def _row_by_row(self, body: bytes) -> Listing[S]:
        envelope, found = _list_in(body)
        rows = [self._row(row) for row in msgspec.json.decode(found, type=list[Raw])]
        lost = rows.count(None)
        if lost:
            self._malformed(lost, len(rows))
        return Listing(rows, _total(envelope.counts, envelope.count, len(rows)))


class OneDecoder(Generic[S]):
    """Decodes the answer that holds one record."""

    def __init__(self, record: type[S]) -> None:
        self._row = RowDecoder(record)

    def __call__(self, body: bytes) -> S:
        """The record.

        Raises:
            ValueError: the answer is no JSON, or holds no such record, or a malformed one.
        """
        return as_unicode(self._decoded, body)

    def _decoded(self, body: bytes) -> S:
        raw = _ANSWER.decode(body).data
        if _begins(raw, b"["):
            raw = next(iter(msgspec.json.decode(raw, type=list[Raw])), Raw(b"null"))
        found = self._row(raw)
        if found is None:
            raise ValueError("a malformed record")
        return found


def any_data(body: bytes) -> Any:
    """The data of an answer whose shape differs or is unknown, as plain JSON; None when there is none."""
    return as_unicode(_plain, body) if body.strip() else None


def plain_rows(body: bytes) -> Listing[Json]:
    """The rows of a list as plain JSON; what is no object is a malformed row.

    Raises:
        ValueError: the answer is no JSON, or holds no list.
    """
    return as_unicode(_plain_rows, body)


class _Answer(Struct):
    data: Raw = Raw(b"null")


class _Envelope(Struct):
    list: Raw = Raw(b"null")
    data: Raw = Raw(b"null")
    rows: Raw = Raw(b"null")
    counts: Any = None
    count: Any = None


class _Failure(Struct):
    error: Any = None


_ANSWER = msgspec.json.Decoder(_Answer)
_ENVELOPE = msgspec.json.Decoder(_Envelope)
_FAILURE = msgspec.json.Decoder(_Failure)


def refusal(operation: str) -> Check:
    """A check that reads ``error``, which means a failure under a good status too."""

    def check(status: int, body: bytes) -> UpstreamError | None:
        error = _error(body)
        if not error:
            return None
        code = error.get("code") if isinstance(error, dict) else error
        code = code.strip().upper() if isinstance(code, str) else None
        meanings = assumptions.ERROR_CODES.assumed
        reason = meanings.get(code or "", "the upstream says that the call failed")
        if code == NOT_FOUND:
            return UpstreamNotFound(Source.ACQUIRE, operation, reason, status=status)
        if code == SERVER_ERROR:
            return UpstreamUnavailable(Source.ACQUIRE, operation, reason, status=status)
        return Refused(
            Source.ACQUIRE,
            operation,
            reason,
            status=_STATUS_OF.get(code or "", status),
            code=code if code in meanings else None,
        )

    return check


def _error(body: bytes) -> Any:
    if b'"error"' not in body:
        return None
    try:
        return as_unicode(_FAILURE.decode, body).error
    except ValueError:
        return None


def _plain(body: bytes) -> Any:
    return msgspec.json.decode(_ANSWER.decode(body).data)


def _plain_rows(body: bytes) -> Listing[Json]:
    envelope, found = _list_in(body)
    rows = [row if isinstance(row, dict) else None for row in msgspec.json.decode(found)]
    return Listing(rows, _total(envelope.counts, envelope.count, len(rows)))


def _list_in(body: bytes) -> tuple[_Envelope, Raw]:
    raw = _ANSWER.decode(body).data
    envelope = _Envelope(data=raw) if _begins(raw, b"[") else _ENVELOPE.decode(raw)
    for found in (envelope.list, envelope.data, envelope.rows):
        if _begins(found, b"["):
            return envelope, found
    raise ValueError("an answer without rows")


def _begins(raw: Raw, char: bytes) -> bool:
    return bytes(raw).lstrip().startswith(char)


def _total(counts: Any, count: Any, received: int) -> int | None:
    told = [counts.get(name) for name in assumptions.CONTACTS_TOTAL.assumed] if isinstance(counts, dict) else []
    total = next((number for one in (*told, count) if (number := count_or_none(one)) is not None), None)
    return None if total is None or total < received else total

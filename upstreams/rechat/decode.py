"""From an answer's bytes to typed records, and from its code to a failure.

Every answer is ``{"code": "OK", "data": …, "info": …}``. A list is decoded typed in one pass; only when that fails is
it taken apart row by row: a row with loose types goes through :mod:`upstreams.liberal`, and one that makes no sense
costs itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import force_setattr

from upstreams.errors import UpstreamError, UpstreamNotFound, UpstreamRefused
from upstreams.http.answers import Check
from upstreams.liberal import as_unicode, count_or_none, salvage
from upstreams.rechat.calendar import CalendarEvent
from upstreams.records import Source

S = TypeVar("S", bound=Struct)

OK = "OK"
NOT_FOUND = "ResourceNotFound"


@dataclass(frozen=True, slots=True)
class Listing(Generic[S]):
    """An answer that holds a list.

    Attributes:
        rows: the records, in the upstream's order; malformed ones are left out.
        received: how many rows the answer held, malformed ones included.
        total: ``info.total``, unless it cannot be right.
        limit: ``info.limit``, where the answer tells it.
    """

    rows: Sequence[S]
    received: int
    total: int | None = None
    limit: int | None = None


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
            try:
                return salvage(as_unicode(msgspec.json.decode, bytes(raw)), self._record)
            except ValueError:
                return None


class ListDecoder(Generic[S]):
    """Decodes the answers of one endpoint that holds a list.

    Args:
        record: what a row is.
        malformed: told how many rows of how many were lost, once per answer that lost any.
    """

    def __init__(self, record: type[S], malformed: Callable[[int, int], None]) -> None:
        self._malformed = malformed
        whole = msgspec.defstruct("Answer", [("data", tuple[record, ...]), ("info", Any, None)])  # type: ignore[valid-type]
        self._whole = msgspec.json.Decoder(whole, strict=False)
        self._parts = msgspec.json.Decoder(_Parts)
        self._row = RowDecoder(record)

    def __call__(self, body: bytes) -> Listing[S]:
        """The rows of an answer, without the malformed ones.

        Raises:
            ValueError: the answer is no JSON, or holds no list.
        """
        return as_unicode(self._decoded, body)

    def _decoded(self, body: bytes) -> Listing[S]:
        try:
            answer: Any = self._whole.decode(body)
        except msgspec.ValidationError:
            return self._row_by_row(body)
        return self._listing(answer.data, len(answer.data), answer.info)

    def _row_by_row(self, body: bytes) -> Listing[S]:
        answer = self._parts.decode(body)
        rows = [row for raw in answer.data or () if (row := self._row(raw)) is not None]
        received = len(answer.data or ())
        if len(rows) < received:
            self._malformed(received - len(rows), received)
        return self._listing(rows, received, answer.info)

    def _listing(self, rows: Sequence[S], received: int, info: Any) -> Listing[S]:
        told = info if isinstance(info, dict) else {}
        total = count_or_none(told.get("total"))
        if total is not None and (total < received or (total == 0 and received > 0)):
            total = None
        return Listing(rows, received, total, count_or_none(told.get("limit")))


class EventsDecoder(ListDecoder[CalendarEvent]):
    """Adds to calendar events what they say as plain JSON."""

    def __init__(self, malformed: Callable[[int, int], None]) -> None:
        super().__init__(CalendarEvent, malformed)

    def _decoded(self, body: bytes) -> Listing[CalendarEvent]:
        return self._row_by_row(body)

    def _row_by_row(self, body: bytes) -> Listing[CalendarEvent]:
        answer = self._parts.decode(body)
        rows = []
        for raw in answer.data or ():
            if (row := self._row(raw)) is not None:
                force_setattr(row, "payload", msgspec.json.decode(raw))
                rows.append(row)
        received = len(answer.data or ())
        if len(rows) < received:
            self._malformed(received - len(rows), received)
        return self._listing(rows, received, answer.info)


class OneDecoder(Generic[S]):
    """Decodes the answer that holds one record."""

    def __init__(self, record: type[S]) -> None:
        self._answer = msgspec.json.Decoder(_One)
        self._row = RowDecoder(record)

    def __call__(self, body: bytes) -> S:
        """The record.

        Raises:
            ValueError: the answer is no JSON, or holds no such record, or a malformed one.
        """
        return as_unicode(self._decoded, body)

    def _decoded(self, body: bytes) -> S:
        found = self._row(self._answer.decode(body).data)
        if found is None:
            raise ValueError("a malformed record")
        return found


def any_data(body: bytes) -> Any:
    """The data of an answer whose shape the documents leave unknown, as plain JSON."""
    return msgspec.json.decode(_ONE.decode(body).data)


def nothing(body: bytes) -> None:
    """An answer that says only that it was done, by having no body or by its code.

    Raises:
        ValueError: somebody else's page says nothing of the sort.
    """
    if body.strip():
        _CODE.decode(body)


class _Parts(Struct):
    data: list[Raw] | None
    info: Any = None


class _One(Struct):
    data: Raw


class _Code(Struct):
    code: Any = None
    error: Any = None


_ONE = msgspec.json.Decoder(_One)
_CODE = msgspec.json.Decoder(_Code)


def refusal(operation: str) -> Check:
    """A check that reads ``code``: a failure under a good status, and a missing thing under another than 404."""

    def check(status: int, body: bytes) -> UpstreamError | None:
        if status < 300 and (not body.strip() or b'"OK"' in body[:40]):
            return None
        told = _told(body)
        if told.code == NOT_FOUND:
            return UpstreamNotFound(Source.RECHAT, operation, "there is no such thing", status=status)
        if status < 300 and isinstance(told.code, str) and told.code != OK:
            return UpstreamRefused(Source.RECHAT, operation, "the upstream says that the call failed", status=status)
        return None

    return check


def token_refusal(operation: str, codes: frozenset[str]) -> Check:
    """A check of the token endpoint: an error code that means that the credentials are no longer good."""

    def check(status: int, body: bytes) -> UpstreamError | None:
        error = _told(body).error
        if status >= 400 and isinstance(error, str) and error in codes:
            return UpstreamRefused(Source.RECHAT, operation, "our credentials are not accepted", status=401)
        return None

    return check


def _told(body: bytes) -> _Code:
    try:
        return _CODE.decode(body)
    except (ValueError, RecursionError):
        return _Code()

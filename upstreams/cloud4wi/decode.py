"""From an answer's bytes to typed records.

The whole answer is decoded typed in one pass. Only when that fails is it taken apart row by row: a good row is decoded
typed, one with loose types goes through :mod:`upstreams.liberal`, and one that makes no sense costs itself.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from upstreams.cloud4wi import assumptions
from upstreams.cloud4wi.event_rows import E, EventRow, FrameRow, N, event_of, events_of, frame_of
from upstreams.cloud4wi.records import EVENT_TYPES, Contact, Event, EventFrame
from upstreams.feeds import Rows
from upstreams.instants import Instant, parse_instant, parse_instants
from upstreams.liberal import as_unicode, count_or_none, salvage
from upstreams.records import EventType

S = TypeVar("S", bound=Struct)
R = TypeVar("R", bound=Struct)

_SCROLL_FIELDS = (*assumptions.SCROLL_FIELDS.assumed, *assumptions.CONTACTS_SCROLL_FIELDS.assumed)
_AROUND = [(name, Any, None) for name in dict.fromkeys((*_SCROLL_FIELDS, "scroll", "totalCount", "count"))]
"""What stands in an answer beside its rows; nothing here may make the decoding fail."""

_EVENT_FRAME = frozenset({"id", "type", "organizationId", "customerId", "event", "where", "when"})
_EVENT_PLACE = frozenset({"locationId", "locationName"})


class RowDecoder(Generic[S]):
    """Decodes a row alone."""

    def __init__(self, record: type[S]) -> None:
        self._record = record
        self._typed = msgspec.json.Decoder(record, strict=False)

    def __call__(self, raw: Raw) -> S | None:
        """The record; None when the row is malformed."""
        try:
            return self._typed.decode(raw)
        except msgspec.ValidationError:
            try:
                return salvage(as_unicode(msgspec.json.decode, bytes(raw)), self._record)
            except ValueError:
                return None


class AnswerDecoder(ABC, Generic[S, R]):
    """Decodes the answers of one endpoint that holds a list.

    Args:
        row: what a row is, as sent.
        name: the field that holds the rows.
        scroll_fields: the fields that may hold the id of the next page, the likeliest first.
        malformed: told how many rows of how many were lost, once per answer that lost any.
    """

    def __init__(
        self,
        row: type[S],
        name: str,
        malformed: Callable[[int, int], None],
        scroll_fields: Sequence[str] = (),
    ) -> None:
        self._malformed = malformed
        self._scroll_fields = scroll_fields
        whole = msgspec.defstruct("Answer", [("rows", tuple[row, ...], msgspec.field(name=name)), *_AROUND])  # type: ignore[valid-type]
        parts = msgspec.defstruct(
            "Parts", [("rows", list[Raw] | None, msgspec.field(name=name, default=None)), *_AROUND]
        )
        self._whole = msgspec.json.Decoder(whole, strict=False)
        self._parts = msgspec.json.Decoder(parts, strict=False)
        self._row = RowDecoder(row)

    @abstractmethod
    def _records(self, rows: tuple[S, ...], body: bytes) -> Sequence[R]:
        """The records of an answer that decoded as a whole.

        Raises:
            ValueError: a row makes no sense.
        """

    @abstractmethod
    def _record(self, row: S, raw: Raw) -> R:
        """The record of one row that was decoded alone.

        Raises:
            ValueError: it makes no sense.
        """

    def __call__(self, body: bytes) -> Rows[R]:
        """The records of an answer, without the malformed ones.

        Raises:
            msgspec.DecodeError: the answer is no JSON.
            ValueError: the answer holds no rows at all.
        """
        return as_unicode(self._decoded, body)

    def _decoded(self, body: bytes) -> Rows[R]:
        try:
            answer: Any = self._whole.decode(body)
            records = self._records(answer.rows, body)
        except ValueError:  # a field of another type, or a row that makes no sense
            return self._row_by_row(body)
        return Rows(records, len(answer.rows), self._scroll(answer), count_or_none(answer.totalCount))

    def _row_by_row(self, body: bytes) -> Rows[R]:
        answer: Any = self._parts.decode(body)
        if answer.rows is None:
            if count_or_none(answer.count) != 0 and count_or_none(answer.totalCount) != 0:
                raise ValueError("an answer without rows")
            return Rows((), 0, self._scroll(answer), count_or_none(answer.totalCount))
        records = [record for raw in answer.rows if (record := self._alone(raw)) is not None]
        if len(records) < len(answer.rows):
            self._malformed(len(answer.rows) - len(records), len(answer.rows))
        return Rows(records, len(answer.rows), self._scroll(answer), count_or_none(answer.totalCount))

    def _alone(self, raw: Raw) -> R | None:
        row = self._row(raw)
        try:
            return None if row is None else self._record(row, raw)
        except ValueError:
            return None

    def _scroll(self, answer: Any) -> str | None:
        for name in self._scroll_fields:
            if (found := _scroll_id(getattr(answer, name))) is not None:
                return found
        return _scroll_id(answer.scroll.get("id")) if isinstance(answer.scroll, dict) else None


def _scroll_id(value: Any) -> str | None:
    told = isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip()
    return str(value) if told else None


class RowsDecoder(AnswerDecoder[S, S]):
    """Rows that are the records."""

    def _records(self, rows: tuple[S, ...], body: bytes) -> Sequence[S]:
        return rows

    def _record(self, row: S, raw: Raw) -> S:
        return row


class _AnyEventsDecoder(AnswerDecoder[N, E]):
    """Events, or frames of them; those of an unknown type also tell what happened as plain JSON.

    Args:
        row: what a row is, as sent.
        of: makes the record.
        malformed: told what was lost.
    """

    def __init__(
        self, row: type[N], of: Callable[[N, str, str, Instant], E], malformed: Callable[[int, int], None]
    ) -> None:
        super().__init__(row, "events", malformed, assumptions.SCROLL_FIELDS.assumed)
        self._of = of

    def _records(self, rows: tuple[N, ...], body: bytes) -> Sequence[E]:
        events = events_of(rows, parse_instants([row.when.created_at for row in rows]), self._of)
        if EVENT_TYPES.keys() >= {event.raw_type for event in events}:
            return events
        answer: Any = self._parts.decode(body)
        return [_with_payload(event, raw) for event, raw in zip(events, answer.rows, strict=True)]

    def _record(self, row: N, raw: Raw) -> E:
        (event,) = events_of((row,), (parse_instant(row.when.created_at),), self._of)
        return _with_payload(event, raw)


class EventsDecoder(_AnyEventsDecoder[EventRow, Event]):
    """Whole events."""

    def __init__(self, malformed: Callable[[int, int], None]) -> None:
        super().__init__(EventRow, event_of, malformed)


class EventFramesDecoder(_AnyEventsDecoder[FrameRow, EventFrame]):
    """Events of which nobody reads more than what all have: the rest of the answer is not even looked at."""

    def __init__(self, malformed: Callable[[int, int], None]) -> None:
        super().__init__(FrameRow, frame_of, malformed)


def _with_payload(event: E, raw: Raw) -> E:
    if event.type is not EventType.OTHER:
        return event
    return replace(event, payload=_payload(as_unicode(msgspec.json.decode, bytes(raw))))


def _payload(row: dict[str, Any]) -> dict[str, Any]:
    """What a row says beyond the facts that every event has."""
    told = {key: value for key, value in row.items() if key not in _EVENT_FRAME}
    nested, where = row.get("event"), row.get("where")
    if isinstance(nested, dict):
        told |= {key: value for key, value in nested.items() if key not in _EVENT_FRAME}
    if isinstance(where, dict) and (place := {key: where[key] for key in where if key not in _EVENT_PLACE}):
        told["where"] = place
    return told


class ContactDecoder:
    """Decodes the answer that holds one contact, in any of the shapes that it may have."""

    def __init__(self) -> None:
        self._row = RowDecoder(Contact)
        likeliest = msgspec.field(name=assumptions.ONE_CONTACT_FIELDS.assumed[0])
        self._likeliest = msgspec.json.Decoder(
            msgspec.defstruct("Answer", [("rows", tuple[Contact, ...], likeliest)]), strict=False
        )

    def __call__(self, body: bytes) -> Contact | None:
        """The contact; None when the answer is an empty list.

        Raises:
            msgspec.DecodeError: the answer is no JSON.
            ValueError: the answer holds no contact, or a malformed one.
        """
        return as_unicode(self._decoded, body)

    def _decoded(self, body: bytes) -> Contact | None:
        try:
            rows: tuple[Contact, ...] = self._likeliest.decode(body).rows  # type: ignore[attr-defined]
        except msgspec.ValidationError:
            return self._of_any_shape(body)
        return rows[0] if rows else None

    def _of_any_shape(self, body: bytes) -> Contact | None:
        answer = msgspec.json.decode(body, type=dict[str, Raw])
        raw = Raw(body)
        for name in assumptions.ONE_CONTACT_FIELDS.assumed:
            if name in answer and bytes(answer[name]) != b"null":
                raw = answer[name]
                break
        if bytes(raw).lstrip().startswith(b"["):
            several = msgspec.json.decode(raw, type=list[Raw])
            if not several:
                return None
            raw = several[0]
        contact = self._row(raw)
        if contact is None:
            raise ValueError("a malformed contact")
        return contact


class OneDecoder(Generic[S]):
    """Decodes the answer that holds one record under a field of its own, or is the record itself."""

    def __init__(self, record: type[S], name: str) -> None:
        self._name = name
        self._row = RowDecoder(record)

    def __call__(self, body: bytes) -> S:
        """The record.

        Raises:
            msgspec.DecodeError: the answer is no JSON.
            ValueError: the answer holds no such record, or a malformed one.
        """
        return as_unicode(self._decoded, body)

    def _decoded(self, body: bytes) -> S:
        answer = msgspec.json.decode(body, type=dict[str, Raw])
        found = self._row(answer.get(self._name, Raw(body)))
        if found is None:
            raise ValueError(f"a malformed {self._name}")
        return found


def any_json(body: bytes) -> Any:
    """An answer whose shape the documents leave unknown; None when there is no body."""
    return as_unicode(msgspec.json.decode, body) if body.strip() else None

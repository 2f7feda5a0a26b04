"""What is written for other workers is read again exactly."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.app import Sandbox
from upstreams.cloud4wi.codecs import CONTACTS, EVENT_FRAMES, EVENTS
from upstreams.cloud4wi.decode import EventFramesDecoder, EventsDecoder, RowsDecoder
from upstreams.cloud4wi.records import Contact, Event, EventFrame
from upstreams.codecs import StructCodec

WHEN = {"createdAt": "2022-07-21T18:41:09.120Z"}


def told(row: msgspec.Struct) -> dict[str, Any]:
    """Everything that a record tells, derived facts included."""
    names = [name for name in dir(type(row)) if not name.startswith("__") and name != "_record"]
    return {name: value for name in names if not callable(value := getattr(row, name))}


def check(codec: StructCodec[Any], rows: Sequence[Any]) -> None:
    loaded = codec.load(codec.dump(rows))
    assert loaded == list(rows)
    assert [repr(row) for row in loaded] == [repr(row) for row in rows], "also where 1 == 1.0"
    assert [told(row) for row in loaded] == [told(row) for row in rows]


def events(*rows: Any) -> Sequence[Event]:
    """Events as the upstream sends them, malformed ones left out."""
    return EventsDecoder(lambda lost, of: None)(msgspec.json.encode({"events": rows})).rows


def frames(*rows: Any) -> Sequence[EventFrame]:
    """The same of which only the frames are read."""
    return EventFramesDecoder(lambda lost, of: None)(msgspec.json.encode({"events": rows})).rows


def contacts(*rows: Any) -> Sequence[Contact]:
    """Contacts as the upstream sends them, malformed ones left out."""
    return RowsDecoder(Contact, "customers", lambda lost, of: None)(msgspec.json.encode({"customers": rows})).rows


@pytest.mark.parametrize("flat", [False, True])
async def test_every_row_of_the_sandbox(flat: bool) -> None:
    async with Sandbox.start(contacts=300, events=2000) as box:
        data = box.cloud4wi
        rows = [{**row, **row.get("event", {})} if flat else row for row in data.events()]
        rows = [{key: value for key, value in row.items() if not flat or key != "event"} for row in rows]
        found, people = events(*rows), contacts(*data.contacts())
    assert (len(found), len(people)) == (2000, 300)
    assert len({event.type for event in found}) > 5
    check(EVENTS, found)
    check(EVENT_FRAMES, frames(*rows))
    check(CONTACTS, people)


@pytest.mark.parametrize(
    "row",
    [
        {"cid": "c", "created": "2022-07-21T18:41:09Z"},
        {"cid": "c", "created": "2022-07-21T20:41:09.123456789+02:00"},
        {"cid": "c", "created": "2022-07-21T18:41:09Z", "segments": None},
        {"cid": "c", "created": "2022-07-21T18:41:09Z", "segments": [], "segmentCids": "a,b"},
        {"cid": "c", "created": "2022-07-21T18:41:09Z", "segmentCids": "a,b"},
        {"cid": "c", "created": "2022-07-21T18:41:09Z", "segmentCids": None},
        {"cid": 7, "created": "2022-07-21T18:41:09Z", "age": "41", "locked": "yes", "email": 3, "logins": "many"},
        {"cid": "c", "created": "2022-07-21T18:41:09Z", "metrics": {"avgVisitLength": 3, "conversionRate": 1e-300}},
        {
            "cid": "c",
            "created": "2022-07-21T18:41:09Z",
            "genericCustomField": [{"key": "a", "value": value} for value in (1, 1.0, True, "1", None, 2**70)],
        },
    ],
)
def test_contacts(row: Any) -> None:
    rows = contacts(row)
    assert len(rows) == 1
    check(CONTACTS, rows)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    kind=st.sampled_from(["visit", "survey", "geo_visit", "brand_new"]),
    nested=st.booleans(),
    detail=st.dictionaries(st.sampled_from(["visit", "survey", "email", "sms", "promo", "more", "$payload"]), JSON),
    where=st.none() | st.fixed_dictionaries({"geofenceId": st.text(), "geofenceMetadata": JSON, "geofenceJSON": JSON}),
    around=st.dictionaries(st.sampled_from(["customerId", "organizationId", "$occurredAt", "extra"]), JSON),
)
def test_any_event_that_is_understood(kind: str, nested: bool, detail: Any, where: Any, around: Any) -> None:
    what = {"id": "e", "type": kind, **detail}
    row = {**around, "when": WHEN, "where": where, **({"event": what} if nested else what)}
    check(EVENTS, events(row))
    check(EVENT_FRAMES, frames(row))


@pytest.mark.parametrize("data", [b"", b"{}", b"[{}]", b"\xff", b'[{"id": "e", "type": "visit"}]'])
def test_what_was_not_written_by_the_codec_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what the decoder says is its own business
        EVENTS.load(data)


def test_the_mark_tells_shapes_apart() -> None:
    class Other(Event, frozen=True, kw_only=True):
        more: str | None = None

    assert len({EVENTS.mark, EVENT_FRAMES.mark, CONTACTS.mark, StructCodec(Other).mark}) == 4
    assert EVENTS.mark == StructCodec(Event).mark


def test_what_is_nested_too_deep_is_refused_both_ways() -> None:
    def deep(levels: int) -> list[Any]:
        nested: list[Any] = []
        for _ in range(levels):
            nested = [nested]
        return nested

    [event] = events({"id": "e", "type": "brand_new", "when": WHEN, "x": 1})
    too_deep = sys.getrecursionlimit() + 100
    with pytest.raises(ValueError, match="nested too deep"):
        EVENTS.dump([msgspec.structs.replace(event, payload={"x": deep(too_deep)})])
    written = EVENTS.dump([event]).replace(b'{"x":1}', b'{"x":' + b"[" * too_deep + b"]" * too_deep + b"}")
    with pytest.raises(ValueError, match="nested too deep"):
        EVENTS.load(written)

"""Filters: normalised to values that are equal when they mean the same, checked, and applied."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.errors import BadUserInput, GatewayError, InvalidId, TooComplex
from resolvers.filters.checks import Limits, binding
from resolvers.filters.contacts import ChosenContacts, choose_contacts
from resolvers.filters.events import ChosenEvents, choose_events
from resolvers.filters.locations import choose_locations
from resolvers.filters.segments import choose_segments
from resolvers.ids import GlobalId, simple_id
from resolvers.loaders import Key
from schema.inputs import ContactFilter, EventFilter, LocationFilter, SegmentFilter
from upstreams.instants import Instant
from upstreams.records import Entity, EventType, LocationRef, SegmentKind, SegmentRef, Source
from upstreams.source import ContactQuery

LIMITS = Limits({Source.CLOUD4WI: None, Source.RECHAT: None}, max_ids=3)
C, R = Source.CLOUD4WI, Source.RECHAT


def segment(key: str, source: Source = C) -> Any:
    return simple_id(Entity.SEGMENT, source, key)


def contact(**facts: Any) -> Any:
    blank = dict.fromkeys(
        ("first_name", "last_name", "company", "country_as_sent", "given_display_name", "updated_at", "location_ref")
    )
    defaults = {"source": C, "source_id": "c", "emails_as_sent": (), "phones_as_sent": (), "segment_refs": ()}
    return SimpleNamespace(**(blank | defaults | {"created_at": Instant("2026-01-01T00:00:00")} | facts))


def test_no_filter_keeps_everything_and_asks_for_everything() -> None:
    chosen = choose_contacts(None, LIMITS)
    assert chosen.keep(None) is None
    assert chosen.query(C) == ContactQuery()
    assert chosen.wants(C)
    assert choose_contacts(ContactFilter(), LIMITS) == chosen
    assert choose_events(EventFilter(), LIMITS).keep() is None


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3), st.randoms())
def test_the_order_and_repetition_of_ids_do_not_matter(keys: list[str], random: Any) -> None:
    shuffled = keys[:]
    random.shuffle(shuffled)
    one = choose_contacts(ContactFilter(segment_ids=[segment(key) for key in keys]), LIMITS)
    other = choose_contacts(ContactFilter(segment_ids=[segment(key) for key in shuffled]), LIMITS)
    assert one == other
    assert binding("f", None, one, "o") == binding("f", None, other, "o")


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (ContactFilter(sources=[Source.ACQUIRE]), BadUserInput, "ACQUIRE"),
        (ContactFilter(segment_ids=["nonsense"]), InvalidId, "not an id"),  # type: ignore[list-item]
        (ContactFilter(segment_ids=[simple_id(Entity.CONTACT, C, "a")]), InvalidId, "Contact"),  # type: ignore[list-item]
        (ContactFilter(segment_ids=[segment("a", Source.ACQUIRE)]), InvalidId, "ACQUIRE"),
        (ContactFilter(segment_ids=[segment(key) for key in "abcd"]), TooComplex, "at most 3"),
        (
            ContactFilter(created_from=Instant("2026-01-02T00:00:00"), created_to=Instant("2026-01-02T00:00:00")),
            BadUserInput,
            "createdFrom must be before filter.createdTo",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(given: ContactFilter, error: type[GatewayError], message: str) -> None:
    with pytest.raises(error) as refused:
        choose_contacts(given, LIMITS)
    assert message in refused.value.message


def test_an_event_range_must_not_be_empty() -> None:
    at = Instant("2026-01-02T00:00:00")
    with pytest.raises(BadUserInput, match=r"filter\.from must be before filter\.to"):
        choose_events(EventFilter(from_=at, to=at), LIMITS)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (ContactFilter(), [C, R]),
        (ContactFilter(sources=[R]), [R]),
        (ContactFilter(sources=[]), []),
        (ContactFilter(segment_ids=[]), []),
        (ContactFilter(location_ids=[]), []),
        (ContactFilter(segment_ids=[segment("a")]), [C]),
        (ContactFilter(segment_ids=[segment("a"), segment("b", R)]), [C, R]),
        (ContactFilter(sources=[C], segment_ids=[segment("b", R)]), []),
    ],
)
def test_which_sources_can_have_a_match(given: ContactFilter, wanted: list[Source]) -> None:
    chosen = choose_contacts(given, LIMITS)
    assert [source for source in (C, R) if chosen.wants(source)] == wanted


def test_a_source_is_asked_by_its_own_ids() -> None:
    chosen = choose_contacts(ContactFilter(segment_ids=[segment("b", R), segment("a")]), LIMITS)
    assert chosen.query(C).segment_ids == ("a",)
    assert chosen.query(R).segment_ids == ("b",)


@pytest.mark.parametrize(
    ("chosen", "record", "kept"),
    [
        (ChosenContacts(has_email=True), contact(emails_as_sent=("n/a", "a@example.com")), True),
        (ChosenContacts(has_email=True), contact(emails_as_sent=("n/a",)), False),
        (ChosenContacts(has_email=False), contact(emails_as_sent=("none@none",)), True),
        (ChosenContacts(has_phone=True), contact(phones_as_sent=("+39 347 1234567",)), True),
        (ChosenContacts(has_phone=False), contact(phones_as_sent=()), True),
        (ChosenContacts(search="rossi"), contact(first_name="Ada", last_name="ROSSI"), True),
        (ChosenContacts(search="ada rossi"), contact(first_name="Ada", last_name="Rossi"), True),
        (ChosenContacts(search="rossi"), contact(first_name="Ada"), False),
        (ChosenContacts(search="@example"), contact(emails_as_sent=("a@Example.com",)), True),
        (ChosenContacts(search="3471234"), contact(phones_as_sent=("+39 347 1234567",)), True),
        (ChosenContacts(search="straße"), contact(last_name="STRASSE"), True),
        (ChosenContacts(segments=(Key(C, "a"),)), contact(segment_refs=(SegmentRef("a", None),)), True),
        (ChosenContacts(segments=(Key(C, "a"),)), contact(segment_refs=(SegmentRef("b", None),)), False),
        (ChosenContacts(segments=(Key(C, "a"),)), contact(segment_refs=None), True),
        (ChosenContacts(segments=(Key(R, "a"),)), contact(segment_refs=(SegmentRef("a", None),)), False),
        (ChosenContacts(locations=(Key(C, "l"),)), contact(location_ref=LocationRef("l", None)), True),
        (ChosenContacts(locations=(Key(C, "l"),)), contact(), False),
        (ChosenContacts(updated_from=Instant("2026-01-01T00:00:00")), contact(), False),
        (
            ChosenContacts(updated_from=Instant("2026-01-01T00:00:00")),
            contact(updated_at=Instant("2026-01-01T00:00:00")),
            True,
        ),
        (
            ChosenContacts(updated_to=Instant("2026-01-01T00:00:00")),
            contact(updated_at=Instant("2026-01-01T00:00:00")),
            False,
        ),
        (ChosenContacts(created_to=Instant("2026-01-01T00:00:00.5")), contact(), True),
        (ChosenContacts(created_from=Instant("2026-01-01T00:00:00.5")), contact(), False),
    ],
)
def test_contacts_are_kept(chosen: ChosenContacts, record: Any, kept: bool) -> None:
    keep = chosen.keep("IT")
    assert keep is not None
    assert keep(record) is kept


def test_events_are_kept() -> None:
    at, later = Instant("2024-01-01T00:00:00"), Instant("2024-01-01T00:00:00.001")
    place = LocationRef("l", None)
    event = SimpleNamespace(type=EventType.VISIT, contact_source_id="c", location_ref=place, occurred_at=at)
    for chosen, kept in [
        (ChosenEvents(types=frozenset({EventType.VISIT})), True),
        (ChosenEvents(types=frozenset({EventType.LOGIN})), False),
        (ChosenEvents(contact=Key(C, "c")), True),
        (ChosenEvents(contact=Key(C, "d")), False),
        (ChosenEvents(location=Key(C, "l")), True),
        (ChosenEvents(location=Key(C, "m")), False),
        (ChosenEvents(types=frozenset({EventType.VISIT}), location=Key(C, "m")), False),
        (ChosenEvents(since=at), True),
        (ChosenEvents(since=later), False),
        (ChosenEvents(until=later), True),
        (ChosenEvents(until=at), False),
    ]:
        keep = chosen.keep()
        assert keep is not None
        assert keep(event) is kept  # type: ignore[arg-type]


def test_lists_are_kept() -> None:
    a_segment = SimpleNamespace(kind=SegmentKind.DYNAMIC, name="Regulars", description="Come weekly")
    for only, kept in [
        (SegmentFilter(search="WEEK"), True),
        (SegmentFilter(search="month"), False),
        (SegmentFilter(kinds=[SegmentKind.TAG]), False),
    ]:
        keep = choose_segments(only, LIMITS).keep()
        assert keep is not None
        assert keep(a_segment) is kept  # type: ignore[arg-type]
    address = SimpleNamespace(street="Via Roma 1", city="Pisa", state=None, postal_code="56100", country="IT")
    place = SimpleNamespace(name="Shop", external_id="X-1", tags=("outlet",), address=address)
    for wanted, kept in [
        (LocationFilter(search="pisa"), True),
        (LocationFilter(search="x-1"), True),
        (LocationFilter(search="milan"), False),
        (LocationFilter(tags=["outlet", "other"]), True),
        (LocationFilter(tags=["other"]), False),
    ]:
        keep_ = choose_locations(wanted, LIMITS).keep()
        assert keep_ is not None
        assert keep_(place) is kept  # type: ignore[arg-type]


def test_a_blank_search_filters_nothing() -> None:
    assert choose_segments(SegmentFilter(search="  "), LIMITS).keep() is None


def test_a_binding_tells_filters_apart() -> None:
    texts = {
        binding(field, None, chosen, order)
        for field in ("Query.events", "Contact.events")
        for chosen in (
            ChosenEvents(),
            ChosenEvents(types=frozenset({EventType.VISIT})),
            ChosenEvents(since=Instant("2026-01-01T00:00:00")),
            ChosenEvents(until=Instant("2026-01-01T00:00:00")),
            ChosenEvents(contact=Key(C, "a")),
            ChosenEvents(location=Key(C, "a")),
            ChosenEvents(sources=(C,)),
        )
        for order in ("ASC", "DESC")
    }
    assert len(texts) == 28


@pytest.mark.parametrize(
    ("field", "parent", "chosen", "order", "text"),
    [
        (
            "Contact.events",
            GlobalId(Entity.CONTACT, C, "a"),
            ChosenEvents(
                sources=(C, R),
                types=frozenset({EventType.VISIT, EventType.LOGIN}),
                until=Instant("2026-01-01T00:00:00"),
                location=Key(C, "l"),
            ),
            "OCCURRED_AT DESC",
            '["Contact.events",["c","CLOUD4WI","a"],{"location":["CLOUD4WI","l"],"sources":["CLOUD4WI","RECHAT"],'
            '"types":["LOGIN","VISIT"],"until":"2026-01-01T00:00:00"},"OCCURRED_AT DESC"]',
        ),
        (
            "Query.contacts",
            None,
            ChosenContacts(segments=(Key(C, "s"),), has_email=False, search="rossi"),
            "CREATED_AT ASC",
            '["Query.contacts",null,{"has_email":false,"search":"rossi","segments":[["CLOUD4WI","s"]]},'
            '"CREATED_AT ASC"]',
        ),
    ],
)
def test_a_binding_stays_as_it_was(
    field: str, parent: GlobalId | None, chosen: ChosenEvents | ChosenContacts, order: str, text: str
) -> None:
    """Cursors that clients hold are bound to it: another text would end every walk."""
    assert binding(field, parent, chosen, order) == text

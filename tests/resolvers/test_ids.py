"""Global ids: what goes in comes out, and nothing else is an id."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.errors import InvalidId
from resolvers.ids import GlobalId, node_id, node_ids, parse_id, parse_id_of, require_on, simple_id
from upstreams.records import Entity, Source

KEYS = st.text(min_size=1, max_size=60)
SIMPLE_ENTITIES = [Entity.CONTACT, Entity.SEGMENT, Entity.LOCATION]
SIMPLE = st.sampled_from(SIMPLE_ENTITIES)
INSTANTS = st.builds(
    lambda moment, fraction: moment.isoformat(timespec="seconds") + fraction,
    st.datetimes(),
    st.sampled_from(["", ".5", ".123456", ".1234567"]),
)


@given(SIMPLE, st.sampled_from(Source), KEYS)
def test_a_simple_id_comes_back(entity: Entity, source: Source, key: str) -> None:
    assert parse_id(simple_id(entity, source, key)) == GlobalId(entity, source, key)


def test_an_id_of_any_length_comes_back_and_a_long_one_is_not_kept() -> None:
    for key in ("a", "a" * 100, "a" * 10_000):
        texts = [simple_id(Entity.CONTACT, Source.CLOUD4WI, key) for _ in range(2)]
        first, again = (parse_id(text) for text in texts)
        assert first == again == GlobalId(Entity.CONTACT, Source.CLOUD4WI, key)
        assert (first is again) is (texts[0] is texts[1]) is (len(key) <= 100)


@given(st.sampled_from(Source), KEYS, st.none() | KEYS, INSTANTS)
def test_an_event_id_comes_back_with_what_is_needed_to_find_it(
    source: Source, key: str, contact: str | None, at: str
) -> None:
    event = SimpleNamespace(
        entity=Entity.EVENT, source=source, source_id=key, contact_source_id=contact, occurred_at=at
    )
    assert parse_id(node_id(event)) == GlobalId(Entity.EVENT, source, key, contact, at)


@given(st.lists(st.tuples(st.sampled_from([*SIMPLE_ENTITIES, Entity.EVENT]), st.sampled_from(Source), KEYS)))
def test_many_ids_are_those_of_each(named: list[tuple[Entity, Source, str]]) -> None:
    records = [
        SimpleNamespace(entity=entity, source=source, source_id=key, contact_source_id=None, occurred_at=key)
        for entity, source, key in named
    ]
    assert node_ids(records) == [node_id(record) for record in records]


@given(KEYS, st.integers(min_value=0), st.integers(min_value=1, max_value=63))
def test_an_id_with_one_character_changed_is_refused(key: str, where: int, by: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    text = simple_id(Entity.CONTACT, Source.CLOUD4WI, key)
    where %= len(text)
    changed = text[:where] + alphabet[(alphabet.index(text[where]) + by) % 64] + text[where + 1 :]
    with pytest.raises(InvalidId):
        parse_id(changed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "null",
        "Contact:1",
        "f4c6be2cebc56bf4b8a16a2d463d5b60",
        simple_id(Entity.CONTACT, Source.CLOUD4WI, "a") + "A",
        simple_id(Entity.CONTACT, Source.CLOUD4WI, "a") + "=",
        simple_id(Entity.CONTACT, Source.CLOUD4WI, "a")[:-1],
        simple_id(Entity.SEGMENT, Source.RECHAT, ""),
        " " + simple_id(Entity.CONTACT, Source.CLOUD4WI, "a"),
        "é",
        "\x00",
        "A" * 10_000,
    ],
)
def test_what_is_no_id_is_refused_with_a_short_message(text: str) -> None:
    with pytest.raises(InvalidId) as refused:
        parse_id(text)
    assert "not an id of this API" in refused.value.message
    assert len(refused.value.message) < 150


def test_the_alternative_base64_alphabet_is_refused() -> None:
    text = next(text for n in range(1000) if "_" in (text := simple_id(Entity.CONTACT, Source.CLOUD4WI, str(n))))
    with pytest.raises(InvalidId):
        parse_id(text.replace("_", "/"))


@pytest.mark.parametrize("at", [None, "", "garbage", "2026-13-01T00:00:00"])
def test_an_event_id_without_a_time_is_refused(at: str | None) -> None:
    text = simple_id(Entity.SEGMENT, Source.CLOUD4WI, "a")
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert urlsafe_b64encode(raw).rstrip(b"=").decode() == text
    event = SimpleNamespace(
        entity=Entity.EVENT, source=Source.CLOUD4WI, source_id="a", contact_source_id=None, occurred_at=at
    )
    with pytest.raises(InvalidId):
        parse_id(node_id(event))


def test_an_id_of_another_type_is_refused_by_name() -> None:
    text = simple_id(Entity.SEGMENT, Source.CLOUD4WI, "a")
    with pytest.raises(InvalidId, match="names type Segment; an id of type Contact is needed here"):
        parse_id_of(text, Entity.CONTACT)


def test_an_id_of_a_source_that_is_off_is_refused() -> None:
    parsed = parse_id(simple_id(Entity.CONTACT, Source.RECHAT, "a"))
    with pytest.raises(InvalidId, match="RECHAT"):
        require_on(parsed, {Source.CLOUD4WI}, "…")

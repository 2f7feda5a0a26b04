"""How a person grows: cases, and against a plain search of all contacts at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.people.growth import MOST_CONTACTS, MOST_KEYS, MOST_ROUNDS, Evidence, Growth, Member, Place
from resolvers.people.rules import Name, Traits, is_shared, matched_by
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.records import Source

EMAIL, PHONE = MatchKey.EMAIL, MatchKey.PHONE
SOURCES = list(Source)


def contact(number: int, *keys: str, name: str = "ivan rossi", source: Source = Source.CLOUD4WI) -> Member[None]:
    """A contact whose keys are phones where they begin with a plus."""
    first, _, last = name.partition(" ")
    known = frozenset(IdentityKey(PHONE if key[0] == "+" else EMAIL, key) for key in keys)
    return Member(source, f"{number:03}", Traits(Name(first, last), known), None)


def grow(seed: Member[None], everybody: Sequence[Member[None]]) -> tuple[Growth[None], list[list[IdentityKey]]]:
    """The person that a contact belongs to, and what each round asked."""
    growth, asked = Growth(seed), []
    while growth.growing:
        questions = growth.questions()
        asked.append(questions)
        growth.answer({key: [one for one in everybody if key in one.traits.keys] for key in questions})
    return growth, asked


def ids(growth: Growth[None]) -> list[str]:
    return [member.id for member in growth.contacts()]


def test_a_contact_without_keys_is_a_person_of_one_and_asks_nothing() -> None:
    growth, asked = grow(contact(1), [contact(1), contact(2)])
    assert (ids(growth), asked, growth.truncated, growth.evidence()) == (["001"], [[]], False, [])


def test_a_round_asks_all_new_keys_at_once_and_each_key_once() -> None:
    everybody = [contact(1, "a", "b"), contact(2, "b", "c"), contact(3, "a", "d"), contact(4, "c", "d")]
    growth, asked = grow(everybody[0], everybody)
    assert ids(growth) == ["001", "002", "003", "004"]
    assert [[key.value for key in keys] for keys in asked] == [["a", "b"], ["c", "d"], []]


def test_an_initial_links_two_who_are_not_linked_to_each_other() -> None:
    everybody = [contact(n, "+1", name=name) for n, name in enumerate(["ivan rossi", "i rossi", "ida rossi"])]
    growth, asked = grow(everybody[0], everybody)
    assert ids(growth) == ["000", "001", "002"]
    assert [len(keys) for keys in asked] == [1, 0, 0]


def test_family_and_office_phones_link_nobody_with_another_name() -> None:
    everybody = [contact(1, "+1", "a"), contact(2, "+1", "b", name="eva rossi"), contact(3, "+1", name="ivan ")]
    assert [ids(grow(one, everybody)[0]) for one in everybody] == [["001"], ["002"], ["003"]]


def test_a_shared_key_links_nobody_but_another_key_does() -> None:
    everybody = [contact(n, "office", name=f"n{n} rossi") for n in range(11)]
    everybody.append(contact(11, "office", "own", name="n0 rossi"))
    everybody.append(contact(12, "own", name="n0 rossi"))
    growth, _ = grow(everybody[12], everybody)
    assert ids(growth) == ["011", "012"]
    assert ids(grow(everybody[0], everybody)[0]) == ["000"]


def test_a_key_of_many_contacts_of_one_name_links_them() -> None:
    everybody = [contact(n, "a", name="ivan rossi" if n % 2 else "i rossi") for n in range(20)]
    growth, _ = grow(everybody[3], everybody)
    assert len(ids(growth)) == 20
    assert not growth.truncated


def test_links_are_followed_for_a_few_rounds() -> None:
    chain = [contact(n, f"k{n}", f"k{n + 1}") for n in range(MOST_ROUNDS + 3)]
    growth, asked = grow(chain[0], chain)
    assert len(ids(growth)) == MOST_ROUNDS + 1
    assert len(asked) == MOST_ROUNDS
    assert growth.truncated
    exact = [contact(n, *(f"k{m}" for m in (n, n + 1) if 0 < m <= MOST_ROUNDS)) for n in range(MOST_ROUNDS + 1)]
    whole, _ = grow(exact[0], exact)
    assert len(ids(whole)) == MOST_ROUNDS + 1
    assert not whole.truncated


def test_a_chain_that_only_a_known_key_would_carry_on_is_cut_too() -> None:
    names = ["a rossi", "ab rossi", "a rossi"]
    everybody = [contact(0, "k0"), *(contact(n, f"k{n - 1}", f"k{n}") for n in range(1, MOST_ROUNDS))]
    last = everybody[-1]
    tail = [
        contact(10 + n, "+1", *(["k3"] if n == 0 else []), name=name) for n, name in enumerate(["ivan rossi", *names])
    ]
    growth, _ = grow(everybody[0], [*everybody, *tail])
    assert last.place in growth.members
    assert growth.truncated


def test_a_person_has_a_bounded_number_of_contacts() -> None:
    everybody = [contact(n, "a") for n in range(MOST_CONTACTS + 5)]
    growth, asked = grow(everybody[-1], everybody)
    assert growth.truncated
    assert ids(growth) == [*(f"{n:03}" for n in range(MOST_CONTACTS - 1)), everybody[-1].id]
    assert len(asked) == 1
    whole, _ = grow(everybody[0], everybody[:MOST_CONTACTS])
    assert len(ids(whole)) == MOST_CONTACTS
    assert not whole.truncated


def test_a_person_asks_for_a_bounded_number_of_keys() -> None:
    many = [f"k{n:03}" for n in range(MOST_KEYS + 5)]
    growth, asked = grow(contact(1, *many), [contact(1, *many), contact(2, many[0]), contact(3, many[-1])])
    assert [len(keys) for keys in asked] == [MOST_KEYS]
    assert ids(growth) == ["001", "002"]
    assert growth.truncated
    whole, _ = grow(contact(1, *many[:MOST_KEYS]), [contact(1, *many[:MOST_KEYS]), contact(2, many[0])])
    assert not whole.truncated


def test_who_does_not_have_the_key_is_left_out() -> None:
    seed = contact(1, "a")
    growth = Growth(seed)
    growth.answer({key: [contact(2, "b"), contact(3, "a")] for key in growth.questions()})
    assert ids(growth) == ["001", "003"]


def test_the_evidence_is_told_from_the_first_contact_on() -> None:
    everybody = [
        contact(5, "a", source=Source.RECHAT),
        contact(7, "a", "+1", name="i rossi"),
        contact(3, "+1", "b", source=Source.ACQUIRE),
        contact(4, "b", "+1", source=Source.ACQUIRE),
    ]
    expected = [
        Evidence(Place(1, "005"), (EMAIL,), 0.97),
        Evidence(Place(2, "003"), (PHONE,), 0.75),
        Evidence(Place(2, "004"), (EMAIL, PHONE), 0.99),
    ]
    for seed in everybody:
        growth, _ = grow(seed, everybody)
        assert [member.place for member in growth.contacts()] == [Place(0, "007"), *(one.place for one in expected)]
        assert growth.evidence() == expected


KEYS = st.lists(st.sampled_from(["a", "b", "c", "d", "+1", "+2", "+3"]), max_size=3)
PEOPLE = ["ivan rossi", "i rossi", "ida rossi", "eva bianchi", "ivan ", " "]


@st.composite
def crowds(draw: st.DrawFn) -> list[Member[None]]:
    rows = draw(st.lists(st.tuples(KEYS, st.sampled_from(PEOPLE), st.sampled_from(SOURCES)), min_size=1, max_size=24))
    return [contact(n, *keys, name=name, source=source) for n, (keys, name, source) in enumerate(rows)]


def reachable(seed: Member[None], everybody: Sequence[Member[None]], steps: int) -> set[Place]:
    """Who is linked to the seed by so many steps, with every key and every pair looked at."""
    keys = {key for one in everybody for key in one.traits.keys}
    usable = frozenset(
        key for key in keys if not is_shared([one.traits.name for one in everybody if key in one.traits.keys])
    )
    linked = {
        (one.place, other.place)
        for left, right in combinations(everybody, 2)
        if matched_by(left.traits, right.traits, usable)
        for one, other in ((left, right), (right, left))
    }
    found = {seed.place}
    for _ in range(steps):
        found |= {to for start, to in linked if start in found}
    return found


@given(crowds())
def test_a_person_is_all_who_are_linked(everybody: list[Member[None]]) -> None:
    for seed in everybody:
        growth, asked = grow(seed, everybody)
        assert set(growth.members) == reachable(seed, everybody, MOST_ROUNDS)
        assert len(asked) <= MOST_ROUNDS
        flat = [key for keys in asked for key in keys]
        assert len(flat) == len(set(flat))
        if not growth.truncated:
            assert set(growth.members) == reachable(seed, everybody, len(everybody))


@given(crowds())
def test_a_person_is_the_same_whoever_is_asked_for(everybody: list[Member[None]]) -> None:
    for seed in everybody:
        growth, _ = grow(seed, everybody)
        if growth.truncated:
            continue
        for place, member in growth.members.items():
            other, _ = grow(member, everybody[::-1])
            if other.truncated:
                continue
            assert ids(other) == ids(growth), place
            assert [one._replace(confidence=0) for one in other.evidence()] == [
                one._replace(confidence=0) for one in growth.evidence()
            ]


@given(crowds())
def test_everybody_but_the_first_is_there_for_a_reason(everybody: list[Member[None]]) -> None:
    for seed in everybody:
        growth, _ = grow(seed, everybody)
        first, *others = growth.contacts()
        evidence = growth.evidence()
        assert {one.place for one in evidence} == {member.place for member in others}
        assert first.place not in {one.place for one in evidence}
        assert all(one.matched_by and 0 < one.confidence <= 1 for one in evidence)


@pytest.mark.parametrize("count", [2, 5])
def test_places_go_by_source_then_id(count: int) -> None:
    members = [contact(9 - n, "a", source=SOURCES[n % 3]) for n in range(count)]
    growth, _ = grow(members[0], members)
    places = [member.place for member in growth.contacts()]
    assert all(one < other for one, other in pairwise(places))

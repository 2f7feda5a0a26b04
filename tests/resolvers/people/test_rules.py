"""When two contacts are one person: a table of cases, and what must hold for any."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.people.rules import (
    MOST_HOLDERS,
    Name,
    Traits,
    compatible,
    confidence,
    email_key,
    fold,
    is_shared,
    keys_of,
    matched_by,
    name_of,
    phone_key,
    traits_of,
)
from tests.resolvers.people.records import Record
from upstreams.identity.keys import IdentityKey, MatchKey

EMAIL, PHONE = MatchKey.EMAIL, MatchKey.PHONE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ivan@Example.org", "ivan@example.org"),
        ("  ivan@example.org\t", "ivan@example.org"),
        ("JÜRGEN@example.org", "jürgen@example.org"),
        ("Ju\u0308rgen@example.org", "jürgen@example.org"),
        ("ivan+wifi@example.org", "ivan+wifi@example.org"),
        ("", None),
        ("n/a", None),
        ("none@none.com", None),
        ("noemail@example.org", None),
        ("ivan.example.org", None),
        (None, None),
    ],
)
def test_the_key_of_an_email(text: str | None, value: str | None) -> None:
    assert email_key(text) == (None if value is None else IdentityKey(EMAIL, value))


@pytest.mark.parametrize(
    ("text", "region", "value"),
    [
        ("+39 328 123 4567", None, "+393281234567"),
        ("328 1234567", "IT", "+393281234567"),
        ("0039 328 1234567", "IT", "+393281234567"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("2125550123", "US", "+12125550123"),
        ("+1 (212) 555-0123", "IT", "+12125550123"),
        ("011 39 328 1234567", "US", "+393281234567"),
        ("07400 123456", "GB", "+447400123456"),
        ("+44 (0)7400 123456", "DE", "+447400123456"),
        ("+12125550123", None, "+12125550123"),
        ("328 1234567", None, None),
        ("", "IT", None),
        ("n/a", "IT", None),
        ("0000000000", "US", None),
        ("+1 000 000 0000", None, None),
        ("+15555555555", None, None),
        ("1234567890", "US", None),
        ("+39 12345678", None, None),
        ("9876543210", "US", None),
        ("+39 328 7654321", None, "+393287654321"),
        ("123", "US", None),
    ],
)
def test_the_key_of_a_phone(text: str, region: str | None, value: str | None) -> None:
    assert phone_key(text, region) == (None if value is None else IdentityKey(PHONE, value))


def test_the_region_of_a_number_is_that_of_its_record_then_the_default() -> None:
    number = ("0664 123456",)
    assert keys_of(Record(phones_as_sent=number, country_as_sent="AT"), "US") == {IdentityKey(PHONE, "+43664123456")}
    assert keys_of(Record(phones_as_sent=number), "AT") == {IdentityKey(PHONE, "+43664123456")}
    assert keys_of(Record(phones_as_sent=number), None) == frozenset()


def test_the_keys_of_a_record_are_all_that_is_usable_in_it() -> None:
    record = Record(emails_as_sent=("A@x.org", "a@X.org", "n/a"), phones_as_sent=("+393281234567", "none"))
    assert keys_of(record, None) == {IdentityKey(EMAIL, "a@x.org"), IdentityKey(PHONE, "+393281234567")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jürgen", "JURGEN"),
        ("Groß", "GROSS"),
        ("Łukasz", "lukasz"),
        ("Jørgen", "Jorgen"),
        ("O'Connor", "O’CONNOR"),
        ("O'Connor", "OConnor"),
        ("Lo-Presti", "lo  presti"),
        ("Conceição", "Conceic\u0327a\u0303o"),
        ("İvan", "ivan"),
        (" J. ", "j"),
        ("Œuvrard", "oeuvrard"),
    ],
)
def test_spellings_of_a_name_fold_to_one(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(("one", "other"), [("か", "が"), ("Müller", "Mueller"), ("Rossi", "Rosso"), ("陽菜", "美咲")])
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("Ivan", "Muccini"), ("ivan", "MUCCINI"), True),
        (("I.", "Muccini"), ("Ivan", "Muccini"), True),
        (("I", "Muccini"), ("i.", "Muccini"), True),
        (("J", "Muccini"), ("Ivan", "Muccini"), False),
        (("Iv", "Muccini"), ("Ivan", "Muccini"), False),
        (("Ivan", "Muccini"), ("Ivan", "Rossi"), False),
        (("Ivan", "Muccini"), ("Luca", "Muccini"), False),
        (("Muccini", "Ivan"), ("Ivan", "Muccini"), False),
        (("Ivan", None), ("Ivan", None), False),
        (("Ivan", None), ("Ivan", "Muccini"), False),
        ((None, "Muccini"), (None, "Muccini"), False),
        ((None, "Muccini"), ("Ivan", "Muccini"), False),
        ((None, None), (None, None), False),
        (("Ivan", "-"), ("Ivan", "-"), False),
        (("É.", "Noël"), ("Étienne", "Noel"), True),
    ],
)
def test_which_names_are_compatible(
    one: tuple[str | None, str | None], other: tuple[str | None, str | None], expected: bool
) -> None:
    left, right = Name(fold(one[0]), fold(one[1])), Name(fold(other[0]), fold(other[1]))
    assert compatible(left, right) is compatible(right, left) is expected


@pytest.mark.parametrize(
    ("whole", "other", "expected"),
    [
        ("Matteo Lo Presti", Name("matteo", "lo presti"), True),
        ("M. Lo Presti", Name("matteo", "lo presti"), True),
        ("Maria Sole Rossi", Name("maria sole", "rossi"), True),
        ("Matteo Presti", Name("matteo", "lo presti"), False),
        ("Presti Matteo", Name("matteo", "presti"), False),
        ("Matteo", Name("matteo", ""), False),
        ("", Name("", ""), False),
        (None, Name("matteo", "lo presti"), False),
    ],
)
def test_a_name_in_one_piece_may_be_split_anywhere(whole: str | None, other: Name, expected: bool) -> None:
    name = name_of(Whole(whole))
    assert compatible(name, other) is compatible(other, name) is expected
    assert compatible(name, name) is (" " in (whole or ""))


class Whole(Record):
    """A contact of a source that keeps one name."""

    def __init__(self, whole: str | None) -> None:
        super().__init__()
        self.__dict__["whole_name"] = whole


def person(first: str | None, last: str | None, email: str | None = None, phone: str | None = None) -> Traits:
    return traits_of(
        Record(
            first_name=first,
            last_name=last,
            emails_as_sent=(email,) if email else (),
            phones_as_sent=(phone,) if phone else (),
        ),
        "IT",
    )


@pytest.mark.parametrize(
    ("one", "other", "keys", "sure"),
    [
        (person("Ivan", "Muccini", "i@x.org"), person("Ivan", "Muccini", "I@X.org"), {EMAIL}, 0.97),
        (person("Ivan", None, "i@x.org"), person("Ivan", "Muccini", "i@x.org"), {EMAIL}, 0.9),
        (person("Ivan", "Muccini", "i@x.org"), person("Eva", "Rossi", "i@x.org"), {EMAIL}, 0.8),
        (person("Ivan", "Muccini", None, "3281234567"), person("IVAN", "Muccini", None, "+393281234567"), {PHONE}, 0.9),
        (person("I.", "Muccini", None, "3281234567"), person("Ivan", "Muccini", None, "328 1234567"), {PHONE}, 0.75),
        (
            person("Ivan", "Muccini", "i@x.org", "3281234567"),
            person("Ivan", "Muccini", "i@x.org", "3281234567"),
            {EMAIL, PHONE},
            0.99,
        ),
        (
            person("Ivan", "Muccini", "i@x.org", "3281234567"),
            person("Eva", "Muccini", "i@x.org", "3281234567"),
            {EMAIL},
            0.8,
        ),
        (person("Ivan", "Muccini", "i@x.org", "3281234567"), person("Eva", "Rossi", "e@x.org", "3281234567"), {}, 0.0),
        (person("Ivan", None, None, "3281234567"), person("Ivan", None, None, "3281234567"), {}, 0.0),
        (person("Ivan", "Muccini"), person("Ivan", "Muccini"), {}, 0.0),
        (person("Ivan", "Muccini", "n/a", "0000000"), person("Ivan", "Muccini", "n/a", "0000000"), {}, 0.0),
    ],
)
def test_by_what_two_contacts_are_one_person(one: Traits, other: Traits, keys: set[MatchKey], sure: float) -> None:
    usable = one.keys | other.keys
    found = matched_by(one, other, usable)
    assert found == matched_by(other, one, usable) == frozenset(keys)
    assert confidence(one, other, found) == confidence(other, one, found) == sure
    assert matched_by(one, other, frozenset()) == frozenset()


IVAN, INITIAL, EVA, NOBODY = Name("ivan", "rossi"), Name("i", "rossi"), Name("eva", "bianchi"), Name("", "")


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        ([IVAN] * 50, False),
        ([IVAN, INITIAL] * 20, False),
        ([IVAN] * (MOST_HOLDERS - 1) + [EVA], False),
        ([IVAN] * MOST_HOLDERS + [EVA], True),
        ([IVAN] * MOST_HOLDERS + [NOBODY], True),
        ([NOBODY] * MOST_HOLDERS, False),
        ([NOBODY] * (MOST_HOLDERS + 1), True),
        ([IVAN, INITIAL, Name("ida", "rossi")] * 4, True),
    ],
)
def test_which_keys_are_shared(names: list[Name], shared: bool) -> None:
    assert is_shared(names) is shared


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_folding_does_not_see_case_nor_how_accents_are_written(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold(text.upper().lower()) == fold(text.upper())


PARTS = st.sampled_from(["", "i", "ivan", "ida", "rossi", "r"])
NAMES = st.builds(Name, PARTS, PARTS)


@given(NAMES, NAMES)
def test_compatibility_is_mutual(one: Name, other: Name) -> None:
    assert compatible(one, other) is compatible(other, one)
    assert compatible(one, one) is bool(one.first and one.last)


@given(st.lists(NAMES, max_size=14), st.randoms(use_true_random=False))
def test_sharing_does_not_depend_on_the_order(names: list[Name], random: object) -> None:
    shuffled = list(names)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert is_shared(shuffled) is is_shared(names)


@pytest.mark.parametrize("text", ["someone@example.org", "+393281234567"])
def test_a_key_does_not_show_its_value(text: str) -> None:
    key = email_key(text) or phone_key(text, None)
    assert text not in repr(key)
    assert text not in f"{[key]}"

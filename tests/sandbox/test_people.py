"""Who is in which services, and that the labels say what the published rules say of the records as they are sent."""

from __future__ import annotations

from collections import defaultdict

import pytest

from sandbox.people import persons
from sandbox.population import spellings
from tests.conftest import StartSandbox
from tests.sandbox.rules import groups

KINDS = {
    "accents",
    "chain over three sources",
    "duplicate in one source",
    "email case and spacing",
    "family phone",
    "initials",
    "junk",
    "many records of one person",
    "missing name",
    "phone spelling",
    "plain",
    "recycled number",
    "shared office phone",
    "shared role address",
    "swapped name",
}
APART = {"family phone", "junk", "recycled number", "shared office phone", "shared role address"}


@pytest.mark.parametrize("seed", [7, 8])
async def test_labels_are_what_the_rules_say(start_sandbox: StartSandbox, seed: int) -> None:
    box = await start_sandbox(contacts=2000, events=0, seed=seed, rechat_events=0, acquire_cases=0)
    group, people = groups(box), box.people
    wrong = [
        pair
        for pairs in people.pairs.values()
        for pair in pairs
        if (group[pair.left] == group[pair.right]) is not pair.linkable
    ]
    assert wrong == []
    together: dict[object, set[str | None]] = defaultdict(set)
    for key, first in group.items():
        together[first].add(people.person(*key))
    assert [owners for owners in together.values() if len(owners) > 1] == []


async def test_every_class_has_thirty_pairs_and_one_person_in_eight_is_known_twice(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(contacts=2000, events=0)
    counts = box.people.counts()
    assert counts.keys() == KINDS
    assert min(number for number, _ in counts.values()) >= 30
    assert {kind for kind, (_, linkable) in counts.items() if not linkable} == APART
    for pairs in box.people.pairs.values():
        assert all(pair.same is (box.people.person(*pair.left) == box.people.person(*pair.right)) for pair in pairs)
        assert all(pair.same or not pair.linkable for pair in pairs)
    known = [{source for source, _ in keys} for keys in box.people.by_person().values()]
    several = [sources for sources in known if len(sources) > 1]
    assert 0.11 < len(several) / len(known) < 0.14
    assert sum(len(sources) == 3 for sources in several) >= 30
    (person,) = {box.people.person(*pair.left) for pair in box.people.pairs["many records of one person"]}
    assert person is not None
    assert len(box.people.records(person)) == 12


async def test_every_pair_of_one_persons_records_is_labelled_once(start_sandbox: StartSandbox) -> None:
    box = await start_sandbox(contacts=2000, events=0)
    labelled = [
        frozenset((pair.left, pair.right)) for pairs in box.people.pairs.values() for pair in pairs if pair.same
    ]
    expected = [
        frozenset((left, right))
        for keys in box.people.by_person().values()
        for place, left in enumerate(keys)
        for right in keys[place + 1 :]
    ]
    assert sorted(map(sorted, labelled)) == sorted(map(sorted, expected))


async def test_numbers_are_as_asked_for_or_follow_cloud4wis(start_sandbox: StartSandbox) -> None:
    small = await start_sandbox()
    assert (len(small.rechat.contacts()), len(small.acquire.contacts()), len(small.acquire.cases())) == (60, 50, 40)
    assert len(small.rechat.data.events) == 240
    assert sum(len(pairs) for pairs in small.people.pairs.values()) > 100
    asked = await start_sandbox(rechat_contacts=7, acquire_contacts=3, rechat_events=5, acquire_cases=2)
    assert (len(asked.rechat.contacts()), len(asked.acquire.contacts()), len(asked.acquire.cases())) == (7, 3, 2)
    assert len(asked.rechat.data.events) == 5
    none = await start_sandbox(contacts=0, events=0, rechat_contacts=0, acquire_contacts=0)
    assert (none.rechat.contacts(), none.acquire.contacts(), none.people.counts()) == ([], [], {})
    alone = await start_sandbox(contacts=0, events=0, examples=False, rechat_contacts=30, acquire_contacts=30)
    assert (len(alone.rechat.contacts()), len(alone.acquire.contacts())) == (30, 30)


async def test_the_same_seed_is_the_same_data_and_cloud4wi_pays_nothing(start_sandbox: StartSandbox) -> None:
    one, two, other = [await start_sandbox(seed=seed) for seed in (3, 3, 4)]
    assert "_cast" not in vars(one)  # nothing was made yet
    assert one.cloud4wi.contacts() == two.cloud4wi.contacts()
    assert "_cast" not in vars(one)
    assert one.rechat.contacts() == two.rechat.contacts() != other.rechat.contacts()
    assert one.acquire.contacts() == two.acquire.contacts() != other.acquire.contacts()
    assert one.rechat.events() == two.rechat.events()
    assert one.people.pairs == two.people.pairs
    assert one.rechat_brand == two.rechat_brand
    assert one.acquire_key == two.acquire_key


async def test_the_cast_does_not_depend_on_what_happened_before(start_sandbox: StartSandbox) -> None:
    changed, untouched = [await start_sandbox() for _ in range(2)]
    for contact in changed.cloud4wi.contacts()[50:100]:
        changed.cloud4wi.replace_contact({**contact, "email": "changed@example.com"})
    changed.cloud4wi.delete_contact(*[contact["cid"] for contact in changed.cloud4wi.contacts()[:40]])
    assert changed.people.pairs == untouched.people.pairs
    assert changed.rechat.contacts() == untouched.rechat.contacts()


@pytest.mark.parametrize(
    ("name", "plain", "two_letters"),
    [
        ("José", "Jose", "José"),
        ("Groß", "Gross", "Groß"),
        ("Änne", "Anne", "Aenne"),
        ("D'Angelo", "D'Angelo", "D'Angelo"),
        ("De Luca", "De Luca", "De Luca"),
        ("陽菜", "陽菜", "陽菜"),
        ("Ōno", "Ono", "Ōno"),
        ("Íñigo", "Inigo", "Íñigo"),
    ],
)
def test_names_without_accents(name: str, plain: str, two_letters: str) -> None:
    assert spellings.unaccented(name) == plain
    assert spellings.transliterated(name) == two_letters


def test_a_longer_list_of_persons_begins_with_the_shorter() -> None:
    assert persons(5, 300)[:40] == persons(5, 40)

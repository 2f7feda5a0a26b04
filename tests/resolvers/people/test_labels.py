"""How well people are found: every labelled pair of the sandbox, whose generator knows nothing of the matcher."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest

from resolvers.loaders import Key
from resolvers.people.person import PersonRecord
from tests.conftest import StartSandbox
from tests.resolvers.people.settings import services
from upstreams.records import Source

FEWEST_PAIRS = 30
RECALL = 0.98
CLASSES = {
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
MISSED: set[str] = set()
"""Classes with pairs that the rules can link and the matcher misses; each has its reason in docs/people.md."""


DOCUMENT = Path(__file__).parents[3] / "docs" / "people.md"
HEAD = "| class | pairs | linkable | linked | linked wrongly |"


class Score(NamedTuple):
    """What was found of the pairs of a class."""

    pairs: int
    linkable: int
    found: int
    wrong: int

    def row(self, kind: str) -> str:
        """The row of the table in docs/people.md."""
        return f"| {kind} | {self.pairs} | {self.linkable} | {self.found} | {self.wrong} |"


async def test_precision_and_recall(
    start_sandbox: StartSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box = await start_sandbox(contacts=2000, events=100)
    labels = box.people
    named = {source.value.lower(): source for source in Source}
    records = sorted(
        {record for pairs in labels.pairs.values() for pair in pairs for record in (pair.left, pair.right)}
    )
    async with services(box, tmp_path) as made:
        assert made.indexer is not None
        for source in made.sources:
            await made.indexer.bring_up_to_date(source)
        context = made.request()
        loads = [context.people.person_by_contact.load(Key(named[source], id)) for source, id in records]
        people: dict[tuple[str, str], PersonRecord] = {}
        for record, person in zip(records, await asyncio.gather(*loads), strict=True):
            assert person is not None, record
            assert (list(person.incomplete_sources), person.failures, person.truncated) == ([], [], False), record
            people[record] = person
        context.close()

    linked = {
        record: {(contact.source.value.lower(), contact.source_id) for contact in person.contacts}
        for record, person in people.items()
    }
    scores: dict[str, Score] = {}
    missed: list[tuple[str, object, object]] = []
    for kind, pairs in labels.pairs.items():
        hits = [pair for pair in pairs if pair.right in linked[pair.left]]
        linkable = [pair for pair in pairs if pair.linkable]
        missed += [(kind, pair.left, pair.right) for pair in linkable if pair not in hits]
        wrong = sum(not pair.same for pair in hits)
        scores[kind] = Score(len(pairs), len(linkable), sum(pair.linkable for pair in hits), wrong)
    rows = [score.row(kind) for kind, score in scores.items()]
    with capsys.disabled():
        print("", HEAD, *rows, sep="\n")

    told = DOCUMENT.read_text().partition(f"{HEAD}\n")[2].split("\n\n")[0].splitlines()[1:]
    assert told == rows, "docs/people.md says otherwise"
    assert scores.keys() == CLASSES
    assert {kind for kind, score in scores.items() if score.pairs < FEWEST_PAIRS} == set()
    strangers = [
        (record, other)
        for record, others in linked.items()
        for other in others
        if labels.person(*record) != labels.person(*other)
    ]
    assert strangers == [], "precision is 1.0"
    found, of = sum(score.found for score in scores.values()), sum(score.linkable for score in scores.values())
    assert found / of >= RECALL, missed
    assert {kind for kind, _, _ in missed} == MISSED, missed
    # Whoever of its contacts is asked for, a person is the same.
    assert all(linked[other] == others for others in linked.values() for other in others if other in linked)

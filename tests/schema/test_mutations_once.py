"""A change is made once: under a key, at once, after a restart, when an answer is lost, when a client leaves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.app import Sandbox
from tests.schema.harness import Answer, Api
from tests.schema.writing import change, contact_id, refusals, writer
from upstreams.ledger import Held, Ledger, LedgerUnavailable
from upstreams.records import Source

R, A = Source.RECHAT, Source.ACQUIRE
ADA = {"source": "RECHAT", "firstName": "Ada", "emails": ["ada.once@example.com"], "clientMutationId": "first"}
CONTACT = "contact { id firstName }"


def named(box: Sandbox, email: str) -> int:
    return sum(email in (row["emails"] or ()) for row in box.rechat.contacts())


async def create(api: Api, **more: Any) -> Answer:
    return await change(api, "contactCreate", {**ADA, **more}, CONTACT)


async def test_the_same_key_does_the_work_once_also_after_a_restart(box: Sandbox, tmp_path: Path) -> None:
    async with writer(box, tmp_path) as api:
        first, second = await create(api), await create(api)
    async with writer(box, tmp_path) as api:
        third = await create(api)
    assert first["contactCreate.contact.firstName"] == "Ada"
    assert first.data == second.data == third.data
    assert first["contactCreate.clientMutationId"] == "first"
    assert named(box, "ada.once@example.com") == 1
    assert first.calls == {"attributeDefs": 1, "createContacts": 1}
    assert second.calls == third.calls == {"contactsFilter": 1}


async def test_without_a_key_or_with_another_it_is_done_again(box: Sandbox, tmp_path: Path) -> None:
    async with writer(box, tmp_path) as api:
        for key in (None, None, "a", "b"):
            assert refusals(await create(api, clientMutationId=key), "contactCreate") == []
    assert named(box, "ada.once@example.com") == 4


async def test_the_key_of_another_change_is_refused(box: Sandbox, tmp_path: Path) -> None:
    async with writer(box, tmp_path) as api:
        assert (await create(api)).errors == []
        other = await create(api, firstName="Eve")
        assert other.codes == ["BAD_USER_INPUT"]
        touched = await change(
            api, "contactTouch", {"id": contact_id(R, "x"), "days": 1, "clientMutationId": "first"}, CONTACT
        )
        assert touched.codes == ["BAD_USER_INPUT"]
        assert other.calls == touched.calls == {}
        assert (await create(api, clientMutationId=" ")).codes == ["BAD_USER_INPUT"]
        assert (await create(api, clientMutationId="x" * 201)).codes == ["BAD_USER_INPUT"]


async def test_keys_of_different_callers_are_different(box: Sandbox, tmp_path: Path) -> None:
    async with writer(box, tmp_path) as api:
        for caller in ("one", "two", "one"):
            assert (await api.query(*_text(ADA), caller=caller)).errors == []
    assert named(box, "ada.once@example.com") == 2


def _text(input: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "mutation ($input: ContactCreateInput!) { contactCreate(input: $input) { contact { id } } }", {
        "input": input
    }


class Watched:
    """A ledger that tells when it is asked for a key."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.asked = asyncio.Semaphore(0)

    async def hold(self, name: str) -> Held:
        self.asked.release()
        return await self._ledger.hold(name)


async def test_a_second_one_waits_for_the_first(box: Sandbox, tmp_path: Path) -> None:
    box.faults.add("rechat.createContacts", "hang", times=1)
    # Two gateways: two workers of one machine.
    async with writer(box, tmp_path) as api, writer(box, tmp_path) as other:
        watched = Watched(other.services.ledger)
        other.services = replace(other.services, ledger=watched)
        first = asyncio.create_task(create(api))
        await box.faults.until_hanging()
        later = [asyncio.create_task(create(other)) for _ in range(2)]
        await watched.asked.acquire()
        await watched.asked.acquire()
        assert not any(task.done() for task in later)
        box.faults.release()
        answers = [await task for task in (first, *later)]
    assert [answer.data for answer in answers] == [answers[0].data] * 3
    assert answers[0]["contactCreate.contact.firstName"] == "Ada"
    assert named(box, "ada.once@example.com") == 1
    assert len([call for call in box.calls if call.operation == "createContacts"]) == 1


async def test_a_user_error_is_the_first_answer_too(box: Sandbox, tmp_path: Path) -> None:
    async with writer(box, tmp_path) as api:
        first, second = await create(api, emails=[" "]), await create(api, emails=[" "])
    assert first.data == second.data
    assert refusals(second, "contactCreate") == [("emails.0", "INVALID")]
    assert second.calls == {}


@pytest.mark.parametrize("kind", ["reset_after", "broken_json", "truncated"])
async def test_a_lost_answer_is_never_sent_again(box: Sandbox, tmp_path: Path, kind: str) -> None:
    box.faults.add("rechat.createContacts", kind, times=1)
    async with writer(box, tmp_path) as api:
        lost, again = await create(api), await create(api)
        assert lost.data == {"contactCreate": None}
        assert lost.errors[0]["extensions"]["retryable"] is False
        assert lost.errors[0]["extensions"]["source"] == "RECHAT"
        assert "may have been made" in lost.errors[0]["message"]
        assert lost.calls["createContacts"] == 1
        assert again.codes == ["UPSTREAM_UNAVAILABLE"]
        assert again.errors[0]["extensions"]["retryable"] is False
        assert again.calls == {}
    async with writer(box, tmp_path) as api:
        assert (await create(api)).calls == {}
    assert named(box, "ada.once@example.com") == 1


@pytest.mark.parametrize(
    ("operation", "field", "input", "selection"),
    [
        ("acquire.createContact", "contactCreate", {"source": "ACQUIRE", "emails": ["x1@example.com"]}, CONTACT),
        ("acquire.createCompany", "companyCreate", {"name": "Once"}, "company { id }"),
        ("acquire.createTag", "tagCreate", {"source": "ACQUIRE", "name": "Once"}, "segment { id }"),
        ("rechat.createTag", "tagCreate", {"source": "RECHAT", "name": "Once"}, "segment { id }"),
        ("rechat.createList", "segmentCreate", {"source": "RECHAT", "name": "Once"}, "segment { id }"),
        (
            "rechat.createAttributeDef",
            "attributeDefinitionCreate",
            {"source": "RECHAT", "key": "once"},
            "definition { id }",
        ),
        ("rechat.importJson", "contactsImport", {"contacts": [{"firstName": "Once"}]}, "job { id }"),
    ],
)
async def test_no_write_is_repeated_blindly(
    box: Sandbox, tmp_path: Path, operation: str, field: str, input: dict[str, Any], selection: str
) -> None:
    box.faults.add(operation, "reset_after", times=1)
    async with writer(box, tmp_path) as api:
        answer = await change(api, field, input, selection)
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert answer.errors[0]["extensions"]["retryable"] is False
    assert len([call for call in box.calls if f"{call.service}.{call.operation}" == operation]) == 1


async def test_what_was_not_sent_may_be_repeated_with_the_same_key(box: Sandbox, tmp_path: Path) -> None:
    fault = box.faults.add("rechat.attributeDefs", "status", status=503)
    async with writer(box, tmp_path, GATEWAY_UPSTREAM_RETRIES="0") as api:
        down = await create(api)
        assert down.codes == ["UPSTREAM_UNAVAILABLE"]
        assert down.errors[0]["extensions"]["retryable"] is True
        box.faults.remove(fault)
        assert refusals(await create(api), "contactCreate") == []
    assert named(box, "ada.once@example.com") == 1


async def test_a_client_that_leaves_does_not_cut_a_change(box: Sandbox, tmp_path: Path) -> None:
    box.faults.add("rechat.createContacts", "hang", times=1)
    async with writer(box, tmp_path) as api:
        left = asyncio.create_task(create(api))
        await box.faults.until_hanging()
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        box.faults.release()
        again = await create(api)
        assert again["contactCreate.contact.firstName"] == "Ada"
        assert again.calls == {"contactsFilter": 1}
    assert named(box, "ada.once@example.com") == 1


class Away:
    """A ledger that cannot be reached."""

    async def hold(self, name: str) -> Any:
        raise LedgerUnavailable("no connection")


async def test_without_the_ledger_a_change_under_a_key_is_not_sent(box: Sandbox, tmp_path: Path) -> None:
    async with writer(box, tmp_path) as api:
        api.services = replace(api.services, ledger=Away())
        answer = await create(api)
        assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
        assert answer.errors[0]["extensions"]["retryable"] is True
        assert answer.calls == {}
        assert refusals(await create(api, clientMutationId=None), "contactCreate") == []


async def test_nothing_of_a_contact_is_kept(box: Sandbox, tmp_path: Path) -> None:
    async with writer(box, tmp_path) as api:
        await create(api)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "changes").iterdir())
    assert kept
    assert b"Ada" not in kept
    assert b"example.com" not in kept


async def test_a_repeated_answer_holds_every_kind_of_object(box: Sandbox, tmp_path: Path) -> None:
    visitor = contact_id(A, box.acquire.contacts()[0]["id"])
    client = contact_id(R, box.rechat.contacts()[0]["id"])
    changes: list[tuple[str, dict[str, Any], str]] = [
        ("companyCreate", {"name": "Engines"}, "company { id name }"),
        ("tagCreate", {"source": "RECHAT", "name": "Once"}, "segment { id name }"),
        ("segmentCreate", {"source": "RECHAT", "name": "List"}, "segment { id name }"),
        ("attributeDefinitionCreate", {"source": "ACQUIRE", "key": "once"}, "definition { id key }"),
        ("contactNoteAdd", {"contactId": visitor, "text": "hello"}, "note { sourceId contactId }"),
        ("contactCardCreate", {"contactId": visitor, "title": "Order", "config": {}}, "card { sourceId }"),
        (
            "contactAttributesAdd",
            {"id": client, "attributes": [{"name": "note", "text": "hello"}]},
            "contact { id } attributes { sourceId text }",
        ),
        ("contactsImport", {"contacts": [{"firstName": "Once"}]}, "job { id }"),
    ]
    async with writer(box, tmp_path) as api:
        for field, input, selection in changes:
            keyed = {**input, "clientMutationId": field}
            first, second = await change(api, field, keyed, selection), await change(api, field, keyed, selection)
            assert refusals(first, field) == [], field
            assert first.data == second.data, field
            assert not second.calls.keys() & {field, "createTag", "createList", "importJson", "addAttributes"}

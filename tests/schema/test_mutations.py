"""Contacts are written: what the source has afterwards, the payload, the exact calls, what the user can put right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from sandbox.app import Sandbox
from tests.schema.harness import Api
from tests.schema.writing import change, refusals, writer
from upstreams.records import Source

C, R, A = Source.CLOUD4WI, Source.RECHAT, Source.ACQUIRE
CONTACT = "contact { id source sourceId firstName lastName emails phones company jobTitle }"


@pytest_asyncio.fixture
async def api(box: Sandbox, tmp_path: Path) -> AsyncIterator[Api]:
    """A gateway over all three services of the small sandbox."""
    async with writer(box, tmp_path) as api:
        yield api


def of_rechat(box: Sandbox, place: int = 0) -> dict[str, Any]:
    return box.rechat.contacts(["contact.attributes"])[place]


def of_acquire(box: Sandbox, place: int = 0) -> dict[str, Any]:
    return box.acquire.contacts()[place]


async def test_a_contact_is_created_at_rechat(api: Api, box: Sandbox) -> None:
    given = {
        "source": "RECHAT",
        "firstName": "Ada",
        "lastName": "Byron",
        "emails": ["ada@example.com", "a.byron@example.org"],
        "phones": ["+442079460958"],
        "company": "Engines",
        "jobTitle": "Analyst",
        "birthday": {"year": 1915, "month": 12, "day": 10},
        "tags": ["Buyer"],
        "rechat": {"nickname": "Countess", "notes": ["likes numbers"]},
    }
    answer = await change(
        api, "contactCreate", given, CONTACT + " contact { segments { name kind } birthday { year } }"
    )
    assert refusals(answer, "contactCreate") == []
    made = answer["contactCreate.contact"]
    assert made["firstName"] == "Ada"
    assert made["emails"] == ["ada@example.com", "a.byron@example.org"]
    assert made["birthday"] == {"year": 1915}
    assert made["segments"] == [{"name": "Buyer", "kind": "TAG"}]
    there = box.rechat.contact(made["sourceId"])
    assert there is not None
    assert (there["first_name"], there["last_name"], there["company"]) == ("Ada", "Byron", "Engines")
    assert (there["email"], there["emails"]) == ("ada@example.com", ["ada@example.com", "a.byron@example.org"])
    assert (there["nickname"], there["tags"]) == ("Countess", ["Buyer"])
    assert there["birthday"] == "1915-12-10T00:00:00.000Z"
    assert answer.calls == {"attributeDefs": 1, "createContacts": 1}

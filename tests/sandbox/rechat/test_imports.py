"""Uploads and imports: JSON, CSV, and Excel files as other programs wrote them (``files/``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.app import Sandbox
from sandbox.rechat import sheets
from tests.sandbox.caller import Caller, Json

FILES = Path(__file__).parent / "files"
CSV = (
    "\ufeffFirst Name,Last Name,E-mail Address,E-mail 2 Address,Home Phone,Birthday,"
    "Street Number,Street Name,City,Zip,Notes\n"
    'Kate,Bell,kate-bell@example.com,,(555) 564-8583,1978-01-13,165,Davis,Hillsborough,94010,"first\nsecond"\n'
    "José,Muñoz 鈴木,jose@example.com,jm@example.org,5554787672,01/20/1980,,,,,\n"
    ",,,,,,,,,,\n"
    "Only,,,,,not a day,,,,,\n"
).encode()
MAPPINGS: Json = {
    "First Name": {"attribute_type": "first_name"},
    "Last Name": {"attribute_type": "last_name"},
    "E-mail Address": {"attribute_type": "email", "index": 0},
    "E-mail 2 Address": {"attribute_type": "email", "index": 1},
    "Home Phone": {"attribute_type": "phone_number", "label": "Home", "index": 1},
    "Birthday": {"attribute_type": "birthday"},
    "Street Number": {"attribute_type": "address.house_num", "index": 0},
    "Street Name": {"attribute_type": "address.name", "index": 0},
    "City": {"attribute_type": "address.city", "index": 0},
    "Zip": {"attribute_type": "address.postcode", "index": 0},
    "Notes": {"attribute_type": "note"},
    "Fax": {"attribute_type": "phone_number", "label": "Fax"},
}


async def upload(rechat: Caller, name: str, content: bytes) -> Json:
    """What is answered about an uploaded file."""
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    async with rechat.session.post(f"{rechat.base}/contacts/upload", data=form, headers=rechat.headers) as response:
        assert response.status == 200
        data: Json = (await response.json())["data"]
        return data


@pytest.mark.parametrize("kind", ["csv", "xls", "xlsx"])
async def test_a_file_becomes_contacts(box: Sandbox, rechat: Caller, kind: str) -> None:
    content = CSV if kind == "csv" else (FILES / f"contacts.{kind}").read_bytes()
    file = await upload(rechat, f"contacts.{kind}", content)
    assert (file["name"], file["type"], file["public"]) == (f"contacts.{kind}", "file", False)
    owner = box.rechat.data.users[1]["id"]
    sent = {"file_id": file["id"], "owner": owner, "mappings": MAPPINGS}
    body = await rechat.ok("POST", f"/contacts/import.{kind}", sent)
    assert body["data"].keys() == {"job_id"}
    kate, jose, only = box.rechat.contacts()[60:]
    assert (kate["display_name"], kate["user_id"], kate["created_for"]) == ("Kate Bell", owner, f"import_{kind}")
    assert (kate["emails"], kate["phone_numbers"]) == (["kate-bell@example.com"], ["(555) 564-8583"])
    assert (kate["birthday"], kate["address"][0]["full"]) == (
        "1978-01-13T00:00:00.000Z",
        "165 Davis, Hillsborough 94010",
    )
    assert (jose["display_name"], jose["emails"]) == ("José Muñoz 鈴木", ["jose@example.com", "jm@example.org"])
    assert (jose["birthday"], jose["phone_numbers"], jose["address"]) == (
        "1980-01-20T00:00:00.000Z",
        ["5554787672"],
        None,
    )
    assert (only["display_name"], only["birthday"], only["emails"]) == ("Only", None, None)
    notes = await rechat.ok("GET", f"/contacts/{kate['id']}", query=[("associations[]", "contact.attributes")])
    assert [row["text"] for row in notes["data"]["attributes"] if row["attribute_type"] == "note"] == ["first\nsecond"]


async def test_json_is_imported_when_the_job_is_done(box: Sandbox, rechat: Caller) -> None:
    box.rechat_behaviour.change(job_seconds=60)
    row: dict[str, Any] = {
        "attributes": [{"attribute_type": "first_name", "text": "Kate"}],
        "ios_address_book_id": "177C",
    }
    assert "job_id" in (await rechat.ok("POST", "/contacts/import.json", {"contacts": [row, row]}))["data"]
    assert len((await rechat.get("/contacts", ("limit", 100)))["data"]) == 60
    box.clock.advance(60)
    rows = (await rechat.get("/contacts", ("limit", 100)))["data"][60:]
    assert [(each["first_name"], each["created_for"], each["ios_address_book_id"]) for each in rows] == [
        ("Kate", "import_json", "177C")
    ] * 2


async def test_nonsense_is_refused(box: Sandbox, rechat: Caller) -> None:
    file = await upload(rechat, "contacts.csv", b"\xff\xfe broken")
    for kind, sent, code in (
        ("csv", {"file_id": file["id"], "mappings": MAPPINGS}, 400),
        ("xls", {"file_id": file["id"], "mappings": MAPPINGS}, 400),
        ("xlsx", {"file_id": file["id"], "mappings": MAPPINGS}, 400),
        ("csv", {"file_id": "none", "mappings": MAPPINGS}, 404),
        ("csv", {"file_id": file["id"]}, 400),
        ("csv", {"file_id": file["id"], "mappings": {"a": "email"}}, 400),
        ("json", {"contacts": [{}]}, 400),
    ):
        assert (await rechat.call("POST", f"/contacts/import.{kind}", sent))[0] == code, (kind, sent)
    assert (await rechat.call("POST", "/contacts/upload", {"a": 1}))[0] == 400
    assert len(box.rechat.contacts()) == 60


@pytest.mark.parametrize("name", ["contacts.xls", "contacts.xlsx"])
def test_a_file_cut_short_is_no_sheet(name: str) -> None:
    content = (FILES / name).read_bytes()
    for length in (0, 10, 100, 600):
        with pytest.raises(sheets.NotASheet):
            sheets.rows(content[:length])

"""Contacts from requests and files: uploads, JSON, CSV, and the two formats of Excel."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.rechat import sheets
from sandbox.rechat.contacts import Contact
from sandbox.rechat.data import Invalid, RechatData, Unknown

Json = dict[str, Any]

_MIMES = {
    "csv": "text/csv",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def checked(data: RechatData, rows: Any) -> list[Json]:
    """Contacts of a request.

    Raises:
        Invalid: they are not what the documents show; then none of them is made.
    """
    if not isinstance(rows, list) or not rows:
        raise Invalid("contacts is a list")
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("attributes"), list):
            raise Invalid("a contact has attributes")
        scratch = Contact("", "", 0.0, 0.0, 0, "")
        for sent in row["attributes"]:
            data.check(scratch, sent)
    return rows


def create(data: RechatData, row: Json, reason: str) -> Contact:
    """Makes one contact of a request."""
    return data.create(
        row["attributes"],
        user=row.get("user"),
        reason=reason,
        ios_address_book_id=row.get("ios_address_book_id"),
        android_address_book_id=row.get("android_address_book_id"),
    )


async def upload(data: RechatData, request: web.Request) -> Json:
    """Keeps the first file of a multipart body; what is answered about it.

    Raises:
        Invalid: there is no file in the body.
    """
    if request.content_type != "multipart/form-data":
        raise Invalid("the body is multipart/form-data")
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.filename:
            content = bytes(await part.read(decode=True))
            name, me, now = part.filename, data.users[0]["id"], data.now()
            suffix = name.rpartition(".")[2].lower()
            identifier = data.new_id()
            path = f"{me}-{int(now * 1000)}/{identifier}.{suffix}"
            made = {
                "id": identifier,
                "created_at": now,
                "updated_at": now,
                "deleted_at": None,
                "created_by": me,
                "path": path,
                "name": name,
                "public": False,
                "type": "file",
                "url": f"https://files.example.com/{path}?Expires={int(now) + 86_400}&Signature=sandbox",
                "preview_url": "https://assets.example.com/mimes/unknown.png",
                "mime": _MIMES.get(suffix, "application/octet-stream"),
            }
            data.files[identifier] = (made, content)
            return made
    raise Invalid("there is no file in the body")


def from_file(data: RechatData, kind: str, sent: Json) -> list[Json]:
    """The contacts in an uploaded file, column by column as the request's ``mappings`` say.

    Raises:
        Invalid: no mappings, or the file is not of this kind.
        Unknown: no such file.
    """
    mappings, identifier = sent.get("mappings"), sent.get("file_id")
    if not isinstance(mappings, dict) or not all(
        isinstance(each, dict) and "attribute_type" in each for each in mappings.values()
    ):
        raise Invalid("mappings name an attribute_type for each column")
    if identifier not in data.files:
        raise Unknown(f"File {identifier} not found")
    content = data.files[identifier][1]
    try:
        table = _comma_separated(content) if kind == "csv" else sheets.rows(content)
    except (UnicodeDecodeError, csv.Error, sheets.NotASheet) as error:
        raise Invalid(f"the file is no {kind}") from error
    rows = []
    for line in table[1:]:
        cells = {name: text.strip() for name, text in zip(table[0], line, strict=False) if text.strip()}
        attributes = _attributes(data, mappings, cells)
        if attributes:
            rows.append({"attributes": attributes, "user": sent.get("owner")})
    return rows


def _comma_separated(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def _attributes(data: RechatData, mappings: Json, cells: dict[str, str]) -> list[Json]:
    made: list[Json] = []
    addresses: dict[Any, Json] = {}
    for column, mapping in mappings.items():
        text, kind = cells.get(column), str(mapping["attribute_type"])
        if text is None:
            continue
        common = {name: mapping[name] for name in ("label", "index") if name in mapping}
        if kind.startswith("address."):
            address = addresses.setdefault(mapping.get("index"), {"attribute_type": "address", "address": {}, **common})
            address["address"][kind.removeprefix("address.")] = text
        elif data.definition({"attribute_type": kind})["data_type"] == "date":
            made += [{"attribute_type": kind, "date": at, **common}] if (at := _date(text)) is not None else []
        else:
            made.append({"attribute_type": kind, "text": text, **common})
    return made + list(addresses.values())


def _date(text: str) -> int | None:
    """Seconds since 1970 of a day as spreadsheets write it; None for what is no day."""
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp())
        except ValueError:
            continue
    return None

"""Imports, which Rechat works on by itself: contacts as they are given, or a file of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from resolvers.writes.contacts import belongs, new_contact
from resolvers.writes.outcome import Declined, Job, JobState, Outcome, UserError, UserErrorCode, declined
from resolvers.writes.pen import Pen
from resolvers.writes.rechat_values import Definitions
from upstreams.rechat.client import Column, NewContact
from upstreams.records import Source

KINDS: Mapping[str, str] = {
    "csv": "text/csv",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The kinds of files that can be imported, by their suffix, and the media type of each."""


class UploadedFile(Protocol):
    """A file that came with the request."""

    @property
    def filename(self) -> str: ...
    @property
    def content(self) -> bytes: ...


async def import_contacts(pen: Pen) -> Outcome:
    """Have contacts imported."""
    pen.require(Source.RECHAT)
    rows = pen.some("contacts")
    definitions = await Definitions.read(pen)
    contacts: list[NewContact] = []
    errors: list[UserError] = []
    for place, row in enumerate(rows):
        at = f"contacts.{place}."
        try:
            belongs(row, Source.RECHAT, at)
            contacts.append(new_contact(row, definitions, at))
        except Declined as refused:
            errors += refused.errors
    if errors:
        raise Declined(*errors)
    job = await pen.write(pen.rechat.import_json(contacts), "contacts")
    return Outcome(job=Job(Source.RECHAT, job.source_id, JobState.ACCEPTED))


async def import_file(pen: Pen) -> Outcome:
    """Upload a file and have the contacts in it imported."""
    pen.require(Source.RECHAT)
    file: UploadedFile = pen.given["file"]
    kind = file.filename.rpartition(".")[2].lower()
    if kind not in KINDS:
        raise declined("file", "Its name must end in .csv, .xls or .xlsx.", UserErrorCode.INVALID)
    if not file.content:
        raise declined("file", "It is empty.", UserErrorCode.INVALID)
    columns = await _columns(pen)
    uploaded = await pen.write(pen.rechat.upload(_name(file.filename), file.content, KINDS[kind]), "file")
    begin = {"csv": pen.rechat.import_csv, "xls": pen.rechat.import_xls, "xlsx": pen.rechat.import_xlsx}[kind]
    job = await pen.write(begin(uploaded.source_id, pen.given["owner_id"], columns), "columns")
    return Outcome(job=Job(Source.RECHAT, job.source_id, JobState.ACCEPTED))


async def _columns(pen: Pen) -> dict[str, Column]:
    made: dict[str, Column] = {}
    errors: list[UserError] = []
    given = pen.some("columns")
    own = await Definitions.read(pen) if any(row.get("custom_field_key") is not None for row in given) else None
    for place, row in enumerate(given):
        at = f"columns.{place}"
        if (row.get("name") is None) == (row.get("custom_field_key") is None):
            errors.append(UserError(at, "Give name or customFieldKey.", UserErrorCode.REQUIRED))
            continue
        if row["column"] in made:
            errors.append(UserError(f"{at}.column", "It stands in the list twice.", UserErrorCode.DUPLICATE))
            continue
        try:
            definition = own.own(row["custom_field_key"], at).source_id if own and row.get("name") is None else None
        except Declined as refused:
            errors += refused.errors
            continue
        made[row["column"]] = Column(
            attribute_type=row.get("name"),
            attribute_def=definition,
            label=row.get("label"),
            index=row.get("index"),
        )
    if errors:
        raise Declined(*errors)
    return made


def _name(filename: str) -> str:
    """The name of a file without a path and without what a header cannot hold."""
    return re.sub(r"[\x00-\x1f\x7f]", "", filename.replace("\\", "/").rpartition("/")[2])

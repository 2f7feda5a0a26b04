"""Companies of Acquire: made, changed, deleted."""

from __future__ import annotations

from resolvers.ids import GlobalId
from resolvers.writes.acquire_values import company_fields, whole
from resolvers.writes.outcome import Outcome, UserErrorCode, declined
from resolvers.writes.pen import Pen
from upstreams.records import Entity


async def create(pen: Pen) -> Outcome:
    """Make a company."""
    fields = {name: value for name, value in company_fields(pen.given).items() if value is not None}
    if not (fields.get("name") or "").strip():
        raise declined("name", "It is empty.", UserErrorCode.REQUIRED)
    return Outcome(company=await pen.write(pen.acquire.create_company(fields)))


async def update(pen: Pen) -> Outcome:
    """Change a company; what is not given is sent as it was."""
    id = _id(pen)
    changes = company_fields(pen.given)
    old = await pen.look(pen.acquire.company(id.key, relations=("fields",)), "id")
    if not changes:
        return Outcome(company=old)
    return Outcome(company=await pen.write(pen.acquire.update_company(id.key, whole(old.fields, changes)), "id"))


async def delete(pen: Pen) -> Outcome:
    """Delete a company for good; its contacts stay."""
    id = _id(pen)
    await pen.write(pen.acquire.delete_company(id.key), "id")
    return Outcome(deleted_ids=[pen.given["id"]])


def _id(pen: Pen) -> GlobalId:
    return pen.id("id", Entity.COMPANY)

"""What is sent: rows of each kind with the relations that a request names, in the envelopes' inner form."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sandbox.acquire.data import AcquireData
from sandbox.acquire.fields import iso, shown, spaced

Json = dict[str, Any]

_STORED = ("fields", "tags", "companyId", "dateCreated", "dateUpdated", "meta")
_CASE_TIMES = ("dateQueue", "datePending", "dateActive", "dateClosed", "dateCreated", "dateUpdated")
_AGENT = {"id": 1, "name": "Agent Sandbox", "firstName": "Agent", "lastName": "Sandbox", "email": "agent@example.com"}


def contact(data: AcquireData, row: Json, relations: Collection[str] = (), select: Collection[str] = ()) -> Json:
    """A contact; ``select`` narrows its columns, relations are absent unless asked for."""
    sent = {key: value for key, value in row.items() if key not in _STORED}
    sent |= {"meta": row["meta"], "dateCreated": iso(row["dateCreated"])}
    sent["dateUpdated"] = None if row["dateUpdated"] is None else iso(row["dateUpdated"])
    if "company" not in relations:
        sent["companyId"] = row["companyId"]
    if select:
        wanted = {"dateCreated" if name == "dateCreate" else name for name in select} | {"id"}
        sent = {key: value for key, value in sent.items() if key in wanted}
    number = row["id"]
    made: dict[str, Callable[[], Any]] = {
        "fields": lambda: shown(row["fields"]),
        "company": lambda: embedded_company(data, row["companyId"]),
        "tags": lambda: [tag(found) for each in row["tags"] if (found := data.tags.get(each))],
        "cases": lambda: [case(data, each) for each in data.cases.of(number)],
        "visits": lambda: [visit(each) for each in data.visits.of(number)],
        "timeline": lambda: timeline(data, number),
    }
    return sent | {name: work() for name, work in made.items() if name in relations}


def listed(data: AcquireData, row: Json, relations: Collection[str], select: Collection[str]) -> Json:
    """A contact as the list of all shows it: with what happened last; not so when columns were selected."""
    sent = contact(data, row, relations, select)
    if select:
        return sent
    number = row["id"]
    cases, visits, views = data.cases.of(number), data.visits.of(number), data.views.of(number)
    case_row, view_row = (next(iter(each), None) for each in (cases, views))
    last: Json = {"latestObjectType": None, "title": "", "description": None, "channel": None, "status": None}
    if case_row is not None:
        last |= {name: case_row[name] for name in ("title", "description", "channel", "status")}
        last |= {"latestObjectType": "case", "caseId": str(case_row["id"])}
        last["caseDateUpdated"] = iso(case_row["dateUpdated"])
    elif view_row is not None:
        last |= {"latestObjectType": "view", "viewId": str(view_row["id"]), "title": view_row["title"]}
    entries = timeline(data, number)
    channels = list(dict.fromkeys(each["channel"] for each in cases))
    return {
        **sent,
        **last,
        "latestTimelineId": str(entries[0]["id"]) if entries else None,
        "agentList": [_AGENT] if cases else [],
        "departmentList": [],
        "lastViewObject": {"viewId": str(view_row["id"]), "iconImageUrl": "", "iconFont": ""} if view_row else None,
        "clientUserId": None,
        "contactCompanyCount": None if row["companyId"] is None else 1,
        "companyId": row["companyId"],
        "totalTimeline": len(entries),
        "lastDateUpdated": spaced(row["dateUpdated"] or row["dateCreated"]),
        "totalNotes": len(data.notes.of(number)),
        "totalViews": len(views),
        "totalCase": len(cases),
        "msgUnread": 0,
        "channels": channels,
        "firstInteractionType": None,
        "lastInteractionType": channels[0] if channels else None,
        "isBlocked": "YES" if blocked(data, number) else "NO",
        "lastVisit": visit(visits[0]) if visits else None,
        "firstVisit": visit(visits[-1]) if visits else None,
        "interaction": [],
        "snoozeInContact": False,
    }


def blocked(data: AcquireData, number: int) -> bool:
    """Whether a contact is blocked now."""
    return any(row["type"] == "contact" and row["who"] == number for row in data.blocks)


def found(data: AcquireData, row: Json, field: Json, value: str) -> Json:
    """A contact as the search shows it: flat, with the one field that fits, and other times."""
    number = row["id"]
    sent = {key: each for key, each in row.items() if key not in _STORED}
    return {
        **sent,
        "meta": row["meta"],
        "field_id": field["id"],
        "value": value,
        "owner": "contact",
        "object": "contact",
        "key": field["key"],
        "type": "text",
        "config": '{"label":"%s"}' % field["config"]["label"],  # noqa: UP031 - JSON in a string, as it is sent
        "system": field["system"],
        "mainContactId": number,
        "contactId": number,
        "companyId": row["companyId"],
        "dateCreated": spaced(row["dateCreated"]),
        "dateUpdated": spaced(row["dateUpdated"] or row["dateCreated"]),
        "fields": shown(row["fields"]),
        "tags": [tag(each) for number in row["tags"] if (each := data.tags.get(number))],
        "company": embedded_company(data, row["companyId"]) or {"fields": {}},
    }


def embedded_company(data: AcquireData, number: int | None) -> Json | None:
    """A contact's company, or null."""
    row = data.companies.get(number) if number is not None else None
    return None if row is None else company(data, row, ("fields",))


def company(data: AcquireData, row: Json, relations: Collection[str], select: Collection[str] = ()) -> Json:
    """A company; ``select`` narrows its columns."""
    sent = {"id": row["id"], "dateCreated": iso(row["dateCreated"])}
    sent["dateUpdated"] = None if row["dateUpdated"] is None else iso(row["dateUpdated"])
    if select:
        sent = {key: value for key, value in sent.items() if key in {*select, "id"}}
    made: dict[str, Callable[[], Any]] = {
        "fields": lambda: shown(row["fields"]),
        "contacts": lambda: [_member(data, each) for each in data.contacts.descending() if _works(each, row)],
        "companies": lambda: [company(data, each, ("fields",)) for each in data.companies if _parent(each, row)],
        "parent": lambda: embedded_company(data, row["parent"]),
    }
    return sent | {name: work() for name, work in made.items() if name in relations}


def _works(each: Json, at: Json) -> bool:
    return bool(each["companyId"] == at["id"])


def _parent(each: Json, of: Json) -> bool:
    return bool(each["parent"] == of["id"])


def _member(data: AcquireData, row: Json) -> Json:
    tables = (("totalCases", data.cases), ("totalNotes", data.notes), ("totalViews", data.views))
    counts = {name: len(table.of(row["id"])) for name, table in tables}
    return contact(data, row, ("fields",)) | {"objectCounts": counts}


def tag(row: Json) -> Json:
    """A tag."""
    return {**row, "dateCreated": iso(row["dateCreated"])}


def tag_with(data: AcquireData, row: Json, relations: Collection[str]) -> Json:
    """A tag with those who have it, where asked for."""
    sent = tag(row)
    if "contact" in relations:
        sent["contact"] = [contact(data, each, ("fields",)) for each in data.contacts.descending() if _has(each, row)]
    if "case" in relations:
        sent["case"] = [case(data, each) for each in data.cases.descending() if _has(each, row)]
    if "user" in relations:
        sent["user"] = _AGENT
    return sent


def _has(each: Json, one: Json) -> bool:
    return one["id"] in each["tags"]


def visit(row: Json) -> Json:
    """A page that was looked at."""
    return {**row, "dateCreated": iso(row["dateCreated"])}


def case(data: AcquireData, row: Json, relations: Collection[str] = (), select: Collection[str] = ()) -> Json:
    """A case."""
    sent = {key: value for key, value in row.items() if key != "tags"}
    sent |= {name: None if row[name] is None else iso(row[name]) for name in _CASE_TIMES}
    if select:
        sent = {key: value for key, value in sent.items() if key in {*select, "id"}}
    owner = data.contacts.get(row["contactId"])
    made: dict[str, Callable[[], Any]] = {
        "contact": lambda: contact(data, owner, ("fields",)) if owner else None,
        "messages": lambda: [message(each) for each in data.messages if each["caseId"] == row["id"]],
        "users": lambda: [_case_user(row)] if row["userId"] else [],
        "fields": dict,
        "tags": lambda: [tag(each) for number in row["tags"] if (each := data.tags.get(number))],
        "feedbacks": list,
        "cases": list,
        "timeline": lambda: [each for each in timeline(data, row["contactId"]) if each["caseId"] == row["id"]],
        "parent": lambda: None,
    }
    return sent | {name: work() for name, work in made.items() if name in relations}


def _case_user(row: Json) -> Json:
    sent = {"id": row["id"], "caseId": row["id"], "type": "user", "userId": row["userId"], "role": "owner"}
    sent |= {"status": "active", "dateCreated": iso(row["dateCreated"]), "dateLastAssigned": iso(row["dateCreated"])}
    return sent | {"closed": "yes" if row["status"] == "closed" else "no", "meta": None}


def message(row: Json) -> Json:
    """A message of a case."""
    return {**row, "dateCreated": iso(row["dateCreated"])}


def timeline(data: AcquireData, number: int) -> list[Json]:
    """What happened to a contact, latest first: each entry points at one case, card or note."""
    kinds = (("case", data.cases, 0), ("view", data.views, 100_000), ("note", data.notes, 200_000))
    entries = []
    for kind, table, offset in kinds:
        for row in table.of(number):
            pointer = {f"{name}Id": row["id"] if name == kind else None for name in ("case", "view", "note")}
            entry = {"id": row["id"] + offset, "objectType": kind, **pointer, "threadId": row.get("threadId")}
            entry |= {"contactId": number, "archive": "no", "meta": {}, "dateCreated": iso(row["dateCreated"])}
            entries.append(entry | {"dateUpdated": iso(row["dateUpdated"])})
    return sorted(entries, key=lambda entry: (entry["dateCreated"], entry["id"]), reverse=True)


def note(row: Json) -> Json:
    """A note: its text is that of its last message."""
    number, at = row["id"], iso(row["dateCreated"])
    sent = {key: value for key, value in row.items() if key not in ("message", "threadId", "dateUpdated")}
    last = {"id": number, "noteId": number, "parentId": None, "userId": row["userId"], "type": "message"}
    return sent | {
        "dateCreated": at,
        "users": [{"id": number, "noteId": number, "userId": row["userId"]}],
        "lastMessage": last | {"message": row["message"], "dateCreated": at},
    }


def card(row: Json) -> Json:
    """A card."""
    sent = {key: value for key, value in row.items() if key != "dateUpdated"}
    return sent | {"dateCreated": iso(row["dateCreated"])}


def block(data: AcquireData, row: Json) -> Json:
    """An entry of the list of the blocked."""
    owner = data.contacts.get(row["who"])
    fields = owner["fields"] if owner else {}
    who = {"id": row["who"], **{name: fields.get(name) for name in ("ip", "email", "phone")}}
    times = {name: iso(row[name]) for name in ("dateCreated", "blockTill")}
    return {"id": row["id"], "data": who, **times, "blockBy": row["blockBy"], "type": row["type"]}

"""Rechat's data set: a contact for each card, with tags, notes, saved lists and a calendar around them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sandbox.cards import Card
from sandbox.clock import SECOND, Clock, instant
from sandbox.rechat.contacts import DAY, Contact
from sandbox.rechat.data import RechatData

Json = dict[str, Any]

BEGIN = instant("2025-05-01T00:00:00Z") // SECOND
END = instant("2026-10-31T23:59:59Z") // SECOND
"""The same 18 months as the other services' history."""
IMPORTED_AT = 1_757_923_200.25
"""Contacts of one import share this instant; their order among themselves is that of the import, not of their ids."""

_TAGS = (
    ("Agent", None, 0.06),
    ("Buyer", None, 0.3),
    ("Hot", 7, 0.1),
    ("Past Client", 60, 0.15),
    ("Seller", None, 0.2),
    ("Warm", 30, 0.15),
    ("New", None, 0.1),
    ("open house", None, 0.08),
    ("Über 500k/year", None, 0.04),
    ("foo", None, 0.02),
)
_PLACES: dict[str, tuple[str, str, str, str, str]] = {
    "US": ("Dallas", "Texas", "75201", "Elm", "Street"),
    "GB": ("Leeds", "", "LS1 4AP", "Park Row", ""),
    "IT": ("Pisa", "PI", "56125", "Via Santa Maria", ""),
    "DE": ("Köln", "NRW", "50667", "Hohe Straße", ""),
    "FR": ("Lyon", "", "69002", "Rue Mercière", ""),
    "BR": ("Recife", "PE", "50030-230", "Rua do Bom Jesus", ""),
    "ES": ("Sevilla", "", "41001", "Calle Sierpes", ""),
    "JP": ("京都市", "京都府", "600-8001", "四条通", ""),
}
_JOBS = ("Architect", "Nurse", "Contact Test Subject", "CFO", "Teacher", "Owner")
_NOTES = ("Prefers the phone.", "Looking for three bedrooms near a school.", "Met at the open house in May.", "VIP")
_SOURCES = ("ExplicitlyCreated", "IOSAddressBook", "CSV", "External/Outlook", "BrokerageWidget", "SharesRoom")
_NICKNAMES = ("Johnny", "Bee", "Coach", "Doc")
_TASKS = ("Call", "Message", "Todo", "Tour", "Follow up", "Open House")
_STORED = (
    ("crm_task", 40),
    ("email_thread", 22),
    ("email_campaign", 14),
    ("activity", 18),
    ("deal_context", 6),
)
_TITLES = {
    "email_thread": ("Re: viewing on Saturday", "Offer", "Documents for closing"),
    "email_campaign": ("Just listed", "Market report", "Season's greetings"),
    "activity": ("Viewed a listing", "Shared a listing", "Signed up", "Created a search"),
    "deal_context": ("Closing", "Inspection", "List date"),
}
_EVENT_TYPES = {
    "email_thread": ("gmail", "outlook"),
    "email_campaign": ("executed_email", "scheduled_email"),
    "activity": ("ContactViewedListing", "ContactSharedListing", "ContactSignedUp", "ContactCreatedSearch"),
    "deal_context": ("closing_date", "inspection_date", "list_date"),
}


def make(cards: list[Card], seed: int, events: int, clock: Clock) -> RechatData:
    """The data set: a contact for each of ``cards`` and ``events`` stored events of the calendar."""
    data = RechatData(seed, clock)
    draw = random.Random(f"{seed}:rechat:data")  # noqa: S311 - a data set, no secret
    for name, frequency, _ in _TAGS:
        data.tag(name, float(BEGIN), frequency)
    custom = data.define(name="budget", data_type="number", label="Budget", section="Details", singular=True)
    size = min(12, len(cards) // 10)
    for number, card in enumerate(cards):
        imported = size <= number < 2 * size
        at = IMPORTED_AT if imported else BEGIN + draw.randrange((END - BEGIN) * 1_000_000) / 1_000_000
        _contact(data, card, at, imported, custom["id"], draw)
    _lists(data)
    _flows(data, draw)
    contacts = data.all()
    for _ in range(events if contacts else 0):
        event = _event(data, contacts, draw)
        data.events[event["id"]] = event
    return data


def _contact(data: RechatData, card: Card, at: float, imported: bool, budget: str, draw: random.Random) -> None:
    source = "IOSAddressBook" if imported else draw.choice(_SOURCES)
    reason = "import_json" if imported else draw.choice(("direct_request", "import_csv", "google_integration"))
    made = data.create(
        _attributes(card, source, budget, draw),
        identifier=card.id,
        user=draw.choices([user["id"] for user in data.users], (6, 3, 1))[0],
        at=round(at, 6),
        reason=reason,
        ios_address_book_id=f"{draw.getrandbits(128):032X}" if source == "IOSAddressBook" else None,
        parked=draw.random() < 0.02,
    )
    made.updated_at = round(made.created_at + draw.random() * max(0.0, END - made.created_at), 6)
    made.updated_for = draw.choice((reason, "direct_request", "email"))
    _touch(data, made, draw)


def _touch(data: RechatData, made: Contact, draw: random.Random) -> None:
    if draw.random() < 0.4:
        made.last_touch = round(made.created_at + draw.random() * max(0.0, END - made.created_at), 3)
        made.last_touch_action = draw.choice(("email", "call", "text"))
    made.touch_freq = min((data.tags[tag]["touch_freq"] or 999 for tag in made.texts("tag")), default=999)
    made.touch_freq = None if made.touch_freq == 999 else made.touch_freq
    if made.touch_freq:
        made.next_touch = round((made.last_touch or made.updated_at) + made.touch_freq * DAY, 6)


def _attributes(card: Card, source: str, budget: str, draw: random.Random) -> list[Json]:
    rows: list[Json] = []

    def add(kind: str, text: str | None, **values: Any) -> None:
        if text:
            rows.append({"attribute_type": kind, "text": text, **values})

    def seldom(share: float, value: Callable[[], str]) -> str | None:
        return value() if draw.random() < share else None

    for number, email in enumerate(card.emails):
        add("email", email, label=draw.choice(("Personal", "Work", None)), is_primary=number == 0)
    for number, phone in enumerate(card.phones):
        add("phone_number", phone, label=draw.choice(("Mobile", "Home", "Work", None)), is_primary=number == 0)
    add("first_name", card.first_name)
    add("last_name", card.last_name)
    add("middle_name", seldom(0.05, lambda: draw.choice("ABEMS") + "."))
    add("nickname", seldom(0.04, lambda: draw.choice(_NICKNAMES)) if card.first_name else None)
    add("title", seldom(0.08, lambda: draw.choice(("Mr.", "Mrs.", "Dr."))))
    add("company", card.company or seldom(0.1, lambda: "Rechat"))
    add("job_title", seldom(0.2, lambda: draw.choice(_JOBS)))
    add("source_type", source)
    add("website", seldom(0.06, lambda: f"http://{card.id[:8]}.example.com"))
    add("note", seldom(0.15, lambda: draw.choice(_NOTES)))
    add("profile_image_url", seldom(0.05, lambda: f"https://images.example.com/{card.id}.png"))
    if draw.random() < 0.06:
        add("first_name", draw.choice(("Jane", "Robin", "Alex")), is_partner=True)
        add("last_name", card.last_name, is_partner=True)
        add("email", f"partner.{card.id[:8]}@family.example.net", is_partner=True)
    for name, _, share in _TAGS:
        add("tag", seldom(share, lambda name=name: name))  # type: ignore[misc]
    rows += [{"attribute_type": "address", **each} for each in _addresses(card, draw)]
    if card.born and draw.random() < 0.4:
        rows.append({"attribute_type": "birthday", "date": _seconds(card.born)})
    if draw.random() < 0.05:
        rows.append({"attribute_type": "home_anniversary", "date": BEGIN - draw.randrange(2000) * DAY})
    if draw.random() < 0.1:
        rows.append({"attribute_def": budget, "number": draw.randrange(100, 900) * 1000})
    return rows


def _addresses(card: Card, draw: random.Random) -> list[Json]:
    if not card.country:
        return []
    city, state, postcode, street, suffix = _PLACES[card.country]
    home = {"city": city, "state": state, "postcode": postcode, "name": street, "suftype": suffix}
    home |= {"country": card.country, "house_num": str(draw.randrange(1, 400))}
    rows: list[Json] = [{"address": home, "index": 0, "is_primary": True}]
    if draw.random() < 0.1:
        rows.append({"address": {**home, "extra": "Office", "house_num": ""}, "index": 1, "label": "Work"})
    return rows


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def saved_list(data: RechatData, name: str, filters: list[Json], at: float, **args: Any) -> Json:
    """Adds a contact list: a saved filter."""
    me = data.users[0]["id"]
    rows = [
        {
            "id": data.new_id(),
            "attribute_def": data.definition(row)["id"],
            "operator": row.get("operator") or "eq",
            "value": row["value"],
            "invert": bool(row.get("invert")),
            "type": "contact_list_filter",
        }
        for row in filters
    ]
    known = {"filter_type": "and", "q": None, "crm_tasks": None, "flows": None, "assignees": None}
    made = {
        "id": data.new_id(),
        "created_at": at,
        "updated_at": at,
        "deleted_at": None,
        "created_by": me,
        "updated_by": None,
        "brand": data.brand,
        "filters": rows,
        "query": None,
        "args": {**known, **{key: value for key, value in args.items() if key in known and value is not None}}
        | {"type": "contact_list_args"},
        "name": name,
        "is_editable": True,
        "touch_freq": None,
        "type": "contact_list",
    }
    data.lists[made["id"]] = made
    return made


def _lists(data: RechatData) -> None:
    def tag(value: Any, **values: Any) -> Json:
        return {"attribute_type": "tag", "value": value, **values}

    at = BEGIN + 3600.5
    saved_list(data, "Hot buyers", [tag("Hot"), tag("Buyer")], at)
    saved_list(data, "agents and sellers", [tag("Agent"), tag("Seller")], at + 60, filter_type="or")
    saved_list(data, "Not buying", [tag("Buyer", invert=True)], at + 120)
    saved_list(data, "Work addresses", [{"attribute_type": "email", "operator": "like", "value": "@work."}], at + 180)
    saved_list(data, "Warm or hot", [tag(["Warm", "Hot"], operator="any")], at + 240)
    saved_list(data, "Nobody yet", [tag("Auction 2031")], at + 300)


def _flows(data: RechatData, draw: random.Random) -> None:
    made: Json = {"id": data.new_id(), "created_at": float(BEGIN), "updated_at": float(BEGIN), "deleted_at": None}
    made |= {"name": "Welcome", "description": "Three e-mails", "brand": data.brand, "steps": [], "type": "brand_flow"}
    data.brand_flows[made["id"]] = made
    for contact in data.all():
        if draw.random() < 0.05:
            enrol(data, contact, made["id"], contact.created_at)


def enrol(data: RechatData, contact: Contact, origin: str, starts_at: float) -> Json:
    """Puts a contact into a flow."""
    template, me, now = data.brand_flows[origin], data.users[0]["id"], data.now()
    flow = {"id": data.new_id(), "created_at": now, "updated_at": now, "deleted_at": None, "created_by": me}
    flow |= {"updated_by": None, "brand": data.brand, "origin": origin, "origin_id": origin, "name": template["name"]}
    flow |= {"description": template["description"], "starts_at": starts_at, "contact": contact.id, "steps": []}
    data.flows[flow["id"]] = flow | {"type": "flow"}
    contact.flows.append(flow["id"])
    return data.flows[flow["id"]]


def _event(data: RechatData, contacts: list[Contact], draw: random.Random) -> Json:
    kind = draw.choices([name for name, _ in _STORED], [share for _, share in _STORED])[0]
    identifier, several = data.new_id(), kind in ("crm_task", "email_campaign", "email_thread")
    count = draw.choice((1, 1, 1, 2, 3, 7)) if several else 1
    about = draw.sample(contacts, min(count, len(contacts)))
    begin = max(contact.created_at for contact in about)
    at = round(begin + draw.random() * max(60.0, END - begin), 3)
    names = _TASKS if kind == "crm_task" else _EVENT_TYPES[kind]
    event_type = draw.choice(names)
    return {
        "id": identifier,
        "about": [contact.id for contact in about] if kind != "deal_context" else [],
        "object_type": kind,
        "event_type": event_type,
        "timestamp": at,
        "next_occurance": at,
        "title": event_type if kind == "crm_task" else draw.choice(_TITLES[kind]),
        "crm_task": identifier if kind == "crm_task" else None,
        "campaign": identifier if kind == "email_campaign" else None,
        "thread_key": identifier if kind == "email_thread" else None,
        "deal": identifier if kind == "deal_context" else None,
        "end_date": round(at + 3600, 3) if kind == "crm_task" and draw.random() < 0.3 else None,
        "metadata": {"status": draw.choice(("DONE", "PENDING"))} if kind == "crm_task" else None,
    }

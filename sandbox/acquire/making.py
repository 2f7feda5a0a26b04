"""Acquire's data set: a contact for each card, with companies, tags, page views, cases, notes and cards."""

from __future__ import annotations

import random
from typing import Any

from sandbox.acquire.data import AcquireData
from sandbox.acquire.fields import COUNTRY_IDS
from sandbox.cards import Card
from sandbox.clock import SECOND, Clock, instant

Json = dict[str, Any]

BEGIN = instant("2025-05-01T00:00:00Z")
END = instant("2026-10-31T23:59:59Z")
"""The same 18 months as the other services' history."""

_TAGS = (
    ("VIP", "#FF0000", ["contact", "case"], 0.05),
    ("lead", "#00AA00", ["contact"], 0.25),
    ("customer", None, ["contact"], 0.3),
    ("Refund", "#0000FF", ["case"], 0.0),
    ("churned", "#999999", None, 0.06),
    ("newsletter", "#112233", ["contact", "case"], 0.15),
    ("Nobody", "#445566", ["contact"], 0.0),
)
_COMPANIES = ("Brightwater", "Kestrel Labs", "Forno Vecchio", "Nordlicht", "Atelier Lune", "Casa Azul", "Hana", "Peak")
_BROWSERS = (
    ("Chrome", "126.0", "Windows", "11", "Desktop", None, None),
    ("Safari", "18.1", "iOS", "18.1", "Mobile", "Apple", "iPhone"),
    ("Firefox", "131.0", "Ubuntu", "24.04", "Desktop", None, None),
    ("Chrome Mobile", "127.0", "Android", "15", "Mobile", "Samsung", "SM-S921B"),
)
_CLIENT = ("clientName", "clientVersion", "clientOsName", "clientOsVersion", "clientDeviceType")
_PAGES = (("Pricing", "/pricing"), ("Home", "/"), ("Docs", "/docs"), ("Contact us", "/contact"), ("Blog", "/blog/1"))
_SUBJECTS = ("Where is my order?", "Cannot sign in", "Question about prices", "Demo, please", "Refund")
_CITIES = {"US": "San Francisco", "GB": "York", "IT": "Bari", "DE": "Bonn", "FR": "Lille", "BR": "Natal", "ES": "Vigo"}


def make(cards: list[Card], seed: int, cases: int, disorder: float, clock: Clock) -> AcquireData:
    """The data set.

    Args:
        cards: one for each contact; their ids are numbers, ascending.
        cases: how many there are.
        disorder: the share of contacts whose ``dateCreated`` is out of step with their id.
    """
    data = AcquireData(clock)
    draw = random.Random(f"{seed}:acquire:data")  # noqa: S311 - a data set, no secret
    data.add_field("plan", "Plan", type="radio", options=["free", "pro", "enterprise"])
    data.add_field("loyalty_number", "Loyalty number")
    for name, color, kinds, _ in _TAGS:
        data.add_tag(name, color, kinds)["dateCreated"] = BEGIN
    _companies(data, draw)
    for card, at in zip(cards, _created(len(cards), disorder, draw), strict=True):
        _contact(data, card, at, draw)
    _cases(data, cases, draw)
    return data


def _created(count: int, disorder: float, draw: random.Random) -> list[int]:
    """Instants in the order of ids: ascending, but for a share of them that trades places, four in five nearby."""
    times = sorted(BEGIN + draw.randrange((END - BEGIN) // 1000) * 1000 for _ in range(count))
    for number in range(2, count, 40):  # two sign-ups in one millisecond
        times[number] = times[number - 1]
    for number in range(round(count * disorder / 2)):
        one = draw.randrange(count)
        reach = count if number % 5 == 4 else 12
        other = min(count - 1, max(0, one + draw.randrange(-reach, reach + 1)))
        times[one], times[other] = times[other], times[one]
    return times


def _companies(data: AcquireData, draw: random.Random) -> None:
    for number, name in enumerate(_COMPANIES):
        site = f"{name.split()[0].lower()}.example.com"
        fields = {"name": name, "website": site, "industry": draw.choice((None, "Retail", "Software"))}
        fields |= {"city": draw.choice((None, "Berlin")), "employees": draw.choice((None, "12", "250"))}
        data.add_company(fields, BEGIN + number * SECOND, parent=1 if number == 3 else None)


def _contact(data: AcquireData, card: Card, at: int, draw: random.Random) -> None:
    name = " ".join(part for part in (card.first_name, card.last_name) if part)
    values = {"name": name, "email": next(iter(card.emails), ""), "phone": next(iter(card.phones), "")}
    fields: Json = {}
    for key, value in values.items():  # what is unknown is absent, null or empty
        if value or (kind := draw.randrange(4)) == 0:
            fields[key] = value
        elif kind == 1:
            fields[key] = None
    if card.country:
        fields |= {"countryId": COUNTRY_IDS[card.country], "city": _CITIES.get(card.country)}
    if draw.random() < 0.7:
        fields["ip"] = f"203.0.113.{draw.randrange(1, 255)}"
    if draw.random() < 0.2:
        fields["plan"] = draw.choice(("free", "pro", "enterprise"))
    if draw.random() < 0.1:
        fields["loyalty_number"] = f"{draw.randrange(10**8):08d}"
    *client, vendor, model = draw.choice(_BROWSERS)
    known = dict(zip(_CLIENT, client, strict=True)) | {"clientDeviceVendor": vendor, "clientDeviceModel": model}
    details = {"ua": "Mozilla/5.0", "engine": {"name": "Blink", "version": "126.0"}, "network": {"type": "4g"}}
    updated = min(END, at + draw.randrange(0, 150 * 86_400) * SECOND)
    made = data.add_contact(
        fields,
        at=at,
        identifier=int(card.id),
        clientType=draw.choice(("web", "web", "client", "sdk", None)),
        clientDetails=draw.choice((details, {})),
        companyId=draw.randrange(1, len(_COMPANIES) + 1) if draw.random() < 0.3 else None,
        dateUpdated=None if draw.random() < 0.05 else max(at, updated),
        **known,
    )
    made["tags"] = [number for number, (_, _, _, share) in enumerate(_TAGS, 1) if draw.random() < share]
    _history(data, made, draw)


def _history(data: AcquireData, made: Json, draw: random.Random) -> None:
    number, begin = made["id"], made["dateCreated"]
    for _ in range(draw.choice((0, 1, 1, 2, 3, 5, 9, 25))):
        title, path = draw.choice(_PAGES)
        at = begin + draw.randrange(max(1, (END - begin) // SECOND)) * SECOND
        source = draw.choice(("", "google", "newsletter"))
        data.add_visit(number, at, title, f"https://shop.example.com{path}", source)
    if draw.random() < 0.1:
        data.add_note(number, draw.choice(("Asked for a call back.", "Speaks Italian.")), begin + 60 * SECOND)
    if draw.random() < 0.1:
        meta = {"iconImageUrl": "", "iconFont": "cart"}
        data.add_view(number, "Bought something", meta, {"type": "ui_block", "config": {}}, begin + 90 * SECOND)


def _cases(data: AcquireData, count: int, draw: random.Random) -> None:
    """Cases in the order of their beginnings, so that their ids ascend with time."""
    contacts = list(data.contacts)
    if not contacts:
        return
    chosen = [draw.choice(contacts) for _ in range(count)]
    begun = sorted(
        ((row["dateCreated"] + draw.randrange(max(1, (END - row["dateCreated"]) // SECOND)) * SECOND, row["id"]))
        for row in chosen
    )
    for at, number in begun:
        status = draw.choices(("closed", "active", "pending", "queue"), (7, 1, 1, 1))[0]
        active = at + draw.randrange(5, 900) * SECOND if status in ("closed", "active") else None
        closed = (active or at) + draw.randrange(60, 90_000) * SECOND if status == "closed" else None
        channel, subject = draw.choice(("chat", "chat", "email", "sms", "voip")), draw.choice(_SUBJECTS)
        case = data.add_case(
            number,
            at,
            channel=channel,
            status=status,
            title=subject,
            description=draw.choice((None, subject.lower())),
            dateActive=active,
            dateClosed=closed,
            datePending=at + SECOND if status == "pending" else None,
            closedBy=1 if closed else None,
            closingState="handled" if closed else None,
            userId=1 if active else None,
            waitTime=(active - at) // SECOND if active else 0,
            dateUpdated=closed or active or at,
            tags=[4] if subject == "Refund" else [],
        )
        data.add_message(case, subject, "contact", at)
        if active:
            data.add_message(case, "Let me look into that.", "user", active)

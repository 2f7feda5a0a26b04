"""Contact records: how Cloud4Wi writes down a person who signed up at a location."""

from __future__ import annotations

import random
from typing import Any

from sandbox.clock import SECOND, instant, wall, written
from sandbox.cloud4wi.places import ORGANIZATION, Location, Places
from sandbox.people import Person

BEGIN = instant("2025-05-01T00:00:00Z")
END = instant("2026-10-31T23:59:59Z")
"""The history covers these 18 months; fixed, so that the same seed is the same data on any day."""

_JUNK = ("n/a", "none@none", "", "no", "N/A")
_SIGNUP = ("passthrough", "form", "facebook", "google", "sms", "import")


def _email(person: Person, draw: random.Random) -> str | None:
    chance = draw.random()
    if chance < 0.12:
        return None
    if chance < 0.15:
        return draw.choice(_JUNK)
    if chance < 0.20 and person.other_email:
        return person.other_email
    if chance < 0.25:
        return f" {person.email.capitalize()} "
    return person.email


def _birth(person: Person, draw: random.Random) -> tuple[str | None, str | None]:
    """``birthDate`` and ``birthDay`` as one contact has them."""
    chance = draw.random()
    if chance < 0.35:
        return None, None
    if chance < 0.65:
        return str(person.born.year), person.born.strftime("%m-%d")
    if chance < 0.85:
        return person.born.isoformat(), None
    return (None, person.born.strftime("%m-%d")) if chance < 0.93 else (str(person.born.year), None)


def contact(person: Person, location: Location, created: int, draw: random.Random) -> dict[str, Any]:
    """The record of ``person`` who signed up at ``location`` at ``created``; segments and metrics come later."""
    bare = draw.random() < 0.05  # neither name nor e-mail
    email = None if bare else _email(person, draw)
    known_phone = bare or draw.random() < 0.72
    birth_date, birth_day = _birth(person, draw)
    modified = min(END, created + draw.randrange(0, 200 * 86_400) * SECOND)
    accepted = written(created // SECOND * SECOND)[:-1] + ".000Z"
    return {
        "segments": [],
        "cid": f"{draw.getrandbits(128):032x}",
        "title": None,
        "firstName": None if bare else person.first_name,
        "lastName": None if bare or draw.random() < 0.03 else person.last_name,
        "gender": draw.choices((person.gender, None), (8, 2))[0],
        "birthDate": birth_date,
        "birthDay": birth_day,
        "age": 2026 - person.born.year if birth_date else None,
        "country": person.country if draw.random() < 0.92 else None,
        "zipCode": location.record["address"]["zip"] if draw.random() < 0.3 else None,
        "created": written(created),
        "createdBusiness": written(wall(created, location.zone)),
        "modified": written(modified),
        "email": email,
        "emailVerified": bool(email and "@example" in email and draw.random() < 0.5),
        "phone": person.phone if known_phone else None,
        "phoneNumber": person.phone_number if known_phone else None,
        "phonePrefix": person.phone_prefix if known_phone else None,
        "phoneVerified": known_phone and draw.random() < 0.4,
        "signupMethod": draw.choice(_SIGNUP),
        "externalIdentityId": None,
        "username": "".join(draw.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=12)),
        "locked": draw.random() < 0.01,
        "organizationCid": ORGANIZATION,
        "locationCid": location.record["id"],
        "system": draw.choice(("mobileapp", "splashportal", "kiosk", "api")),
        "enabled": draw.random() < 0.98,
        "type": "guest",
        "locationName": location.record["name"],
        "personalId": None,
        "externalSource": "Cloud4wi",
        "policies": [
            {"name": "termsOfUse", "accepted": True, "date": accepted, "version": "default"},
            {"name": "privacy", "accepted": True, "date": accepted, "version": "default"},
            {"name": "mktgCommunications", "accepted": draw.random() < 0.6, "date": accepted, "version": "default"},
            {"name": "profiling", "accepted": draw.random() < 0.3, "date": accepted, "version": "1.00"},
        ],
        "lastLogin": None,
        "logins": 0,
        "metrics": None,
        "emailValid": True if email and draw.random() < 0.3 else None,
        "language": person.language,
        "splashLanguage": person.language,
        "genericCustomField": [{"key": "loyalty_card", "value": f"95000000{draw.randrange(10**8):08d}"}]
        if draw.random() < 0.25
        else [],
        "extId": {"id": f"CRM-{draw.randrange(10**6):06d}", "prop1": draw.choice(("gold", "silver", "basic"))}
        if draw.random() < 0.2
        else {},
    }


def contacts(people: list[Person], place: Places, seed: int) -> list[dict[str, Any]]:
    """One record for each person; some were imported together and share their ``created``."""
    draw = random.Random(f"{seed}:contacts")  # noqa: S311 - a data set, no secret
    home: dict[str, list[Location]] = {}
    for location in place.locations[2:]:
        home.setdefault(location.country, []).append(location)
    everywhere = list(place.locations[2:])
    records: list[dict[str, Any]] = []
    created = BEGIN
    import_size = min(40, len(people) // 10)
    for number, person in enumerate(people):
        near = home.get(person.country, everywhere)
        location = draw.choice(near if draw.random() < 0.9 else everywhere)
        if import_size <= number < 2 * import_size:
            created = instant("2025-09-15T08:00:00Z")
        elif number % 25 or not number:
            created = BEGIN + draw.randrange((END - BEGIN) // SECOND) * SECOND
        record = contact(person, location, created, draw)
        for segment, share in zip(place.segments, place.shares, strict=True):
            if draw.random() < share:
                record["segments"].append({"cid": segment["id"], "name": segment["name"]})
        records.append(record)
    return records

"""What the stub upstream serves: an organization of even size, in the shapes that Cloud4Wi documents.

Every run of fifty events in a row that starts at a multiple of fifty is of twenty contacts at five locations, and no
two such runs share a contact. So two requests for different windows have no upstream call in common but those for
locations, and nothing but a gateway's own work is measured where sharing is off.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

ORGANIZATION = "155d60f21dc1938562900a0e201d54f6"
EVENTS = 20_000
WINDOW = 50
CONTACTS_IN_WINDOW = 20
LOCATIONS = 5
WINDOWS = EVENTS // WINDOW
CONTACTS = WINDOWS * CONTACTS_IN_WINDOW
NEWEST = datetime(2026, 10, 31, 12, 0, 0)
"""When the newest event happened; each is a minute older than the one before."""

_TYPES = ("login", "arriving", "signup", "visit", "promo")
_SEGMENTS = ("Loyal Customer", "Newsletter", "Weekend Visitors", "Coffee Lovers")
_ZONES = (
    ("Piazza Bra Store", "Europe/Rome", "it", 45.4386, 10.9928),
    ("Covent Garden Store", "Europe/London", "gb", 51.5127, -0.124),
    ("Berlin Mitte", "Europe/Berlin", "de", 52.5246, 13.402),
    ("SoHo Flagship", "America/New_York", "us", 40.7253, -73.999),
    ("Tokyo Daikanyama", "Asia/Tokyo", "jp", 35.649, 139.699),
)
_GIVEN = ("Ivan", "Chiara", "Noah", "Zoë", "Marta", "Luca", "Amélie", "Ken")
_FAMILY = ("Muccini", "Rossi", "O'Brien", "Krüger", "Yamada", "Costa", "Smith", "García")


def _hex(draw: random.Random) -> str:
    return f"{draw.getrandbits(128):032x}"


def written(moment: datetime) -> str:
    """A time as Cloud4Wi writes it."""
    return moment.isoformat(timespec="seconds") + "Z"


@dataclass(frozen=True)
class Organization:
    """Everything the stub knows.

    Attributes:
        events: the newest first.
    """

    events: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    locations: list[dict[str, Any]]
    segments: list[dict[str, Any]]

    def write(self, folder: Path) -> None:
        """Lay the records down as the stub reads them: lines of a key (of an event: Unix seconds), a tab and JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("events", "contacts", "locations", "segments"):
            lines = [b"%s\t%s\n" % (_key(name, row).encode(), orjson.dumps(row)) for row in getattr(self, name)]
            (folder / f"{name}.tsv").write_bytes(b"".join(lines))


def _key(name: str, row: dict[str, Any]) -> str:
    if name == "events":
        return str(unix(row["when"]["createdAt"]))
    key: str = row["cid" if name == "contacts" else "id"]
    return key


def unix(text: str) -> int:
    """Unix seconds of a time as Cloud4Wi writes it."""
    return int(datetime.fromisoformat(text).timestamp())


def make() -> Organization:
    """The same organization every time."""
    draw = random.Random("contactgraph bench")
    locations = [_location(draw, number) for number in range(LOCATIONS)]
    segments = [{"id": _hex(draw), "name": name, "audience": CONTACTS // 2} for name in _SEGMENTS]
    contacts = [_contact(draw, number, locations, segments) for number in range(CONTACTS)]
    return Organization(list(_events(draw, contacts, locations)), contacts, locations, segments)


def _location(draw: random.Random, number: int) -> dict[str, Any]:
    name, zone, country, latitude, longitude = _ZONES[number]
    return {
        "id": _hex(draw),
        "name": name,
        "organziationId": ORGANIZATION,
        "lat": latitude,
        "lng": longitude,
        "timezone": zone,
        "address": {"address": f"Street {number}", "city": name.split()[0], "state": "", "zip": "", "country": country},
        "externalId": None,
        "tags": ["store"],
    }


def _contact(
    draw: random.Random, number: int, locations: list[dict[str, Any]], segments: list[dict[str, Any]]
) -> dict[str, Any]:
    given, family = draw.choice(_GIVEN), draw.choice(_FAMILY)
    place = locations[number % LOCATIONS]
    line = f"415555{number % 10_000:04d}"
    return {
        "segments": [
            {"cid": segments[at % len(segments)]["id"], "name": segments[at % len(segments)]["name"]}
            for at in (number, number + 1)
        ],
        "cid": _hex(draw),
        "title": None,
        "firstName": given,
        "lastName": family,
        "gender": draw.choice(("male", "female")),
        "birthDate": "1982",
        "birthDay": "01-29",
        "age": 38,
        "country": "us",
        "zipCode": "94105",
        "created": "2025-07-21T17:58:35Z",
        "createdBusiness": "2025-07-21T10:58:35Z",
        "modified": "2026-10-15T05:19:43Z",
        "email": f"guest{number}@example.com",
        "emailVerified": False,
        "phone": f"+1{line}",
        "phoneNumber": line,
        "phonePrefix": "+1",
        "phoneVerified": False,
        "signupMethod": "passthrough",
        "externalIdentityId": None,
        "username": f"RG{number:08d}",
        "locked": False,
        "organizationCid": ORGANIZATION,
        "locationCid": place["id"],
        "system": "mobileapp",
        "enabled": True,
        "type": "guest",
        "locationName": place["name"],
        "personalId": None,
        "externalSource": "Cloud4wi",
        "policies": [
            {"name": name, "accepted": True, "date": "2025-07-21T17:58:35.000Z", "version": "default"}
            for name in ("termsOfUse", "privacy", "mktgCommunications", "profiling")
        ],
        "lastLogin": "2026-10-02T14:48:57.000Z",
        "logins": number % 200,
        "metrics": {
            "frequencyMonthlyVisit": 3.0897396143865636,
            "compassTopLocation": place["id"],
            "compassTopLocationCount": 12,
            "topFrequencyBuckets": "daily",
            "lastVisitVenue": place["id"],
            "prefVisitWDay": 2,
            "lastVisitDateUtc": "2026-10-02T14:54:36Z",
            "avgVisitLength": 461.3333333333333,
            "countVisitedLocations": 1,
            "prefVisitTimebucket": "afternoon",
            "prefVisitTimeHour": "15",
            "lastVisitDateBusiness": "2026-10-02T07:54:36Z",
            "countTotalVisits": number % 97,
            "conversionRate": 1,
            "avgDaysBetweenVisits": 1.0909090909090908,
        },
        "emailValid": None,
        "language": "it",
        "splashLanguage": "it",
        "genericCustomField": [{"key": "loyalty_card", "value": f"95000000{number:08d}"}],
        "extId": {},
    }


def _events(
    draw: random.Random, contacts: list[dict[str, Any]], locations: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for number in range(EVENTS):
        window, within = divmod(number, WINDOW)
        place = locations[within % LOCATIONS]
        kind = _TYPES[within % len(_TYPES)]
        at = written(NEWEST - timedelta(minutes=number))
        what: dict[str, Any] = {"type": kind, "id": _hex(draw) + "l"}
        if kind == "visit":
            what["visit"] = {"startAt": at, "startAtLocal": at, "timezone": place["timezone"], "duration": 0}
        elif kind == "signup":
            what["signup"] = {"source": "wifi"}
        elif kind == "promo":
            what["promo"] = {"type": "cta"}
        yield {
            "organizationId": ORGANIZATION,
            "customerId": contacts[window * CONTACTS_IN_WINDOW + within % CONTACTS_IN_WINDOW]["cid"],
            "event": what,
            "where": {"locationId": place["id"], "locationName": place["name"], "hotspotId": _hex(draw)},
            "when": {"createdAt": at, "createdAtLocal": at, "timezone": place["timezone"]},
        }

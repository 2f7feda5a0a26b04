"""The organization's places: locations in several time zones, hotspots, geofences; and the segments of contacts."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

ORGANIZATION = "155d60f21dc1938562900a0e201d54f6"
"""The organization of the published examples."""
IVAN_HOME = "ff808081803ff92a01821d4cfd856805"
IVAN_SIGNUP = "ff808081803ff92a01820195deb26263"
IVAN_HOTSPOT = "5da63f1da1f3a290306314b6273d6382"
LOYAL = "12d1f8713a1fecb953bcc64220813bc6"

_LOCATIONS = """
Piazza Bra Store|it|Europe/Rome|Piazza Bra 12|Verona|VR|37121|45.4386|10.9928|store flagship
Brera Concept|it|Europe/Rome|Via Brera 21|Milano|MI|20121|45.4719|9.1880|store
Lungarno Café|it|Europe/Rome|Lungarno Pacinotti 4|Pisa|PI|56126|43.7165|10.3990|cafe
Termini Hub|it|Europe/Rome|Via Giolitti 34|Roma|RM|00185|41.9010|12.5020|transit
Trastevere Osteria|it|Europe/Rome|Via della Lungaretta 88|Roma|RM|00153|41.8893|12.4700|cafe food
Navigli Outlet|it|Europe/Rome|Ripa di Porta Ticinese 7|Milano|MI|20143|45.4515|9.1750|outlet
Covent Garden Store|gb|Europe/London|14 James Street|London||WC2E 8BU|51.5127|-0.1240|store flagship
Shoreditch Pop-up|gb|Europe/London|3 Redchurch Street|London||E2 7DJ|51.5246|-0.0740|popup
Manchester Arndale|gb|Europe/London|Unit 52, Market Street|Manchester||M4 3AQ|53.4836|-2.2390|mall
Edinburgh Princes St|gb|Europe/London|81 Princes Street|Edinburgh||EH2 2ER|55.9521|-3.1960|store
Berlin Mitte|de|Europe/Berlin|Rosenthaler Straße 40|Berlin|BE|10178|52.5246|13.4020|store flagship
München Viktualienmarkt|de|Europe/Berlin|Viktualienmarkt 3|München|BY|80331|48.1351|11.5763|cafe food
Köln Ehrenstraße|de|Europe/Berlin|Ehrenstraße 18|Köln|NW|50672|50.9381|6.9430|store
SoHo Flagship|us|America/New_York|121 Greene Street|New York|NY|10012|40.7253|-73.9990|store flagship
Brooklyn Roastery|us|America/New_York|55 Water Street|Brooklyn|NY|11201|40.7032|-73.9920|cafe
Boston Back Bay|us|America/New_York|234 Newbury Street|Boston|MA|02116|42.3503|-71.0810|store
Venice Beach|us|America/Los_Angeles|1501 Pacific Avenue|Venice|CA|90291|33.9870|-118.4720|store
Hayes Valley|us|America/Los_Angeles|432 Hayes Street|San Francisco|CA|94102|37.7770|-122.4240|cafe
São Paulo Jardins|br|America/Sao_Paulo|Rua Oscar Freire 725|São Paulo|SP|01426-001|-23.5629|-46.6690|store
Rio Ipanema|br|America/Sao_Paulo|Rua Visconde de Pirajá 351|Rio de Janeiro|RJ|22410-003|-22.9840|-43.2060|popup
Tokyo Daikanyama|jp|Asia/Tokyo|Sarugakucho 16-15|Tokyo|Tokyo|150-0033|35.6490|139.6990|store flagship
京都 四条店|jp|Asia/Tokyo|四条通 烏丸東入 8|京都市|京都府|600-8008|35.0037|135.7620|cafe
"""
_SEGMENTS = (
    ("Loyal Customer", "Twelve visits or more", 0.22),
    ("New This Quarter", "Signed up in the last 90 days", 0.16),
    ("Lapsed", "No visit for 120 days", 0.18),
    ("Newsletter", "Accepts marketing communications", 0.45),
    ("Weekend Visitors", "Most visits on Saturday or Sunday", 0.2),
    ("Coffee Lovers", "Visits locations tagged cafe", 0.14),
    ("VIP", "Invitation only", 0.03),
    ("Travellers", "Seen in two countries or more", 0.07),
    ("Birthday This Month", "Born this month", 0.08),
    ("Students", "Verified with a university address", 0.05),
    ("Città & Più", "Italian loyalty programme", 0.1),
    ("Empty on purpose", "", 0.0),
)


@dataclass(frozen=True)
class Location:
    """A location's record and what the history needs of it."""

    record: dict[str, Any]
    country: str
    hotspots: tuple[str, ...]

    @cached_property
    def zone(self) -> ZoneInfo:
        """The location's time zone."""
        return ZoneInfo(self.record["timezone"])


@dataclass(frozen=True)
class Places:
    """All places; the same for the same seed.

    Attributes:
        segments: records of the segments list, audience still 0; ``shares`` says how large each is of all contacts.
        geofences: ``where`` objects of geofence events with their time zone.
    """

    locations: tuple[Location, ...]
    hotspots: tuple[dict[str, Any], ...]
    segments: tuple[dict[str, Any], ...]
    shares: tuple[float, ...]
    geofences: tuple[tuple[dict[str, Any], ZoneInfo], ...]


def _hex(draw: random.Random, length: int) -> str:
    return f"{draw.getrandbits(4 * length):0{length}x}"


def _record(
    lid: str, name: str, zone: str, lat: float, lng: float, address: list[str], tags: list[str]
) -> dict[str, Any]:
    street, city, state, postcode, country = address
    return {
        "id": lid,
        "name": name,
        "organziationId": ORGANIZATION,
        "lat": lat,
        "lng": lng,
        "timezone": zone,
        "address": {"address": street, "city": city, "state": state, "zip": postcode, "country": country},
        "externalId": None,
        "tags": tags,
    }


def _hotspot(draw: random.Random, record: dict[str, Any], number: int, hid: str | None) -> dict[str, Any]:
    mac = ":".join(_hex(draw, 2).upper() for _ in range(6))
    vendor, firmware = draw.choice(
        (("Cisco Meraki", "MR 30.7"), ("Aruba", "8.10.0.9"), ("Ruckus", "6.1.2"), ("Ubiquiti", "6.6.55"))
    )
    return {
        "id": hid or _hex(draw, 32),
        "name": f"{record['name']} AP {number}",
        "description": draw.choice(("Entrance", "Counter", "First floor", "Terrace", "")),
        "firmware": firmware,
        "vendor": vendor,
        "hotspotIdentifier": mac.replace(":", "-"),
        "date": f"2025-0{draw.randrange(1, 5)}-{draw.randrange(10, 28)}T0{draw.randrange(6, 10)}:15:00Z",
        "macAddress": mac,
        "venueId": record["id"],
        "country": record["address"]["country"],
        "city": record["address"]["city"],
        "address": record["address"]["address"],
        "latitude": record["lat"],
        "longitude": record["lng"],
        "deleted": False,
    }


def places(seed: int) -> Places:
    """The organization's places."""
    draw = random.Random(f"{seed}:places")  # noqa: S311 - a data set, no secret
    records = [
        (
            _record(
                IVAN_HOME,
                "Ivan Home",
                "America/Los_Angeles",
                37.7599,
                -122.4148,
                ["", "San Francisco", "CA", "94110", "us"],
                [],
            ),
            "us",
        ),
        (
            _record(
                IVAN_SIGNUP,
                "hiddden_SECUREWIFI.IO",
                "Europe/Rome",
                43.7228,
                10.4017,
                ["", "Pisa", "PI", "56121", "it"],
                ["lab"],
            ),
            "it",
        ),
    ]
    for line in _LOCATIONS.strip().splitlines():
        name, country, zone, street, city, state, postcode, lat, lng, tags = line.split("|")
        record = _record(
            "ff808081" + _hex(draw, 24),
            name,
            zone,
            float(lat),
            float(lng),
            [street, city, state, postcode, country],
            tags.split(),
        )
        if draw.random() < 0.7:
            record["externalId"] = f"{country.upper()}-{draw.randrange(100, 999)}"
        records.append((record, country))
    locations, hotspots = [], []
    for record, country in records:
        own = [_hotspot(draw, record, number + 1, None) for number in range(draw.randrange(2, 6))]
        if record["id"] == IVAN_HOME:
            own[0]["id"] = IVAN_HOTSPOT
        hotspots += own
        locations.append(Location(record, country, tuple(hotspot["id"] for hotspot in own)))
    segments = [
        {
            "id": LOYAL if number == 0 else _hex(draw, 32),
            "name": name,
            "description": description,
            "lastRun": f"2026-10-31T0{draw.randrange(1, 6)}:00:{draw.randrange(10, 60)}Z",
            "created": f"2025-{draw.randrange(1, 5):02d}-{draw.randrange(10, 28)}T09:30:00Z",
            "modified": f"2026-{draw.randrange(1, 10):02d}-{draw.randrange(10, 28)}T16:05:00Z",
            "segmentStatus": draw.choice(("active", "active", "active", "paused")),
            "audience": 0,
        }
        for number, (name, description, _) in enumerate(_SEGMENTS)
    ]
    geofences: list[tuple[dict[str, Any], ZoneInfo]] = []
    for location in locations[2::5]:
        circle = [round(location.record["lng"], 6), round(location.record["lat"], 6)]
        geofences.append(
            (
                {
                    "geofenceName": f"Around {location.record['name']}",
                    "geofenceMetadata": [],
                    "geofenceId": _hex(draw, 32),
                    "geofenceExtId": location.record["externalId"] or "",
                    "geofenceJSON": {"type": "Circle", "coordinates": circle, "radius": draw.choice((100, 150, 250))},
                },
                location.zone,
            )
        )
    return Places(
        tuple(locations), tuple(hotspots), tuple(segments), tuple(share for _, _, share in _SEGMENTS), tuple(geofences)
    )

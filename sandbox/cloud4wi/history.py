"""Eighteen months of events: sign-ups, visits with what happens during them, campaigns, surveys, geofences, bursts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.clock import SECOND, instant, micros, wall, written
from sandbox.cloud4wi.contacts import BEGIN, END
from sandbox.cloud4wi.places import ORGANIZATION, Location, Places

Event = dict[str, Any]

_CAMPAIGNS = ("Spring Welcome", "Summer Sale", "Saldi d'autunno", "Coffee Week", "We miss you", "Double Points")
_QUESTIONS = ("How was your visit?", "Would you recommend us?", "Che cosa possiamo migliorare?")
_ANSWERS = ("Great", "Good", "Così così", "9", "10", "More seats, please", "")
_APP = {
    "appId": "62d86f755d146f00012297ea",
    "appBundle": "com.cloud4wi.toolkit",
    "projectId": "62d86f0068c4fc0001c4d63f",
}


def when(at: int, zone: ZoneInfo) -> dict[str, str]:
    """The ``when`` of an event: the instant, and the wall time with its false ``Z``."""
    return {"createdAt": written(at), "createdAtLocal": written(wall(at, zone)), "timezone": zone.key}


def stay(start: int, end: int | None, zone: ZoneInfo) -> dict[str, Any]:
    """The ``visit`` of an event; with an end, its duration in whole minutes, rounded down."""
    visit: dict[str, Any] = {
        "startAt": written(start),
        "startAtLocal": written(wall(start, zone)),
        "timezone": zone.key,
    }
    if end is not None:
        visit["duration"] = (end - start) // (60 * SECOND)
    return visit


class Historian:
    """Draws events of one organization, deterministically from its seed."""

    def __init__(self, place: Places, contacts: list[dict[str, Any]], seed: int) -> None:
        self._draw = random.Random(f"{seed}:history")  # noqa: S311 - a data set, no secret
        self._place = place
        self._contacts = contacts
        self._location = {location.record["id"]: location for location in place.locations}
        self._born = [instant(contact["created"]) for contact in contacts]
        self._campaign_ids = [self._hex(24) for _ in _CAMPAIGNS]
        self._visitors = random.Random(f"{seed}:visitors")  # noqa: S311 - a data set, no secret

    def _hex(self, length: int) -> str:
        return f"{self._draw.getrandbits(4 * length):0{length}x}"

    def event(
        self, kind: str, customer: str, location: Location, at: int, *, hotspot: bool = False, **detail: Any
    ) -> Event:
        """One location event; ``detail`` holds the sub-object, if the type has one."""
        where = {"locationId": location.record["id"], "locationName": location.record["name"]}
        if hotspot:
            where["hotspotId"] = self._draw.choice(location.hotspots)
        return {
            "organizationId": ORGANIZATION,
            "customerId": customer,
            "event": {"type": kind, "id": self._hex(32) + "l", **detail},
            "where": where,
            "when": when(at, location.zone),
        }

    def signups(self, limit: int) -> Iterator[Event]:
        """The sign-up of each contact, at most ``limit`` of them."""
        for contact, at in list(zip(self._contacts, self._born, strict=True))[:limit]:
            location = self._location[contact["locationCid"]]
            source = self._draw.choice(("wifi", "wifi", "wifi", "kiosk", "api"))
            yield self.event(
                "signup", contact["cid"], location, at, hotspot=source == "wifi", signup={"source": source}
            )

    def days(self) -> Iterator[list[Event]]:
        """Endless occasions, each a few events of one contact: a visit, a campaign, a survey, a stay in a geofence."""
        kinds = (self._visit, self._email, self._sms, self._survey, self._promo, self._geofence)
        while True:
            # Squared: some contacts come often, most seldom.
            number = int(self._visitors.random() ** 2 * len(self._contacts))
            occasion = self._visitors.choices(kinds, (62, 16, 6, 5, 4, 7))[0]
            events = occasion(self._contacts[number], self._born[number])
            if all(event["when"]["createdAt"] <= "2026-10-31T23:59:59Z" for event in events):
                yield events

    def _opening(self, born: int, zone: ZoneInfo) -> int:
        """An instant after ``born`` at which people are about in ``zone``."""
        day = datetime.fromtimestamp((born + self._draw.randrange(max(1, END - born))) // SECOND, UTC).date()
        hour = self._draw.triangular(7.5, 22.5, 17.0)
        local = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(seconds=int(hour * 3600))
        at = micros(local.astimezone(UTC))
        return at if at > born else min(END, born + self._draw.randrange(3600) * SECOND)

    def _somewhere(self, contact: dict[str, Any]) -> Location:
        if self._draw.random() < 0.8:
            return self._location[contact["locationCid"]]
        return self._draw.choice(self._place.locations[2:])

    def _visit(self, contact: dict[str, Any], born: int) -> list[Event]:
        location, cid = self._somewhere(contact), contact["cid"]
        start = self._opening(born, location.zone)
        end = start + int(self._draw.triangular(2, 190, 25) * 60) * SECOND
        events = [self.event("arriving", cid, location, start, hotspot=True)]
        if self._draw.random() < 0.08:
            events.append(self.event("presence", cid, location, start, hotspot=True))
        for _ in range(self._draw.choices((0, 1, 2, 3), (2, 6, 2, 1))[0]):
            late = self._draw.choice((0, 0, 21, 95)) * SECOND + (
                self._draw.randrange(1, 1000) * 1000 if self._draw.random() < 0.1 else 0
            )
            events.append(self.event("login", cid, location, min(start + late, end), hotspot=True))
        if self._draw.random() < 0.05:
            half = start + (end - start) // (2 * SECOND) * SECOND
            events.append(self.event("dwell", cid, location, half, dwell={"minutes": (half - start) // (60 * SECOND)}))
        events.append(self.event("visit", cid, location, end, visit=stay(start, end, location.zone)))
        if self._draw.random() < 0.05:
            events.append(self.event("leave", cid, location, end))
        return events

    def _message(self) -> dict[str, Any]:
        number = self._draw.randrange(len(_CAMPAIGNS))
        return {
            "campaignId": self._campaign_ids[number],
            "communicationId": self._hex(24),
            "campaignName": _CAMPAIGNS[number],
        }

    def _email(self, contact: dict[str, Any], born: int) -> list[Event]:
        location, cid = self._location[contact["locationCid"]], contact["cid"]
        at = self._opening(born, location.zone)
        email = {**self._message(), "channel": "email", "email": contact["email"] or ""}
        events = [self.event("send_email", cid, location, at, email=email)]
        if self._draw.random() < 0.5:
            at += self._draw.randrange(30, 40_000) * SECOND
            events.append(self.event("open_email", cid, location, at, email=email))
            if self._draw.random() < 0.4:
                events.append(
                    self.event("click_email", cid, location, at + self._draw.randrange(2, 90) * SECOND, email=email)
                )
        return events

    def _sms(self, contact: dict[str, Any], born: int) -> list[Event]:
        location, cid = self._location[contact["locationCid"]], contact["cid"]
        at = self._opening(born, location.zone)
        address = {"phone": contact["phoneNumber"] or "", "prefix": contact["phonePrefix"] or ""}
        sms = {**self._message(), "channel": "sms", **address}
        events = [self.event("send_sms", cid, location, at, sms=sms)]
        if self._draw.random() < 0.3:
            events.append(self.event("click_sms", cid, location, at + self._draw.randrange(5, 9_000) * SECOND, sms=sms))
        return events

    def _survey(self, contact: dict[str, Any], born: int) -> list[Event]:
        location = self._somewhere(contact)
        asked = self._draw.sample(_QUESTIONS, self._draw.randrange(1, len(_QUESTIONS) + 1))
        survey = {
            "campaignId": self._hex(24),
            "campaignName": "Visit survey",
            "answerId": self._hex(24),
            "questions": {f"question_{number}": text for number, text in enumerate(asked, 1)},
            "answers": {f"answer_{number}": self._draw.choice(_ANSWERS) for number in range(1, len(asked) + 1)},
        }
        return [self.event("survey", contact["cid"], location, self._opening(born, location.zone), survey=survey)]

    def _promo(self, contact: dict[str, Any], born: int) -> list[Event]:
        location = self._somewhere(contact)
        promo = {"type": self._draw.choice(("cta", "coupon", "link"))}
        return [
            self.event("promo", contact["cid"], location, self._opening(born, location.zone), hotspot=True, promo=promo)
        ]

    def _geofence(self, contact: dict[str, Any], born: int) -> list[Event]:
        where, zone = self._draw.choice(self._place.geofences)
        start = self._opening(born, zone)
        end = start + self._draw.randrange(20, 9_000) * SECOND
        properties = {**_APP, "appOs": self._draw.choice(("android", "ios"))}
        both: list[Event] = []
        for kind, at, leaving in (("geo_arriving", start, None), ("geo_visit", end, end)):
            visit = {**stay(start, leaving, zone), "properties": properties}
            event = {"type": kind, "id": self._hex(32) + "g", "visit": visit}
            both.append({"customerId": contact["cid"], "event": event, "where": where, "when": when(at, zone)})
        return both

    def burst(self, size: int, at: int) -> Iterator[Event]:
        """A campaign that sends ``size`` e-mails at one instant."""
        message = {**self._message(), "channel": "email"}
        known = [
            contact for contact, born in zip(self._contacts, self._born, strict=True) if born < at
        ] or self._contacts
        for number in range(size):
            contact = known[number % len(known)]
            location = self._location[contact["locationCid"]]
            email = {**message, "email": contact["email"] or ""}
            yield self.event("send_email", contact["cid"], location, at, email=email)


BURST_AT = BEGIN + 400 * 86_400 * SECOND + 9 * 3600 * SECOND
"""The second of the largest burst (2026-06-05T09:00:00Z)."""


def history(place: Places, contacts: list[dict[str, Any]], seed: int, count: int, burst: int) -> Iterator[Event]:
    """Exactly ``count`` events (more if ``burst`` alone is more); none without contacts."""
    if not contacts:
        return
    historian = Historian(place, contacts, seed)
    yield from historian.burst(burst, BURST_AT)
    left = count - burst
    if count >= 1000:
        for number, share in enumerate((0.01, 0.006, 0.004), 1):
            size = max(0, min(left, int(count * share), 300 // number))
            yield from historian.burst(size, BEGIN + number * 120 * 86_400 * SECOND + 17 * 3600 * SECOND)
            left -= size
    signups = min(len(contacts), max(0, left // 2))
    yield from historian.signups(signups)
    left -= signups
    occasions = historian.days()
    while left > 0:
        occasion = next(occasions)[:left]
        yield from occasion
        left -= len(occasion)

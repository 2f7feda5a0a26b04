"""Devices and accounting sessions of a contact: both shapes are invented, the documents show none.

They are drawn when asked for, from the contact's id and visits, so they are the same each time and take no room.
"""

from __future__ import annotations

import random
from typing import Any

from sandbox.clock import instant, written

_MODELS = (
    ("Apple", "iPhone 15", "iOS 18"),
    ("Apple", "iPad Air", "iPadOS 18"),
    ("Samsung", "Galaxy S24", "Android 15"),
    ("Google", "Pixel 9", "Android 16"),
    ("Xiaomi", "Redmi Note 13", "Android 14"),
)


def devices(contact: dict[str, Any]) -> list[dict[str, Any]]:
    """One to three devices of the contact."""
    draw = random.Random(f"{contact['cid']}:devices")  # noqa: S311 - a data set, no secret
    rows = []
    for _ in range(draw.randrange(1, 4)):
        brand, model, system = draw.choice(_MODELS)
        address = [f"{draw.getrandbits(8):02X}" for _ in range(6)]
        rows.append(
            {
                "id": f"{draw.getrandbits(128):032x}",
                "macAddress": ":".join(address),
                "brand": brand,
                "model": model,
                "os": system,
                "firstSeen": contact["created"],
                "lastSeen": contact["lastLogin"] or contact["created"],
            }
        )
    return rows


def accountings(contact: dict[str, Any], visits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A Wi-Fi session for each of the contact's ``visits``, latest first."""
    macs = [device["macAddress"] for device in devices(contact)]
    rows = []
    for visit in reversed(visits):
        draw = random.Random(f"{visit['event']['id']}:accounting")  # noqa: S311 - a data set, no secret
        start, stop = visit["event"]["visit"]["startAt"], visit["when"]["createdAt"]
        seconds = (instant(stop) - instant(start)) // 1_000_000
        rows.append(
            {
                "id": f"{draw.getrandbits(128):032x}",
                "customerId": contact["cid"],
                "locationId": visit["where"]["locationId"],
                "macAddress": draw.choice(macs),
                "startAt": start,
                "stopAt": written(instant(stop)),
                "sessionTime": seconds,
                "inputOctets": draw.randrange(1_000, 90_000) * (seconds + 1),
                "outputOctets": draw.randrange(100, 9_000) * (seconds + 1),
                "terminateCause": draw.choice(("User-Request", "Idle-Timeout", "Session-Timeout", "Lost-Carrier")),
            }
        )
    return rows

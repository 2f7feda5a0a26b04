"""A contact of Rechat: a small record with attributes, and the document that is put together from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

DAY = 86_400
_PARTS = ("house_num", "name", "suftype", "city", "state", "country", "postcode", "extra")
_COPIED = ("title", "middle_name", "marketing_name", "nickname", "company", "job_title", "source_type", "source")
_IMAGES = ("profile_image_url", "cover_image_url")


@dataclass(slots=True)
class Contact:
    """What is stored of a contact. Times are seconds since 1970 with microseconds.

    Attributes:
        attributes: its attributes as they are sent with a definition's id in ``attribute_def``; oldest first.
        position: its place in the order of creation, which is the order of contacts without another one.
    """

    id: str
    user: str
    created_at: float
    updated_at: float
    position: int
    created_by: str
    updated_by: str | None = None
    created_for: str = "direct_request"
    updated_for: str = "direct_request"
    ios_address_book_id: str | None = None
    android_address_book_id: str | None = None
    touch_freq: int | None = None
    last_touch: float | None = None
    last_touch_action: str | None = None
    next_touch: float | None = None
    parked: bool = False
    flows: list[str] = field(default_factory=list)
    attributes: list[Json] = field(default_factory=list)

    def values(self, kind: str, partner: bool = False) -> list[Json]:
        """The attributes of one type, the primary one first."""
        rows = [row for row in self.attributes if row["attribute_type"] == kind and row["is_partner"] is partner]
        return sorted(rows, key=lambda row: not row["is_primary"])

    def texts(self, kind: str, partner: bool = False) -> list[str]:
        """The texts of :meth:`values`."""
        return [row["text"] for row in self.values(kind, partner) if row["text"] is not None]

    def text(self, kind: str, partner: bool = False) -> str | None:
        """The one text of a type, or the primary one."""
        return next(iter(self.texts(kind, partner)), None)

    @property
    def birthday(self) -> int | None:
        """Seconds since 1970 of the day of birth, at midnight UTC."""
        return next((row["date"] for row in self.values("birthday")), None)

    @property
    def display_name(self) -> str:
        """Nickname, else first and last name, else company, else e-mail, else telephone number."""
        return self.text("nickname") or self.plain_name

    @property
    def plain_name(self) -> str:
        """The display name without regard to the nickname."""
        names = _joined(self.text("first_name"), self.text("last_name"))
        return names or self.text("company") or self.text("email") or self.text("phone_number") or ""

    @property
    def sort_field(self) -> str:
        """``Last First`` where there is no nickname, else as :attr:`display_name`."""
        names = _joined(self.text("last_name"), self.text("first_name"))
        return self.text("nickname") or names or self.plain_name

    def document(self, brand: str) -> Json:
        """The contact as it is sent, relations aside; what would be an empty list is null."""
        birthday = self.birthday
        emails, phones = self.texts("email"), self.texts("phone_number")
        partner = self.text("first_name", True), self.text("last_name", True)
        return {
            "id": self.id,
            "display_name": self.display_name,
            "partner_name": _joined(*partner) or None,
            "brand": brand,
            "brand_id": brand,
            "user_id": self.user,
            "sort_field": self.sort_field,
            "last_touch": self.last_touch,
            "last_touch_action": self.last_touch_action,
            "next_touch": self.next_touch,
            "touch_freq": self.touch_freq,
            "ios_address_book_id": self.ios_address_book_id,
            "android_address_book_id": self.android_address_book_id,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "deleted_at": None,
            "created_for": self.created_for,
            "updated_for": self.updated_for,
            "deleted_for": None,
            "first_name": self.text("first_name"),
            "last_name": self.text("last_name"),
            "partner_first_name": partner[0],
            "partner_last_name": partner[1],
            "partner_email": self.text("email", True),
            **{name: self.text(name) for name in (*_COPIED, *_IMAGES)},
            "email": emails[0] if emails else None,
            "primary_email": emails[0] if emails else None,
            "emails": emails or None,
            "phone_number": phones[0] if phones else None,
            "primary_phone_number": phones[0] if phones else None,
            "phone_numbers": phones or None,
            "parked": self.parked,
            "birthday": None if birthday is None else f"{datetime.fromtimestamp(birthday, UTC):%Y-%m-%dT%H:%M:%S}.000Z",
            "website": self.texts("website") or None,
            "tags": self.texts("tag")[::-1] or None,
            "address": [row["address"] for row in self.values("address")] or None,
            "type": "contact",
        }

    def summary(self) -> Json:
        """The association ``contact.summary``; its names differ from the contact's own where there is a nickname."""
        return {
            "id": self.id,
            "is_partner": False,
            **{name: self.text(name) for name in ("first_name", "last_name", *_COPIED, *_IMAGES)},
            "email": self.text("email"),
            "phone_number": self.text("phone_number"),
            "birthday": self.birthday,
            "tags": self.texts("tag") or None,
            "display_name": self.plain_name,
            "abbreviated_display_name": self.text("nickname") or self.text("first_name") or self.plain_name,
            "type": "contact_summary",
        }


def _joined(*names: str | None) -> str:
    return " ".join(name for name in names if name)


def midnight(seconds: float) -> int:
    """``seconds`` cut to the midnight before, as dates are stored."""
    return int(seconds) // DAY * DAY


def stdaddr(sent: Json) -> Json:
    """An address as it is sent back: joined lines; of the optional parts those only that are known."""
    part = {name: str(sent.get(name) or "").strip() for name in _PARTS}
    line1 = _joined(part["house_num"], part["name"], part["suftype"])
    line2 = _joined(part["city"], part["state"], part["postcode"])
    made: Json = {"type": "stdaddr", "city": part["city"], "state": part["state"], "name": part["name"]}
    made |= {"line1": line1, "line2": line2, "full": ", ".join(line for line in (line1, line2) if line)}
    return made | {name: text for name, text in part.items() if text and name not in made}

"""The published rules of linking, written out plainly over the records as the services send them.

It shares nothing with the generator that made the labels, nor with the matcher: slow, short, and there to be read.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import phonenumbers

from sandbox.app import Sandbox

Key = tuple[str, str]


@dataclass(frozen=True)
class Known:
    """What one record says."""

    key: Key
    first: str
    last: str
    emails: frozenset[str]
    phones: frozenset[str]


def folded(text: str | None) -> str:
    """Without case and accents."""
    plain = unicodedata.normalize("NFKD", (text or "").casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


def emails(texts: list[str | None]) -> frozenset[str]:
    """The addresses among ``texts``."""
    found = [(text or "").strip().casefold() for text in texts]
    return frozenset(text for text in found if "@" in text and "." in text.partition("@")[2])


def phones(texts: list[str | None], region: str | None) -> frozenset[str]:
    """The numbers among ``texts``, in E.164 where they parse."""
    found = set()
    for text in texts:
        digits = "".join(filter(str.isdigit, text or ""))
        if text and len(set(digits)) > 1:
            try:
                number = phonenumbers.parse(text, region)
            except phonenumbers.NumberParseException:
                found.add(text.strip())
            else:
                found.add(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return frozenset(found)


def everybody(box: Sandbox) -> list[Known]:
    """All records of all services."""
    found = []
    for row in box.cloud4wi.contacts():
        region = row["country"].upper() if row["country"] else None
        numbers = phones([row["phone"]], region)
        key = ("cloud4wi", row["cid"])
        found.append(Known(key, folded(row["firstName"]), folded(row["lastName"]), emails([row["email"]]), numbers))
    for row in box.rechat.contacts():
        region = (row["address"] or [{}])[0].get("country")
        numbers = phones(row["phone_numbers"] or [], region)
        mails = emails(row["emails"] or [])
        found.append(Known(("rechat", row["id"]), folded(row["first_name"]), folded(row["last_name"]), mails, numbers))
    for row in box.acquire.contacts():
        fields: dict[str, Any] = row["fields"]
        first, _, last = (fields.get("name") or "").partition(" ")
        numbers = phones([fields.get("phone")], fields.get("country", {}).get("cca2"))
        mails = emails([fields.get("email")])
        found.append(Known(("acquire", str(row["id"])), folded(first), folded(last), mails, numbers))
    return found


def compatible(one: Known, other: Known) -> bool:
    """Last names equal, first names equal or one an initial of the other."""
    if not one.last or one.last != other.last:
        return False
    short, long = sorted((one.first.rstrip("."), other.first.rstrip(".")), key=len)
    return short == long or (len(short) == 1 and long.startswith(short))


def groups(box: Sandbox) -> dict[Key, Key]:
    """For each record the first record of its group."""
    known = everybody(box)
    leader = {each.key: each.key for each in known}

    def top(key: Key) -> Key:
        while leader[key] != key:
            key = leader[key]
        return key

    for by_phone in (False, True):
        holders: dict[str, list[Known]] = defaultdict(list)
        for each in known:
            for value in each.phones if by_phone else each.emails:
                holders[value].append(each)
        for group in holders.values():
            pairs = list(combinations(group, 2))
            if len(group) > 10 and not all(compatible(*pair) for pair in pairs):
                continue
            for one, other in pairs:
                if not by_phone or compatible(one, other):
                    leader[max(top(one.key), top(other.key))] = min(top(one.key), top(other.key))
    return {key: top(key) for key in leader}

"""The same thing written another way: addresses, telephone numbers, names."""

from __future__ import annotations

import random

from sandbox.people import latin

_GROUPS = {"us": (3, 3, 4), "gb": (4, 6), "it": (3, 3, 4), "de": (3, 8), "fr": (1, 2, 2, 2, 2), "br": (2, 5, 4)}
_GROUPS |= {"es": (3, 2, 2, 2), "jp": (2, 4, 4)}
_TRUNK = {"gb", "de", "fr", "jp"}
"""Countries whose national numbers begin with a 0 that the international form lacks."""
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}


def mail(address: str, draw: random.Random) -> str:
    """An address with other case, or spaces around it, or both; never as it was."""
    user, _, host = address.partition("@")
    written = draw.choice((address.upper(), address.capitalize(), f"{user.title()}@{host}", f"{user}@{host.upper()}"))
    return draw.choice((f" {address}", f"{address} ", f"\t{address} ", written, f" {written} "))


def _groups(country: str, number: str) -> list[str]:
    parts, at = [], 0
    for size in _GROUPS[country]:
        parts.append(number[at : at + size])
        at += size
    return [part for part in (*parts, number[at:]) if part]


def international(country: str, prefix: str, number: str, draw: random.Random) -> str:
    """``+39 333 123 4567`` and its like."""
    parts = _groups(country, number)
    return draw.choice((f"{prefix} {' '.join(parts)}", f"{prefix}-{'-'.join(parts)}", f"{prefix}.{'.'.join(parts)}"))


def national(country: str, number: str, draw: random.Random) -> str:
    """As people of ``country`` write it to each other: ``(415) 555-0123``, ``06 12 34 56 78``."""
    parts = _groups(country, number)
    if country in _TRUNK:
        parts[0] = "0" + parts[0]
    if country == "us":
        return draw.choice((f"({parts[0]}) {parts[1]}-{parts[2]}", "-".join(parts), "".join(parts)))
    return draw.choice((" ".join(parts), "-".join(parts), "".join(parts)))


def initial(name: str, draw: random.Random) -> str:
    """``G.`` or ``G``."""
    return name[0] + draw.choice((".", ""))


def unaccented(name: str) -> str:
    """``Jose`` for ``José``, ``Gross`` for ``Groß``; other scripts stay."""
    return "".join(_plain(letter) for letter in name)


def _plain(letter: str) -> str:
    plain = latin(letter) or letter
    return plain.capitalize() if letter.isupper() else plain


def transliterated(name: str) -> str:
    """``Mueller`` for ``Müller``."""
    return "".join(_UMLAUTS.get(letter, letter) for letter in name)

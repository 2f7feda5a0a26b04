"""When two contacts are one person. Pure: no I/O.

Two contacts are one person when an e-mail is equal without regard to case, or when a telephone number is equal and
their names are compatible. A key that many people with different names have belongs to none of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from resolvers.cleaning import country
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.identity.spelling import national_digits
from upstreams.records import ContactRecord, WholeNamed
from upstreams.values import clean_email, e164

MOST_HOLDERS = 10
"""A key that more contacts have than this, with names that are not all compatible, links nobody."""

_PLAIN = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i", "ŋ": "n"}
    | dict.fromkeys("'’ʼ‘`´", "")
)
"""Letters that Unicode does not take apart into a letter and its accent; an apostrophe is no letter."""

_ACCENTS = re.compile("[\u0300-\u036f]")
_BETWEEN = frozenset("PSZC")
"""What stands between words, by the first letter of its Unicode category; in many scripts marks belong to letters."""

_ASCENDING = "01234567890"
_DESCENDING = _ASCENDING[::-1]


class Name(NamedTuple):
    """A folded name; empty where there is none.

    Attributes:
        split: the source tells the parts apart; False: it has one name in one piece, and the parts are a guess.
    """

    first: str
    last: str
    split: bool = True


@dataclass(frozen=True, slots=True)
class Traits:
    """What a contact is recognised by.

    Attributes:
        name: folded.
        keys: normalised.
    """

    name: Name
    keys: frozenset[IdentityKey]


@lru_cache(maxsize=8192)
def fold(text: str | None) -> str:
    """A name without regard to case, accents, apostrophes and how its parts are joined; empty when nothing is left."""
    if not text:
        return ""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    # Folding may bring an accent to light (the dot of a Turkish capital I) or a letter that has one.
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", bare.casefold())).translate(_PLAIN)
    spaced = "".join(" " if unicodedata.category(char)[0] in _BETWEEN else char for char in bare)
    return unicodedata.normalize("NFC", " ".join(spaced.split()))


def name_of(record: ContactRecord) -> Name:
    """A contact's folded name."""
    if isinstance(record, WholeNamed):
        first, _, last = fold(record.whole_name).partition(" ")
        return Name(first, last, split=False)
    return Name(fold(record.first_name), fold(record.last_name))


def email_key(text: str | None) -> IdentityKey | None:
    """The key that an e-mail address is; None when it is junk."""
    email = clean_email(text)
    return None if email is None else IdentityKey(MatchKey.EMAIL, unicodedata.normalize("NFC", email.casefold()))


def phone_key(text: str | None, region: str | None) -> IdentityKey | None:
    """The key that a telephone number is; None when it is junk, or cannot be told apart from others' numbers.

    Args:
        text: as sent.
        region: country of a number that is written without a prefix; ISO 3166-1 alpha-2.
    """
    number = e164(text, region)
    if number is None or _typed_in(number):
        return None
    return IdentityKey(MatchKey.PHONE, number)


def _typed_in(number: str) -> bool:
    """Somebody held a key down, or ran a finger along them: nobody's number."""
    digits = national_digits(number)
    return len(set(digits)) == 1 or digits in _ASCENDING or digits in _DESCENDING


def keys_of(record: ContactRecord, region: str | None) -> frozenset[IdentityKey]:
    """The normalised keys of a contact.

    Args:
        region: country of national numbers when the record names none.
    """
    home = country(record) or region
    found = [email_key(text) for text in record.emails_as_sent]
    found += [phone_key(text, home) for text in record.phones_as_sent]
    return frozenset(key for key in found if key is not None)


def traits_of(record: ContactRecord, region: str | None) -> Traits:
    """What a contact is recognised by."""
    return Traits(name_of(record), keys_of(record, region))


def compatible(one: Name, other: Name) -> bool:
    """Whether two names can be one person's: last names equal, first names equal or one an initial of the other.

    A name that lacks a part is compatible with none. One that its source does not split may be split anywhere.
    """
    return any(_fit(left, right) for left in _readings(one) for right in _readings(other))


def _readings(name: Name) -> Iterator[Name]:
    if name.split:
        yield name
        return
    words = f"{name.first} {name.last}".split()
    for count in range(1, len(words)):
        yield Name(" ".join(words[:count]), " ".join(words[count:]))


def _fit(one: Name, other: Name) -> bool:
    if not (one.first and one.last and other.first and other.last) or one.last != other.last:
        return False
    if one.first == other.first:
        return True
    shorter, longer = sorted((one.first, other.first), key=len)
    return len(shorter) == 1 and longer.startswith(shorter)


def links(key: IdentityKey, one: Name, other: Name) -> bool:
    """Whether a key that two contacts have, and that is not shared, makes them one person."""
    return key.kind is MatchKey.EMAIL or compatible(one, other)


def is_shared(names: Sequence[Name]) -> bool:
    """Whether a key belongs to an office or a family: so many contacts have it, under names that are not all alike.

    Args:
        names: of all contacts that have the key.
    """
    return len(names) > MOST_HOLDERS and not all(compatible(one, other) for one, other in combinations(names, 2))


def matched_by(one: Traits, other: Traits, usable: frozenset[IdentityKey]) -> frozenset[MatchKey]:
    """By what two contacts are one person; empty when they are not.

    Args:
        usable: the keys that are not shared.
    """
    return frozenset(key.kind for key in one.keys & other.keys & usable if links(key, one.name, other.name))


def confidence(one: Traits, other: Traits, keys: frozenset[MatchKey]) -> float:
    """How sure a match is, from 0 to 1: a fixed number for each kind of evidence, to sort and to cut by."""
    if not keys:
        return 0.0
    alike = compatible(one.name, other.name)
    if len(keys) == len(MatchKey):
        return 0.99
    if MatchKey.EMAIL in keys:
        contradicted = bool(one.name.last and other.name.last) and not alike
        return 0.97 if alike else 0.8 if contradicted else 0.9
    return 0.9 if one.name.first == other.name.first else 0.75

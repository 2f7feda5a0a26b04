"""What is a usable e-mail, telephone number or country, whatever the source: pure, the same for all.

People and machines fill in something when they have nothing: such values must neither be shown nor link two contacts.
The rule is to throw away only what cannot be real.
"""

from __future__ import annotations

import re
from functools import lru_cache

from upstreams.countries import BY_NAME

_EMAIL = re.compile(
    r"""
    (?P<local> [^\s@<>(),;:"\[\]\\]{1,64} )
    @
    (?P<label> [^\W_] (?: [\w-]* [^\W_] )? )           # the first label of the domain
    (?: \. [^\W_] (?: [\w-]* [^\W_] )? )*
    \. (?: [^\W\d_]{2,63} | xn--[a-z0-9-]+ )           # a top-level domain has letters
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST_EMAIL = 254

_NEVER_A_MAILBOX = frozenset({"noemail", "no-email", "no_email", "no.email", "nomail", "no-mail", "notprovided", "n/a"})
"""Before any domain these say that there is no address."""

_PLACEHOLDERS = frozenset(
    {"no", "none", "nope", "nil", "null", "na", "nobody", "nothing", "test", "testing", "fake", "unknown", "undefined"}
    | {"email", "mail", "abc", "asdf", "xxx"}
)
"""Typed on both sides of the ``@`` they are nobody's address; on one side they may be."""

_NORTH_AMERICAN = re.compile(r"\+1[2-9]\d{9}")
_FEWEST_DIGITS = 3


@lru_cache(maxsize=8192)
def clean_email(text: str | None) -> str | None:
    """A trimmed e-mail address, its case kept; None for empty text and for what is no address."""
    if text is None:
        return None
    text = text.strip()
    match = _EMAIL.fullmatch(text) if len(text) <= _LONGEST_EMAIL else None
    if match is None:
        return None
    local, label = match["local"].casefold(), match["label"].casefold()
    if local in _NEVER_A_MAILBOX or (local in _PLACEHOLDERS and label in _PLACEHOLDERS):
        return None
    return text


@lru_cache(maxsize=8192)
def clean_phone(text: str | None, region: str | None = None) -> str | None:
    """A telephone number in E.164 where it parses, else trimmed as sent; None for empty text and junk.

    Args:
        text: as sent.
        region: ISO 3166-1 alpha-2 code of the country whose national numbers are written without a prefix.
    """
    text = _dialled(text)
    return None if text is None else e164(text, region) or text


@lru_cache(maxsize=8192)
def e164(text: str | None, region: str | None = None) -> str | None:
    """A telephone number in E.164; None when it is junk, or does not parse.

    Args:
        text: as sent.
        region: ISO 3166-1 alpha-2 code of the country whose national numbers are written without a prefix.
    """
    text = _dialled(text)
    if text is None or _NORTH_AMERICAN.fullmatch(text):
        return text
    return _parsed(text, region)


def _dialled(text: str | None) -> str | None:
    """Trimmed text that may be a number; None for what cannot be one."""
    if text is None:
        return None
    text = text.strip()
    digits = [str(int(char)) for char in text if char.isdecimal()]
    return None if len(digits) < _FEWEST_DIGITS or "@" in text or len(set(digits)) == 1 else text


def _parsed(text: str, region: str | None) -> str | None:
    # Its tables take a while to load, and not every process meets a number.
    from phonenumbers import (
        NumberParseException,
        PhoneNumberFormat,
        ValidationResult,
        format_number,
        is_possible_number_with_reason,
        parse,
    )

    try:
        number = parse(text, region.strip().upper() if region else None)
    except NumberParseException:
        return None
    if is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return format_number(number, PhoneNumberFormat.E164)


def country_code(text: str | None) -> str | None:
    """The ISO 3166-1 alpha-2 code, in upper case, of a code of two or three letters or an English name; else None."""
    return BY_NAME.get(" ".join(text.split()).casefold()) if text else None

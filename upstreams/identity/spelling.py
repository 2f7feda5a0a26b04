"""How to ask a text search for a telephone number that may be spelled in many ways."""

from __future__ import annotations


def national_digits(number: str) -> str:
    """The digits that every spelling of a number in E.164 holds: those without the country's code.

    A search that compares digits finds ``(212) 555-0123`` and ``+1 212 555 0123`` by ``2125550123``; one that compares
    text finds those that are written in one piece.
    """
    from phonenumbers import NumberParseException, national_significant_number, parse

    try:
        return national_significant_number(parse(number))
    except NumberParseException:
        return number.lstrip("+")

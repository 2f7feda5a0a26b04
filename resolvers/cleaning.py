"""A contact's names, e-mails and phones as every client wants them, whatever the source sent."""

from __future__ import annotations

from collections.abc import Iterator

from upstreams.records import ContactRecord
from upstreams.values import clean_email, clean_phone, country_code


def _text(value: str | None) -> str | None:
    """Text without blanks around it; None when nothing is left."""
    return (value.strip() or None) if value else None


def country(record: ContactRecord) -> str | None:
    """The contact's country, ISO 3166-1 alpha-2 in upper case."""
    return country_code(record.country_as_sent)


def country_or_as_sent(text: str | None) -> str | None:
    """A country of an address: ISO 3166-1 alpha-2 where it can be read, else as sent."""
    return country_code(text) or _text(text)


def _clean_emails(record: ContactRecord) -> list[str]:
    return [email for text in record.emails_as_sent if (email := clean_email(text)) is not None]


def emails(record: ContactRecord) -> list[str]:
    """Trimmed e-mails, junk left out, each once (without regard to case), in the source's order."""
    found: dict[str, str] = {}
    for email in _clean_emails(record):
        found.setdefault(email.casefold(), email)
    return list(found.values())


def email(record: ContactRecord) -> str | None:
    """The first of :func:`emails`."""
    found = _clean_emails(record)
    return found[0] if found else None


def _clean_phones(record: ContactRecord, region: str | None) -> list[str]:
    sent = record.phones_as_sent
    if not sent:
        return []
    home = country(record) or region
    return [phone for text in sent if (phone := clean_phone(text, home)) is not None]


def phones(record: ContactRecord, region: str | None) -> list[str]:
    """Phones in E.164 where they parse, else as sent; each once, in the source's order.

    Args:
        region: country of national numbers when the record names none; ISO 3166-1 alpha-2.
    """
    return list(dict.fromkeys(_clean_phones(record, region)))


def phone(record: ContactRecord, region: str | None) -> str | None:
    """The first of :func:`phones`."""
    found = _clean_phones(record, region)
    return found[0] if found else None


def full_name(record: ContactRecord) -> str | None:
    """First and last name, as far as known."""
    first, last = _text(record.first_name), _text(record.last_name)
    return f"{first} {last}" if first and last else first or last


def display_name(record: ContactRecord, region: str | None) -> str:
    """The source's own display name, else first and last name, else company, e-mail, phone, source id."""
    name = _text(record.given_display_name) or full_name(record) or _text(record.company)
    return name or email(record) or phone(record, region) or record.source_id


def search_texts(record: ContactRecord, region: str | None) -> Iterator[str | None]:
    """What ``ContactFilter.search`` looks into: names, e-mails, phones (also as sent)."""
    name = full_name(record)
    yield name
    yield record.given_display_name
    if name is None:
        yield record.company
    yield from emails(record)
    yield from record.phones_as_sent
    yield from phones(record, region)

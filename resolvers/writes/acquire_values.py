"""What a contact's or a company's values are at Acquire: one map of fields, each a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resolvers.writes.outcome import Declined, UserError, UserErrorCode, camel, unsupported
from resolvers.writes.pen import Given
from upstreams.acquire import assumptions
from upstreams.acquire.records import Contact
from upstreams.records import Source

_CANNOT = {
    "company": "put a contact into a company; it goes by the e-mail's domain",
    "tags": "tag a contact",
    "birthday": "keep a birthday",
    "job_title": "keep a job title",
}
_OWN = {"city": "city", "state": "state", "country_id": "countryId", "ip": "ip"}
_WORKED_OUT = frozenset({"country", "calling_code", "contact_country_flag"})
"""Fields that Acquire works out of others; they are told, and not sent."""

CLIENT = {
    "client_type": "clientType",
    "client_name": "clientName",
    "client_version": "clientVersion",
    "client_os_name": "clientOsName",
    "client_os_version": "clientOsVersion",
    "client_device_type": "clientDeviceType",
    "client_device_vendor": "clientDeviceVendor",
    "client_device_model": "clientDeviceModel",
    "client_details": "clientDetails",
}
"""What is known of a contact's device."""


def contact_fields(given: Given, old: Contact | None = None, at: str = "") -> dict[str, str | None]:
    """The fields of a contact that an input changes.

    Args:
        old: the contact as it is, whose other half of the name stays.
        at: where the input stands in the whole (``contacts.3.``).

    Raises:
        Declined: it asks for something that Acquire cannot keep; with all that is wrong.
    """
    errors = [unsupported(at + camel(name), Source.ACQUIRE, what) for name, what in _CANNOT.items() if given.get(name)]
    made: dict[str, str | None] = {}
    if "first_name" in given or "last_name" in given:
        first = given.get("first_name", old.first_name if old else None)
        last = given.get("last_name", old.last_name if old else None)
        made["name"] = " ".join(part.strip() for part in (first, last) if part and part.strip()) or None
    for name, key in (("emails", "email"), ("phones", "phone")):
        if name in given:
            values = [value.strip() for value in given[name] or ()]
            if len(values) > 1:
                errors.append(
                    UserError(at + name, f"Acquire keeps one {key} of a contact.", UserErrorCode.NOT_SUPPORTED)
                )
            elif values and not values[0]:
                errors.append(UserError(f"{at}{name}.0", "It is empty.", UserErrorCode.INVALID))
            else:
                made[key] = values[0] if values else None
    own = given.get("acquire") or {}
    made |= {key: own[name] for name, key in _OWN.items() if name in own}
    made |= _custom(given, at, errors)
    if errors:
        raise Declined(*errors)
    return made


def client_of(given: Given) -> dict[str, Any]:
    """What an input says of the contact's device."""
    own = given.get("acquire") or {}
    return {key: own[name] for name, key in CLIENT.items() if name in own}


def _custom(given: Given, at: str, errors: list[UserError]) -> dict[str, str | None]:
    made: dict[str, str | None] = {}
    for place, custom in enumerate(given.get("custom_fields") or ()):
        if custom["key"] in assumptions.SYSTEM_FIELDS.assumed:
            errors.append(
                UserError(f"{at}customFields.{place}.key", "It is a field of Acquire's own.", UserErrorCode.INVALID)
            )
        else:
            made[custom["key"]] = custom.get("value")
    return made


COMPANY = (
    *("name", "website", "industry", "description", "source", "revenue"),
    *("city", "state", "country_id", "address", "employees", "foundation"),
)
"""What a company may be given."""


def company_fields(given: Given) -> dict[str, str | None]:
    """The fields of a company that an input changes."""
    made: dict[str, str | None] = {camel(name): given[name] for name in COMPANY if name in given}
    made |= {custom["key"]: custom.get("value") for custom in given.get("custom_fields") or ()}
    return made


def whole(old: Mapping[str, Any], changes: Mapping[str, str | None]) -> dict[str, Any]:
    """All fields of an object, changed: an update that drops what it does not name loses nothing then. What stays is
    sent as it came, several e-mails of a merged contact too."""
    kept = {name: value for name, value in old.items() if name not in _WORKED_OUT and value is not None}
    return {**kept, **changes}

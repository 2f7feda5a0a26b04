"""Fields and times as Acquire writes them: instants, expanded countries, attribute definitions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.clock import SECOND

Json = dict[str, Any]

_COUNTRIES = """
112|Brazil|BR|BRA|55|-10|-55
132|France|FR|FRA|33|46|2
139|Germany|DE|DEU|49|51|9
165|Italy|IT|ITA|39|42.83|12.83
167|Japan|JP|JPN|81|36|138
264|Spain|ES|ESP|34|40|-4
287|United Kingdom|GB|GBR|44|54|-2
517|United States|US|USA|1|38|-97
387|India|IN|IND|91|20|77
"""
COUNTRIES: dict[str, Json] = {}
"""The countries that ``countryId`` may name, as they are sent, by that id."""
for _line in _COUNTRIES.strip().splitlines():
    _id, _name, _two, _three, _calling, _lat, _lng = _line.split("|")
    COUNTRIES[_id] = {
        "name": _name,
        "name_official": _name,
        "cca2": _two,
        "ccn3": _id,
        "cca3": _three,
        "calling_code1": int(_calling),
        "region_id": 1,
        "lat": _lat,
        "lng": _lng,
        "voip_enable": _two in ("US", "GB"),
    }
COUNTRY_IDS = {country["cca2"]: key for key, country in COUNTRIES.items()}


def iso(at: int) -> str:
    """``2020-09-09T10:01:36.000Z``, of microseconds since 1970."""
    return f"{_moment(at):%Y-%m-%dT%H:%M:%S}.{at % SECOND // 1000:03d}Z"


def spaced(at: int) -> str:
    """``2020-09-09 10:01:36``, UTC that does not say so."""
    return f"{_moment(at):%Y-%m-%d %H:%M:%S}"


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at // SECOND, UTC)


def parse(text: object) -> int | None:
    """Microseconds since 1970 of an instant in a request; None when it is none, as in the documents' samples."""
    try:
        when = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return int(when.timestamp()) * SECOND + when.microsecond


def shown(fields: Json) -> Json:
    """A contact's or company's fields with the country that ``countryId`` names."""
    country = COUNTRIES.get(str(fields.get("countryId")))
    if country is None:
        return dict(fields)
    flag = f"https://images.example.com/flags/{country['cca2'].lower()}.svg"
    calling = {"calling_code": str(country["calling_code1"]), "contact_country_flag": flag}
    return {**fields, "country": country, **calling}


def attribute(key: str, label: str, *, system: bool, owner: str = "contact", **config: Any) -> Json:
    """A custom attribute ("object field"); ``config`` adds to its ``input``."""
    options = {"type": "text", "label": label, "required": False, "placeholder": "", "validationType": ""}
    return {
        "object": owner,
        "key": key,
        "type": "text",
        "config": {
            "label": label,
            "input": {**options, **config},
            "backend": {"list": True},
            "capture": ["api", "chat-online-pre"],
            "online_order": 1,
            "offline_order": 1,
        },
        "system": "yes" if system else "no",
    }

"""Where Cloud4Wi's documents are silent: every guess that this package rests on, in one table.

The code reads its values from here, so a guess that turns out wrong is corrected in one line; where ``assumed`` is a
sentence, it says what the code does. What else the upstream may send is accepted without a change, as far as
``accepted`` says.
"""

from __future__ import annotations

from typing import Any

from upstreams.assumptions import Assumption

TOKEN_LIFETIME = Assumption(
    "For how many seconds is a token good, when it does not say so itself?",
    86_400.0,
    ("the claim exp of the token",),
)
SERVICE_CLAIM = Assumption("Which claim of the token names the service whose organization it is for?", "iss")
REFUSED_STATUS = Assumption(
    "Which values of the field status mean that a call with HTTP status 200 failed?",
    frozenset({"KO"}),
    ("any letter case",),
)

SCROLL_FIELDS = Assumption(
    "Where does the answer of an events scroll hold the id of the next page?",
    ("scrollId", "sid"),
    ("scroll.id", "a number instead of text", "an empty text, which is none"),
)
CONTACTS_SCROLL_FIELDS = Assumption(
    "Where does the answer of a contacts scroll hold the id of the next page?",
    ("sid", "scrollId"),
    ("scroll.id", "a number instead of text", "an empty text, which is none"),
)
SCROLL_NEXT = Assumption(
    "Which parameters does the next page of a scroll take?",
    "the same path and parameters again, and the id",
    ("the answer carries a new id or the same one",),
)
SCROLL_END = Assumption(
    "What is the end of a scroll?",
    "an empty page, or no id in the answer",
    ("a page shorter than size, or the same id again: not the end",),
)
SCROLL_EXPIRED = Assumption(
    "Which statuses mean that a scroll id is no longer good?",
    frozenset({404, 409, 400, 410}),
    ("200 with status KO",),
)
SCROLL_LOST = Assumption("May the id of a scroll be sent again after its answer was lost?", False)
MAX_SIZE = Assumption("How many rows may one call ask for?", 10_000)

REVERSE_IS_DESCENDING = Assumption(
    "Does sortReverse=true put the latest first?",
    True,
    ("false: found out from the data, per endpoint",),
)
EVENTS_SORT = Assumption("Which value of sortBy orders events by UTC?", "utcTime")
CONTACTS_SORT = Assumption("Which value of sortBy orders contacts by their creation in UTC?", "created_absolute")
DATE_BOUNDS = Assumption(
    "What do dateStart, dateEnd and their like compare?",
    "UTC, inclusive, to the second",
)
EVENT_TYPES_DOCUMENTED = Assumption(
    "Which types does the parameter events of the events lists know?",
    (
        "visit",
        "signup",
        "login",
        "send_email",
        "open_email",
        "click_email",
        "send_sms",
        "click_sms",
        "survey",
        "promo",
    ),
)

EVENTS_PARAMETERS = Assumption(
    "What are the parameters of the events lists called?",
    {
        "start": "dateStart",
        "end": "dateEnd",
        "types": "events",
        "size": "size",
        "sort": "sortBy",
        "reverse": "sortReverse",
        "enable_scroll": "enableScroll",
        "scroll": "scrollId",
    },
)
CONTACTS_PARAMETERS = Assumption(
    "What are the parameters of the contacts list called?",
    {
        "start": "createdStart",
        "end": "createdEnd",
        "modified_start": "modifiedStart",
        "modified_end": "modifiedEnd",
        "segments": "segments",
        "locations": "locations",
        "size": "size",
        "sort": "sortBy",
        "reverse": "sortReverse",
        "scroll": "sid",
    },
)
SEVERAL_VALUES = Assumption("Do several segments or locations of the contacts list mean any of them?", ",")
CONTACTS_BY_ID = Assumption("Can several contacts be read in one call?", 1)

ONE_CONTACT_FIELDS = Assumption(
    "Which field of the answer holds a single contact?",
    ("customers", "customer"),
    ("the contact is the answer itself",),
)
LISTS_COMPLETE = Assumption("Do the lists of segments, locations and hotspots hold everything in one answer?", True)

DEVICES_SHAPE: Assumption[Any] = Assumption("What is in /v2/customers/{cid}/devices?", "any JSON")
ACCOUNTINGS_SHAPE: Assumption[Any] = Assumption("What is in /v2/customers/{cid}/accountings?", "any JSON")
POLICIES_SHAPE: Assumption[Any] = Assumption(
    "What does PUT /v1/customers/{cid}/policies take and answer?",
    "any JSON",
    ("no body at all",),
)
CUSTOMER_EVENTS_SHAPE = Assumption(
    "What is in /v2/customers/{cid}/events?",
    "the same as in the documented events of a contact",
)
EVENT_SHAPE = Assumption(
    "Is an event nested, as in the example, or flat, as in the schema?",
    "nested: event, where, when",
    ("type, id and the detail at the top level, beside customerId, where and when",),
)
LOCATION_ORGANIZATION = Assumption(
    "How is the organization of a location spelled?",
    ("organziationId", "organizationId"),
    ("either of the two",),
)
HOTSPOT_LOCATION = Assumption("Which field of a hotspot is the id of its location?", "venueId")

ASSUMPTIONS: dict[str, Assumption[Any]] = {
    name: value for name, value in list(globals().items()) if isinstance(value, Assumption)
}
"""The table, by name."""

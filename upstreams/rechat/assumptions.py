"""Where Rechat's documents are silent: every guess that this package rests on, in one table.

The code reads its values from here, so a guess that turns out wrong is corrected in one line. What else an upstream may
send is accepted without a change, as far as ``accepted`` says.
"""

from __future__ import annotations

from typing import Any

from upstreams.assumptions import Assumption

TOKEN_PATH = Assumption(
    "Where is a refresh token exchanged: at the API's own host, or at the web app's?",
    "/oauth2/token",
)
TOKEN_LIFETIME = Assumption(
    "For how many seconds is an access token good, when the answer does not say so in expires_in?",
    2_678_400.0,
)
REFRESH_REFUSED = Assumption(
    "Which error codes of the token endpoint mean that the refresh token is no longer good?",
    frozenset({"invalid_grant", "invalid_client", "unauthorized_client"}),
    ("the status 401 or 403 with any body",),
)
BRAND_HEADER = Assumption("Is the header that chooses the team needed?", "X-RECHAT-BRAND", ("unset: not sent",))

ARRAYS = Assumption(
    "How is an array sent?",
    "in the JSON body where there is one",
    ("else as name[]=a&name[]=b; associations always so, since they are documented as a parameter of the address",),
)
MAX_LIMIT = Assumption("How many contacts may one call ask for?", 200)
MAX_IDS = Assumption("How many ids may one call hold?", 100)
UNKNOWN_IDS = Assumption(
    "What does one unknown id do to a call for many contacts?",
    "its row is missing",
    ("404 for the whole call: it is split, so that one bad id fails no other",),
)
TOTAL = Assumption(
    "Is info.total right?",
    frozenset({"contacts", "contactsFilter"}),
    ("a number as text", "less than what was received, which is no total"),
)
ORDER_CREATED = Assumption("Which value of order sorts by creation?", "created_at", ("ties come in any order",))
RANGES = Assumption(
    "What do created_gte, created_lte and their like take?",
    "unix seconds, both inclusive, with a fraction where there is one",
)
SEVERAL_SEGMENTS = Assumption(
    "Do several lists, or several tags, in one call mean any of them?",
    False,
    ("all of them: tags do, by the example; so one is sent, and several are sorted out here",),
)
SEARCH = Assumption(
    "Does q find every contact with the text in a name or an e-mail?",
    True,
    (
        "more than those: every record is checked again",
        "words with digits or without letters are not sent, e-mails aside: phones are written freely",
    ),
)
TAG_ATTRIBUTE = Assumption("Which attribute type filters by tag?", "tag")
LIST_GONE = Assumption("What is the answer to a filter by a list that is gone?", "no rows", ("404",))
LISTS_COMPLETE = Assumption("Do tags, lists and attribute definitions come all in one answer?", True)
DUPLICATES_PATH = Assumption(
    "Where are all clusters of duplicates? The documents print the path of one contact's.",
    "/contacts/duplicates",
)
UPLOAD_FIELD = Assumption("Which field of the multipart form holds an uploaded file?", "file")
CUSTOM_FIELD_KEY = Assumption(
    "What is a field that the team added called?",
    ("name", "label", "id"),
)

CALENDAR_ORDER = Assumption(
    "In which order are calendar rows, and which are cut off by limit?",
    None,
    ("any: an answer as long as the limit is taken to be cut, and asked for again in a shorter window",),
)
CALENDAR_BOUNDS = Assumption(
    "Are low and high inclusive?",
    True,
    ("exclusive: a second more is asked for at both ends, and what lies outside is dropped",),
)
CALENDAR_MAX_LIMIT = Assumption("How many calendar rows may one call ask for?", 1_000)
CALENDAR_SPAN = Assumption(
    "Between which times can calendar rows lie, when nobody asks for less?",
    ("1970-01-01T00:00:00", "2099-12-31T23:59:59"),
)
RECURRING_PLACE = Assumption(
    "When does a recurring event happen? The field timestamp holds what the user typed in: a date of birth.",
    "next_occurance",
    ("next_occurrence", "missing or null: timestamp"),
)
CALENDAR_TYPES = Assumption(
    "Which object types has the calendar of a team?",
    (
        "crm_task",
        "contact",
        "contact_attribute",
        "deal_context",
        "email_campaign",
        "email_thread",
        "activity",
    ),
    ("others; when all are wanted, none is named, and the doubles that one contact's calendar has are dropped",),
)
CALENDAR_TYPES_OF_CONTACT = Assumption(
    "Which object types has the calendar of one contact?",
    (
        "crm_association",
        "contact",
        "contact_attribute",
        "deal_context",
        "email_campaign_recipient",
        "email_thread_recipient",
        "activity",
    ),
)
ANNIVERSARIES = Assumption(
    "Which event types of a contact's date are anniversaries?",
    frozenset({"birthday", "child_birthday", "wedding_anniversary", "home_anniversary", "work_anniversary"}),
    ("any that recurs",),
)

ASSUMPTIONS: dict[str, Assumption[Any]] = {
    name: value for name, value in list(globals().items()) if isinstance(value, Assumption)
}
"""The table, by name."""

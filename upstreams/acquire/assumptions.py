"""Where Acquire's documents are silent: every guess that this package rests on, in one table.

The code reads its values from here, so a guess that turns out wrong is corrected in one line. What else an upstream may
send is accepted without a change, as far as ``accepted`` says.
"""

from __future__ import annotations

from typing import Any

from upstreams.assumptions import Assumption

ERROR_CODES = Assumption(
    "What does each error code mean? The body {error: {code, message, data}} may come under any status.",
    {
        "ERROR_RECORD_NOT_FOUND": "there is no such thing",
        "ERROR_UNAUTHORIZED": "our API key is not accepted",
        "ERROR_UNAUTHORIZED_ACCESS": "our API key may not do this",
        "ERROR_INVALID_INPUT": "the call is invalid",
        "ERROR_DUPLICATE_RECORD_FOUND": "it exists already",
        "ERROR_SERVER_ERROR": "the upstream says that it failed",
    },
    ("other codes: the call failed", "an error that is a text, or has no code"),
)

PAGING = Assumption(
    "Which parameters lead to the next page of a list?",
    ("page", "limit"),
    ("rows page * limit and on, page 0 the first", "a list that ignores both and is whole"),
)
MAX_LIMIT = Assumption(
    "How many rows may one call ask for?",
    200,
    ("fewer, without a word: found out when an answer is short of the total that it tells",),
)
PAGE_SIZE = Assumption("How many rows are worth a call?", 100)
NEWEST_FIRST = Assumption(
    "In which order of their ids are contacts and cases listed?",
    True,
    ("oldest first: found out from the data, per endpoint",),
)
CONTACTS_TOTAL = Assumption(
    "Which of counts is the number of matching contacts?",
    ("total", "filteredCount"),
    ("none, or one that is less than what was received: the end is searched for",),
)
ARRAYS = Assumption("How are the arrays select, relations and where sent?", "the key once a value")
WHERE = Assumption("How is a condition of where written?", "{column}|eq|{value}")
SELECT_COLUMNS = Assumption(
    "Does select name what the answer's own fields are called?",
    False,
    ("so it is never sent for what must be complete: the documents spell dateCreated in two ways",),
)
ALWAYS_RELATED = Assumption(
    "Which relations must be asked for to learn a contact's name, e-mail and phone?",
    ("fields",),
)
BY_ID = Assumption("Can several contacts be read in one call?", 1)
SEARCH_CONTAINS = Assumption(
    "Does the search of contacts find every contact with the text in a name, e-mail or phone?",
    False,
    ("so a filter reads all contacts; the search is used for whole e-mails and phones only",),
)
SEARCH_EMAIL = Assumption(
    "Does the search find every contact whose e-mail is the text, whatever its case?",
    True,
    ("others too: every contact is looked at again", "phones are spelled freely, so an index is looked into as well"),
)
SEARCH_ROW_ID = Assumption(
    "Which field of a search row is the contact's id?",
    ("mainContactId", "contactId", "id"),
    ("one contact in several rows, one for each field that matched",),
)

ZONE = Assumption("In which zone are times without one (2020-09-09 10:01:36)?", "UTC")
SYSTEM_FIELDS = Assumption(
    "Which keys of fields are not the organization's own?",
    frozenset(
        {
            "name",
            "email",
            "phone",
            "city",
            "state",
            "country",
            "countryId",
            "ip",
            "calling_code",
            "contact_country_flag",
        }
    ),
)
LAST_NAME = Assumption("Which part of a name is the last name?", "the last of several words; one word is a first name")
CALLING_CODE = Assumption(
    "What is fields.calling_code?",
    "the country code of fields.phone, which then is a national number",
    ("91, +91, 0091", "a phone that begins with + or 00, which says its code itself"),
)
CONTACT_TAGS = Assumption(
    "What is an element of a contact's tags?",
    "an object with id and name",
    ("a name", "an id, also as text", "an object with the tag inside (tag), or with tagId"),
)
TAG_TYPES = Assumption(
    "Which tags can a contact have?",
    "contact",
    ("type null, or missing: any",),
)
TAG_OF_ANYTHING = Assumption(
    "What is sent, where a type must be, as the type of a tag that has none?",
    ("contact", "case"),
)
LISTS_COMPLETE = Assumption(
    "Do tags, custom attributes, blocks, notes and cards come all in one answer of up to PAGE_SIZE rows?",
    True,
    ("fewer than count says: the pages that follow are asked for",),
)
VISITS_COMPLETE = Assumption("Does the relation visits of a contact hold all of them?", True)
CASES_OF_CONTACT = Assumption("Which condition lists the cases of a contact?", "contactId")
MERGE_FIELD = Assumption("What is the field with the contacts to be merged called?", "sourceIds", ("never mergeId",))
ATTRIBUTE_CHANGE = Assumption(
    "What is sent to change a custom attribute? The documents' sample has it under data, as an answer would.",
    "the attribute itself, as it is made",
)
UPDATE_KEEPS = Assumption("Does an update keep the fields that it does not name?", True)

ASSUMPTIONS: dict[str, Assumption[Any]] = {
    name: value for name, value in list(globals().items()) if isinstance(value, Assumption)
}
"""The table, by name."""

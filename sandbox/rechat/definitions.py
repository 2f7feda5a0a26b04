"""Attribute definitions: the 29 that every brand has, as Rechat publishes them, and those that a brand adds."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_SINCE = 1529043568.904529
_TITLES = ["Mr.", "Mr. & Mrs.", "Mrs.", "Miss", "Dr.", "Dr. & Mrs.", "Rev.", "Rev. & Mrs.", "Hon.", "Hon. & Mrs."]
_TITLES += ["Sir", "Sir & Mrs."]

# name|id|type|label|section|flags|labels; flags: 1 singular, s show, e editable, q searchable, l has_label.
_GLOBAL = """
address|62b97305-0362-4ca7-94c1-53578165f661|address|Address|Addresses|se|Home;Work;Investment Property;Other
business_card_url|5537ef04-9788-4a33-a780-2f671d1f931b|text|Business Card URL|Header|1e|
facebook|9a898af9-39fd-4ab8-9a7c-3efc85fc4c73|text|Facebook|Contact Info|1seq|
instagram|4a848915-9e7a-463a-a0f0-6553b528b6a1|text|Instagram|Contact Info|1seq|
linkedin|5d201019-b499-4b3d-9860-f5d552bf5a9e|text|Linkedin|Contact Info|1seq|
home_anniversary|a1a9c2d5-00e2-46a5-9b3d-476dbb92f19c|date|Home Anniversary|Dates|1se|
child_birthday|5e01bb1e-e2ff-4f6d-9ede-60abeab742f3|date|Child Birthday|Dates|sel|
work_anniversary|52a35ded-6507-4b9b-b8d7-dbe2d8e296cc|date|Work Anniversary|Dates|1se|
wedding_anniversary|64721f27-877c-454f-8d29-2ade86c86eda|date|Wedding Anniversary|Dates|1se|
marketing_name|45949194-20a4-4283-8b20-21972bf7512a|text|Marketing Name|Details|1seq|
middle_name|e49439d9-0887-4b17-b05b-22831cb34906|text|Middle Name|Details|1seq|
last_name|2df407b0-9283-4e06-84ca-1cd765903987|text|Last Name|Details|1seq|
nickname|cd148024-757a-4b51-9925-159363a6dfe2|text|Nickname|Details|1seq|
company|a49339a0-c224-49aa-a7f2-e08817e4dea3|text|Company|Details|1seq|
job_title|f43b8c78-a1e3-4719-98d7-84e23aa73cbd|text|Job Title|Details|1seq|
birthday|fec55617-ade5-4a11-b416-05f282e28617|date|Birthday|Dates|1se|
website|b1a4ad11-9197-46df-a6b1-060d42495822|text|Website|Contact Info|1seq|
phone_number|7c6b51bc-ee90-4f34-972f-d85f7d7c7f44|text|Phone|Contact Info|seql|Home;Mobile;Work;Fax;WhatsApp;Other
profile_image_url|177b4025-f189-4514-b1f8-40b524320e8c|text|Profile Picture URL|Header|1se|
tag|5b3c994e-7569-4df8-b8db-f37421a684f7|text|Tag|Tags|eq|
cover_image_url|8adf799e-2663-469e-8f29-84fc05a9944b|text|Cover Image URL|Header|1se|
note|6d05310d-f7a8-45d8-92c5-33af32d856aa|text|Note|Notes|seq|
title|381dcbc9-5692-4c03-926e-6017ba87cb58|text|Title|Details|1se|
source_type|10b9382e-cc08-4c08-b74c-bd8019a1cea0|text|Origin|Contact Info|1s|
source_id|6dbfb109-c202-42d7-9ea2-e1cd6406f18a|text|Id on source|Contact Info|1|
last_modified_on_source|123a1d79-e882-4d0d-88b2-124576bf57db|date|Last modified on source|Contact Info|1|
source|e6c09711-d4c7-4e50-94bc-33e0ca3fed79|text|Source|Contact Info|1seq|
email|d5b21d60-d87a-4eec-ad11-7e50252f57d0|text|Email|Contact Info|seql|Personal;Work;Other
first_name|36fd9fd2-b672-41c0-966f-2c7673421a4e|text|First Name|Details|1seq|
"""


def _global(line: str) -> Json:
    name, identifier, data_type, label, section, flags, labels = line.split("|")
    return definition(
        identifier,
        _SINCE,
        name=name,
        data_type=data_type,
        label=label,
        section=section,
        is_global=True,
        singular="1" in flags,
        show="s" in flags,
        editable="e" in flags,
        searchable="q" in flags,
        has_label="l" in flags,
        labels=labels.split(";") if labels else [],
        enum_values=_TITLES if name == "title" else None,
    )


def definition(identifier: str, at: float, *, is_global: bool = False, **values: Any) -> Json:
    """A definition as it is sent; what ``values`` leave out is as in a brand's own."""
    return {
        "id": identifier,
        "created_at": at,
        "updated_at": at,
        "deleted_at": None,
        "created_by": None,
        "updated_by": None,
        "name": None,
        "data_type": "text",
        "label": None,
        "section": None,
        "required": False,
        "global": is_global,
        "singular": False,
        "show": True,
        "filterable": True,
        "editable": True,
        "searchable": False,
        "has_label": False,
        "labels": [],
        "enum_values": None,
        "user": None,
        "brand": None,
        "type": "contact_attribute_def",
    } | values


def global_definitions() -> list[Json]:
    """The system's definitions, in the order in which they are published."""
    return [_global(line) for line in _GLOBAL.strip().splitlines()]

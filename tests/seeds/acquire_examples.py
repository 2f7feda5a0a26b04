"""What Acquire's documents show of a contact: the published attributes, and the examples of its list and relations.

The example of the list is cut down by its maker; the shapes of the relations are published one by one, and stand
inside it here. Names and e-mails are replaced.
"""

from __future__ import annotations

from typing import Any

ATTRIBUTES = (
    *("id", "clientType", "clientName", "clientVersion", "clientOsName", "clientOsVersion", "clientDeviceType"),
    *("clientDeviceVendor", "clientDeviceModel", "clientDetails", "archive", "company", "cases", "tags", "visits"),
    *("timeline", "fields", "dateCreated", "dateUpdated"),
)
"""The table of attributes on the page that describes contacts."""

TIME = "2020-09-09T10:01:36.000Z"
LATER = "2020-09-09T10:05:00.500Z"

COUNTRY: dict[str, Any] = {
    "name": "India",
    "name_official": "Republic of India",
    "cca2": "IN",
    "ccn3": "356",
    "cca3": "IND",
    "calling_code1": 91,
    "region_id": 3,
    "lat": 20,
    "lng": 77.5,
    "voip_enable": True,
}
VISIT: dict[str, Any] = {
    "id": 23,
    "contactId": 82,
    "title": "Page",
    "url": "https://shop.example.com/page",
    "source": "https://search.example.com/",
    "dateCreated": TIME,
}
CASE: dict[str, Any] = {
    "id": 6,
    "contactId": 82,
    "closedBy": 1,
    "visitId": 23,
    "title": "test : ",
    "description": "hi",
    "channel": "chat",
    "status": "closed",
    "closingState": "handled",
    "dateQueue": TIME,
    "datePending": TIME,
    "dateActive": "2020-09-09T10:01:40.000Z",
    "dateClosed": LATER,
    "queueId": 2,
    "queueOrder": 3,
    "parentId": 5,
    "userId": 1,
    "waitTime": 4,
    "threadId": 9,
    "meta": {"note": "by hand"},
    "dateCreated": TIME,
    "dateUpdated": LATER,
    "users": [
        {
            "id": 7,
            "caseId": 6,
            "type": "user",
            "userId": 1,
            "role": "owner",
            "status": "active",
            "dateCreated": TIME,
            "dateLastAssigned": LATER,
            "closed": "no",
            "meta": None,
        }
    ],
}
TAG: dict[str, Any] = {
    "id": 4,
    "name": "VIP",
    "color": "#FF0000",
    "userId": 1,
    "type": ["contact", "case"],
    "dateCreated": TIME,
}
COMPANY: dict[str, Any] = {
    "dateCreated": TIME,
    "dateUpdated": LATER,
    "id": 3,
    "fields": {
        "name": "Gmail",
        "website": "gmail.com",
        "logo": "https://cdn.example.com/logo.png",
        "industry": "Mail",
        "description": "Mail for all",
        "source": "email",
        "revenue": "1000",
        "address": "1 Main Street",
        "city": "Springfield",
        "state": "Oregon",
        "country": COUNTRY,
        "countryId": "387",
        "employees": "10",
        "foundation": "2004",
    },
}
TIMELINE: dict[str, Any] = {
    "id": 12,
    "objectType": "case",
    "caseId": 6,
    "viewId": None,
    "noteId": None,
    "threadId": 9,
    "contactId": 82,
    "archive": "no",
    "meta": {"pinned": True},
    "dateCreated": TIME,
    "dateUpdated": LATER,
}
CONTACT: dict[str, Any] = {
    "dateCreated": TIME,
    "dateUpdated": "2020-09-09T10:02:04.000Z",
    "id": 82,
    "clientType": "web",
    "clientName": "Chrome",
    "clientVersion": "85.0",
    "clientOsName": "Windows",
    "clientOsVersion": "10",
    "clientDeviceType": "Desktop",
    "clientDeviceVendor": "Apple",
    "clientDeviceModel": "iPhone",
    "clientDetails": {
        "ua": "Mozilla/5.0 (Windows NT 10.0)",
        "engine": {"name": "Blink", "version": "85.0"},
        "network": {"type": "4g", "speed": "18"},
    },
    "archive": "no",
    "fields": {
        "name": "Test User",
        "email": "test@example.com",
        "phone": "98765 43210",
        "city": "Kanpur",
        "state": "Uttar Pradesh",
        "country": COUNTRY,
        "countryId": "387",
        "ip": "112.0.0.1",
        "calling_code": "91",
        "contact_country_flag": "in",
    },
    "company": COMPANY,
    "tags": [TAG],
    "visits": [VISIT, VISIT | {"id": 24, "title": "Other page"}],
    "cases": [CASE],
    "timeline": [TIMELINE],
    "latestTimelineId": "12",
    "caseId": "6",
    "viewId": "7",
    "latestObjectType": "case",
    "title": "test : ",
    "description": "hi",
    "channel": "chat",
    "status": "active",
    "agentList": [
        {
            "departments": [],
            "roles": [],
            "id": 1,
            "name": "Agent",
            "firstName": "Agent",
            "lastName": "Smith",
            "photo": "https://cdn.example.com/agent.png",
            "email": "agent@example.com",
            "clientId": "5",
            "parentId": 9,
            "title": "Support",
            "url": "https://shop.example.com/agent",
            "alt": "The agent",
        }
    ],
    "departmentList": [],
    "lastViewObject": {"viewId": "7", "iconImageUrl": "https://cdn.example.com/icon.png", "iconFont": "star"},
    "clientUserId": "u-1",
    "contactCompanyCount": 1,
    "companyId": 3,
    "totalTimeline": 1,
    "lastDateUpdated": "2020-09-09 10:02:04",
    "totalNotes": 2,
    "totalViews": 3,
    "totalCase": 4,
    "caseDateUpdated": "2020-09-09T10:02:04.000Z",
    "msgUnread": 5,
    "channels": ["chat", "email"],
    "firstInteractionType": "email",
    "lastInteractionType": "chat",
    "isBlocked": "NO",
    "lastVisit": VISIT,
    "firstVisit": VISIT | {"id": 25, "dateCreated": "2020-09-10T03:33:38.000Z"},
    "interaction": [],
    "snoozeInContact": False,
    "meta": {},
}

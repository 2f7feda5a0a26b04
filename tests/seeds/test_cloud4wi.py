"""Everything that Cloud4Wi's documents show is reachable: every key of every example, by its value."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from resolvers.ids import simple_id
from sandbox.cloud4wi.data import published
from tests.schema.harness import Api
from tests.seeds import seed
from tests.seeds.walk import ENVELOPE, Claim, differences, leaves, same, selection
from upstreams.records import Entity, Source

IVAN = "f4c6be2cebc56bf4b8a16a2d463d5b60"
TIME = "2022-07-21T17:58:35Z"


def instant(text: str | None) -> str | None:
    return text and text.replace(".000Z", "Z")


def wall(text: str | None) -> str | None:
    return text and text.removesuffix("Z")


C = Source.CLOUD4WI

_DETAIL = (
    *("title", "gender", "zipCode", "username", "personalId", "logins", "locked", "enabled", "system"),
    *("emailVerified", "emailValid", "phoneNumber", "phonePrefix", "phoneVerified", "splashLanguage"),
    *("signupMethod", "externalIdentityId", "externalSource"),
)
_HOTSPOT = (
    *("name", "description", "firmware", "vendor", "macAddress", "country", "city", "address"),
    *("latitude", "longitude", "deleted"),
)

CONTACT = {
    "cid": Claim("sourceId"),
    "firstName": Claim("firstName"),
    "lastName": Claim("lastName"),
    "birthDate": Claim("cloud4wi.birthDate"),
    "birthDay": Claim("cloud4wi.birthDay"),
    "age": Claim("cloud4wi.age", int),
    "country": Claim("country", str.upper),
    "created": Claim("createdAt", instant),
    "createdBusiness": Claim("cloud4wi.createdLocal", wall),
    "modified": Claim("updatedAt", instant),
    "email": Claim("email"),
    "phone": Claim("phone"),
    "organizationCid": Claim("cloud4wi.organizationId"),
    "locationCid": Claim("location.sourceId"),
    "locationName": Claim("location.name"),
    "language": Claim("language"),
    "lastLogin": Claim("cloud4wi.lastLoginAt", instant),
    "type": Claim("cloud4wi.customerType"),
    **{name: Claim(f"cloud4wi.{name}") for name in _DETAIL},
    "segments[].cid": Claim("segments.sourceId"),
    "segments[].name": Claim("segments.name"),
    "policies[].name": Claim("consents.name"),
    "policies[].accepted": Claim("consents.accepted"),
    "policies[].date": Claim("consents.date", instant),
    "policies[].version": Claim("consents.version"),
    "genericCustomField[].key": Claim("customFields.key"),
    "genericCustomField[].value": Claim("customFields.value"),
    "extId.id": Claim("cloud4wi.extId.value"),
    "extId.prop1": Claim("cloud4wi.extId.prop1"),
    "extId.prop2": Claim("cloud4wi.extId.prop2"),
    "metrics.frequencyMonthlyVisit": Claim("metrics.monthlyVisitFrequency"),
    "metrics.compassTopLocation": Claim("metrics.topLocationId", lambda id: simple_id(Entity.LOCATION, C, id)),
    "metrics.compassTopLocationCount": Claim("metrics.topLocationVisits"),
    "metrics.topFrequencyBuckets": Claim("metrics.frequencyBucket"),
    "metrics.lastVisitVenue": Claim("lastVisitedLocation.sourceId"),
    "metrics.prefVisitWDay": Claim("metrics.preferredWeekday", int),
    "metrics.lastVisitDateUtc": Claim("metrics.lastVisitAt", instant),
    "metrics.avgVisitLength": Claim("metrics.averageVisitLength"),
    "metrics.countVisitedLocations": Claim("metrics.visitedLocations"),
    "metrics.prefVisitTimebucket": Claim("metrics.preferredTimeBucket"),
    "metrics.prefVisitTimeHour": Claim("metrics.preferredHour", int),
    "metrics.lastVisitDateBusiness": Claim("metrics.lastVisitLocal", wall),
    "metrics.countTotalVisits": Claim("metrics.totalVisits"),
    "metrics.conversionRate": Claim("metrics.conversionRate"),
    "metrics.avgDaysBetweenVisits": Claim("metrics.averageDaysBetweenVisits"),
}
CONTACT_EXCLUDED = {"segmentCids": same("segments.sourceId"), "extId": same("cloud4wi.extId, which is empty")}

EVENT = {
    "organizationId": Claim("cloud4wi.organizationId"),
    "customerId": Claim("contact.sourceId"),
    "event.type": Claim("rawType"),
    "event.id": Claim("sourceId"),
    "event.visit.startAt": Claim("startedAt", instant),
    "event.visit.startAtLocal": Claim("startedAtLocal", wall),
    "event.visit.timezone": Claim("startTimezone"),
    "event.visit.duration": Claim("duration"),
    "event.visit.properties.appId": Claim("app.sourceId"),
    "event.visit.properties.appBundle": Claim("app.bundle"),
    "event.visit.properties.projectId": Claim("app.projectId"),
    "event.visit.properties.appOs": Claim("app.os"),
    "event.signup.source": Claim("signupSource"),
    "where.locationId": Claim("location.sourceId"),
    "where.locationName": Claim("location.name"),
    "where.hotspotId": Claim("cloud4wi.hotspotSourceId"),
    "where.geofenceId": Claim("geofence.sourceId"),
    "where.geofenceName": Claim("geofence.name"),
    "where.geofenceExtId": Claim("geofence.externalId"),
    "where.geofenceMetadata": Claim("geofence.metadata"),
    "where.geofenceJSON.type": Claim("geofence.shapeType"),
    "where.geofenceJSON.coordinates[]": Claim("geofence.coordinates"),
    "where.geofenceJSON.radius": Claim("geofence.radius"),
    "when.createdAt": Claim("occurredAt", instant),
    "when.createdAtLocal": Claim("localTime", wall),
    "when.timezone": Claim("timezone"),
}
_VISIT = "startedAt startedAtLocal startTimezone"
_GEOFENCE = "geofence { sourceId name externalId latitude longitude radius metadata shapeType }"
_APP = "app { sourceId bundle projectId os }"
_MESSAGE = "campaign { sourceId name } communicationId channel address"
EVENT_FIELDS = f"""
  source sourceId rawType occurredAt localTime timezone contact {{ sourceId }} location {{ sourceId name }}
  cloud4wi {{ organizationId hotspotSourceId }}
  ... on SignupEvent {{ signupSource }}
  ... on VisitEvent {{ {_VISIT} duration }}
  ... on GeoVisitEvent {{ {_VISIT} duration {_GEOFENCE} {_APP} }}
  ... on GeoArrivingEvent {{ {_VISIT} {_GEOFENCE} {_APP} }}
  ... on EmailEvent {{ {_MESSAGE} }}
  ... on SmsEvent {{ {_MESSAGE} phonePrefix phoneNumber }}
  ... on SurveyEvent {{ campaign {{ sourceId name }} answerId answers {{ key question answer }} }}
  ... on PromoEvent {{ promoType }}
"""
EVENT_QUERY = f"query ($filter: EventFilter) {{ events(first: 500, filter: $filter) {{ nodes {{ {EVENT_FIELDS} }} }} }}"

SEGMENT = {
    "id": Claim("sourceId"),
    "name": Claim("name"),
    "description": Claim("description"),
    "lastRun": Claim("lastRunAt", instant),
    "created": Claim("createdAt", instant),
    "modified": Claim("updatedAt", instant),
    "segmentStatus": Claim("status"),
    "audience": Claim("size"),
}
LOCATION = {
    "id": Claim("sourceId"),
    "name": Claim("name"),
    "organziationId": Claim("organizationId"),
    "lat": Claim("latitude"),
    "lng": Claim("longitude"),
    "timezone": Claim("timezone"),
    "address.address": Claim("address.street"),
    "address.city": Claim("address.city"),
    "address.state": Claim("address.state"),
    "address.zip": Claim("address.postalCode"),
    "address.country": Claim("address.country"),
    "externalId": Claim("externalId"),
    "tags[]": Claim("tags"),
}
HOTSPOT = {
    "id": Claim("hotspots.sourceId"),
    "hotspotIdentifier": Claim("hotspots.identifier"),
    "date": Claim("hotspots.dateAsSent"),
    "venueId": Claim("sourceId"),
    **{
        name: Claim(f"hotspots.{name}")
        for name in [
            "name",
            "description",
            "firmware",
            "vendor",
            "macAddress",
            "country",
            "city",
            "address",
            "latitude",
            "longitude",
            "deleted",
        ]
    },
}
FLAT_EVENT = {
    "type": Claim("rawType"),
    "id": Claim("sourceId"),
    **{f"visit.{name}": EVENT[f"event.visit.{name}"] for name in ("startAt", "startAtLocal", "timezone", "duration")},
    "signup.source": Claim("signupSource"),
    "email.email": Claim("address"),
    "sms.prefix": Claim("phonePrefix"),
    "sms.phone": Claim("phoneNumber"),
    **{
        f"{message}.{name}": Claim(path)
        for message in ("email", "sms", "survey")
        for name, path in (
            ("campaignId", "campaign.sourceId"),
            ("campaignName", "campaign.name"),
            ("communicationId", "communicationId"),
            ("channel", "channel"),
        )
    },
    "survey.answerId": Claim("answerId"),
    "survey.questions.question_1": Claim("answers.question"),
    "survey.answers.answer_1": Claim("answers.answer"),
    "promo.type": Claim("promoType"),
}
TYPES = {
    "visit": ("visit", "geo_visit"),
    "signup": ("signup",),
    "email": ("send_email", "open_email", "click_email"),
    "sms": ("send_sms", "click_sms"),
    "survey": ("survey",),
    "promo": ("promo",),
}
"""Which types of event bring which detail object; the published schema shows all objects in one event."""

ENVELOPES = {"generated": ENVELOPE, "count": ENVELOPE, "size": ENVELOPE, "status": ENVELOPE}


async def test_every_key_of_the_published_contact(api: Api) -> None:
    document = json.loads(seed("contacts"))
    [row] = document["customers"]
    assert document["customers"] == published("contacts")
    assert envelope_leaves(document, "customers") == {"generated", "count", "totalCount"}
    paths = sorted({CONTACT[path].path for path, _ in leaves(row) if path in CONTACT})
    answer = await api.query(
        f"query ($id: ID!) {{ contact(id: $id) {{ {selection(paths)} birthday {{ year month day }} }} }}",
        {"id": simple_id(Entity.CONTACT, C, IVAN)},
    )
    assert differences(row, answer["contact"], CONTACT, CONTACT_EXCLUDED) == []
    assert answer["contact.birthday"] == {"year": 1982, "month": 1, "day": 29}


def with_coordinates(node: dict[str, Any]) -> dict[str, Any]:
    """A node whose geofence has latitude and longitude in the published order."""
    fence = node.get("geofence")
    return node | {"geofence": fence | {"coordinates": [fence["longitude"], fence["latitude"]]}} if fence else node


async def test_every_key_of_the_published_events(api: Api) -> None:
    document = json.loads(seed("events"))
    rows = document["events"]
    assert rows == published("events")
    assert envelope_leaves(document, "events") <= set(ENVELOPES)
    answer = await api.query(EVENT_QUERY, {"filter": {"from": "2022-01-01T00:00:00Z", "to": "2023-01-01T00:00:00Z"}})
    nodes = {node["sourceId"]: with_coordinates(node) for node in answer["events.nodes"]}
    assert len(rows) == len(nodes) == 19
    wrong = {row["event"]["id"]: differences(row, nodes[row["event"]["id"]], EVENT, {}) for row in rows}
    assert {id: found for id, found in wrong.items() if found} == {}
    assert {path for row in rows for path, _ in leaves(row)} == set(EVENT)


class Upstream:
    """A Cloud4Wi that answers each operation with a document."""

    organization = "org"
    client_key = "ck-test"
    client_secret = "secret"

    def __init__(self) -> None:
        self.bodies: dict[str, Any] = {}
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/v1/sts/login/services":
            return web.json_response({"token": "t"})
        for part, body in self.bodies.items():
            if part in request.path:
                return web.json_response(body)
        return web.json_response({}, status=404)


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", upstream.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    upstream.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield upstream
    await runner.cleanup()


def example(name: str) -> Any:
    return json.loads(seed(f"{name}_schema"))


def envelope_leaves(document: dict[str, Any], rows: str) -> set[str]:
    return {path for path, _ in leaves({name: value for name, value in document.items() if name != rows})}


async def test_every_key_of_the_published_contact_schema(upstream: Upstream) -> None:
    row = example("contact")
    document = {"generated": TIME, "totalCount": 1, "count": 1, "customers": [row]}
    row |= {"created": TIME, "modified": TIME, "lastLogin": TIME, "birthDate": "1982", "country": "us", "age": "38"}
    row |= {"email": "someone@example.com", "phone": "+14156264284"}
    row["metrics"] |= {"lastVisitDateUtc": TIME, "lastVisitDateBusiness": TIME, "prefVisitWDay": "2"}
    row["metrics"] |= {"prefVisitTimeHour": "15"}
    upstream.bodies["/v2/customers/"] = document
    upstream.bodies["/locations"] = {
        "locations": [{"id": id, "name": id} for id in (row["metrics"]["lastVisitVenue"], row["locationCid"])]
    }
    paths = sorted({CONTACT[path].path for path, _ in leaves(row) if path in CONTACT})
    async with Api.over(upstream) as api:
        answer = await api.query(f"{{ contacts(first: 1) {{ totalCount nodes {{ {selection(paths)} }} }} }}")
    assert differences(row, answer["contacts.nodes.0"], CONTACT, CONTACT_EXCLUDED) == []
    assert answer["contacts.totalCount"] == document["totalCount"]


@pytest.mark.parametrize(("detail", "type"), [(detail, type) for detail, types in TYPES.items() for type in types])
async def test_every_key_of_the_published_event_schema(upstream: Upstream, detail: str, type: str) -> None:
    document = example("events")
    [row] = document["events"]
    row["visit"] |= {"startAt": TIME, "startAtLocal": TIME}
    sent = {"type": type, "id": row["id"], detail: row[detail]}
    upstream.bodies["/events"] = {**document, "events": [{**sent, "when": {"createdAt": TIME}, "customerId": "c"}]}
    if type == "geo_visit":
        upstream.bodies["/events"]["events"][0]["where"] = {"geofenceId": "g"}
    async with Api.over(upstream) as api:
        answer = await api.query(EVENT_QUERY)
    assert differences(sent, answer["events.nodes.0"], FLAT_EVENT, {}) == []
    assert set(row) == {"type", "id", *TYPES}


async def test_every_key_of_the_published_segment_schema(upstream: Upstream) -> None:
    document = example("segments")
    [row] = document["segments"]
    row |= {"lastRun": TIME, "created": TIME, "modified": TIME}
    upstream.bodies["/segments"] = document
    async with Api.over(upstream) as api:
        answer = await api.query(f"{{ segments {{ nodes {{ {selection([c.path for c in SEGMENT.values()])} }} }} }}")
    assert differences(row, answer["segments.nodes.0"], SEGMENT, {}) == []


async def test_every_key_of_the_published_location_and_hotspot_schemas(upstream: Upstream) -> None:
    locations, hotspots = example("locations"), example("hotspots")
    [location], [hotspot] = locations["locations"], hotspots["hotspots"]
    hotspot["venueId"] = location["id"]
    upstream.bodies |= {"/locations": locations, "/hotspots": hotspots}
    claims = [*LOCATION.values(), *HOTSPOT.values()]
    async with Api.over(upstream) as api:
        answer = await api.query(f"{{ locations {{ nodes {{ {selection([c.path for c in claims])} }} }} }}")
    assert differences(location, answer["locations.nodes.0"], LOCATION, {}) == []
    assert differences(hotspot, answer["locations.nodes.0"], HOTSPOT, {}) == []


def test_what_stands_around_the_rows_is_envelope() -> None:
    for name in ("events", "segments", "locations", "hotspots"):
        assert envelope_leaves(example(name), name) <= set(ENVELOPES)

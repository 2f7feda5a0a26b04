"""Every field that could tell of a person is marked as personal, or listed here as harmless by somebody who looked.

A new field fails these tests until it is one or the other.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

from gateway.auth.marks import read_marks
from resolvers.callers import READS, Scope
from schema.access import Personal, RequiresScopes
from tests.schema.harness import SCHEMA
from upstreams.records import Entity

GRAPHQL = SCHEMA._schema
MARKS = read_marks(GRAPHQL)

PAYLOADS = [
    *("AttributeDefinitionPayload", "CompanyPayload", "ContactCardPayload", "ContactNotePayload", "ContactPayload"),
    *("ContactsMergePayload", "ContactsPayload", "DeletePayload", "JobPayload", "SegmentPayload"),
]
HARMLESS: dict[str, str] = {
    # What describes places, groups and services.
    "Address": "city country postalCode state street",
    "App": "bundle os projectId sourceId",
    "Campaign": "name sourceId",
    "Geofence": "externalId latitude longitude metadata name radius shape shapeType sourceId",
    "Hotspot": "address city country date dateAsSent deleted description firmware identifier latitude longitude "
    "macAddress name sourceId vendor",
    "Location": "address externalId latitude longitude name organizationId sourceId tags timezone",
    "AcquireCountry": "callingCode cca2 cca3 ccn3 lat lng name nameOfficial regionId voipEnable",
    "AcquireEngine": "name version",
    "AcquireLastView": "iconFont iconImageUrl viewId",
    "AcquireNetwork": "speed type",
    "AcquireSegment": "color type userId",
    "AcquireTag": "color createdAt name sourceId type userId",
    "RechatBrand": "brandType name sourceId",
    "RechatListArguments": "assignees crmTasks filterType flows",
    "RechatListFilter": "definitionId invert operator sourceId",
    "RechatSegment": "args autoEnrollInSuperCampaigns brandId createdById deletedAt filters isEditable touchFreq "
    "updatedById",
    "Segment": "acquire createdAt description lastRunAt name rechat size sourceId status updatedAt",
    "SourceStatus": "circuit index message name",
    "SourceIndex": "asOf contacts state",
    "AcquireAttributeDefinition": "config object system",
    "AttributeDefinition": "acquire dataType key label options rechat sourceId",
    "Company": "createdAt name sourceId updatedAt",
    # What describes what a change did.
    **dict.fromkeys(PAYLOADS, "clientMutationId userErrors"),
    "ContactAttributesPayload": "attributes clientMutationId userErrors",
    "Job": "sourceId",
    "UserError": "field message",
    # What describes a page of records.
    "Companies": "totalCount",
    "DuplicateClusters": "totalCount",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
    **{f"{kind}Connection": "pageInfo totalCount" for kind in ("Contact", "Event", "Segment", "Location")},
    **{f"{kind}Edge": "cursor" for kind in ("Contact", "Event", "Segment", "Location")},
    # What says of a person nothing that finds it: its number at the source, when and how it came, what it agreed to.
    "Contact": "acquire cloud4wi consents country createdAt language metrics rechat sourceId updatedAt",
    "Cloud4WiContact": "createdLocal customerType enabled externalSource lastLoginAt locked logins organizationId "
    "signupMethod splashLanguage system",
    "ContactBlock": "sourceId until",
    "ContactCard": "sourceId",
    "ContactNote": "sourceId",
    "DuplicateCluster": "sourceId",
    "Consent": "accepted date name version",
    "Person": "asOf truncated",
    "PersonMatch": "confidence matchedBy",
    "ContactMetrics": "averageDaysBetweenVisits averageVisitLength conversionRate frequencyBucket lastVisitAt "
    "lastVisitLocal monthlyVisitFrequency preferredHour preferredTimeBucket preferredWeekday topLocationVisits "
    "totalVisits visitedLocations",
    "AcquireCaseUser": "caseId closed createdAt lastAssignedAt role sourceId status type userId",
    "AcquireCompany": "createdAt fields sourceId updatedAt",
    "AcquireCompanyFields": "country countryId employees foundation industry revenue source",
    "AcquireContact": "archive caseId caseUpdatedAt channel channels clientDeviceModel clientDeviceType "
    "clientDeviceVendor clientName clientOsName clientOsVersion clientType clientVersion company companyId "
    "contactCompanyCount departmentList firstInteractionType isBlocked lastInteractionType lastUpdatedAt "
    "lastViewObject latestObjectType latestTimelineId msgUnread snoozeInContact status tags timeline totalCase "
    "totalNotes totalTimeline totalViews viewId",
    "RechatAttribute": "attributeType contactSourceId createdAt createdById definition deletedAt index isPartner "
    "isPrimary label sourceId updatedAt updatedById",
    "RechatAttributeDefinition": "brandId createdAt createdById dataType deletedAt editable enumValues filterable "
    "hasLabel isGlobal label labels name required searchable section show singular sourceId updatedAt updatedById "
    "userId",
    "RechatContact": "attributes brand brandId createdFor deletedAt deletedFor flows lastTouch lastTouchAction "
    "leadSource nextTouch parked sourceType tags touchFreq updatedFor userId",
    "RechatFlow": "brand createdAt deletedAt description name originId sourceId startsAt updatedAt",
    # What says that something happened, when and where.
    "AcquireTimelineEntry": "archive caseId contactSourceId createdAt noteId objectType sourceId threadId "
    "updatedAt viewId",
    "ConversationEvent": "activeAt channel closedAt closedById closingState parentId pendingAt queueId queueOrder "
    "queuedAt status tags threadId updatedAt userId users visitId waitTime",
    "Cloud4WiEvent": "hotspotSourceId organizationId",
    "CalendarEvent": "endsAt",
    "RechatEvent": "brand campaignId createdAt crmTaskId dealId endsAt eventType nextOccurrence objectType peopleCount "
    "recurring threadKey typeLabel updatedAt",
    "EmailEvent": "campaign channel communicationId",
    "GeoArrivingEvent": "app geofence startTimezone startedAt startedAtLocal",
    "GeoVisitEvent": "app duration geofence startTimezone startedAt startedAtLocal",
    "PromoEvent": "promoType",
    "SignupEvent": "signupSource",
    "SmsEvent": "campaign channel communicationId",
    "SurveyEvent": "answerId campaign",
    "VisitEvent": "duration startTimezone startedAt startedAtLocal",
}
EVERY_EVENT = "cloud4wi localTime occurredAt rawType rechat sourceId timezone"
HARMLESS_ENUMS = {"EventType", "JobState", "SegmentKind", "Source", "SourceState", "UserErrorCode"}
HARMLESS_ARGUMENTS = {"first", "after", "last", "before", "page", "size", "sourceId"}
HARMLESS_INPUTS = {
    "ContactFilter": "createdFrom createdTo updatedFrom updatedTo",
    "EventFilter": "from to",
    "LocationFilter": "search tags",
    "SegmentFilter": "search",
}


def is_event(type_: GraphQLNamedType) -> bool:
    """Whether a type is the interface of events or implements it."""
    interfaces = type_.interfaces if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else ()
    return type_.name == "Event" or "Event" in {interface.name for interface in interfaces}


def harmless(type_: GraphQLNamedType) -> set[str]:
    """The fields of a type that were looked at."""
    return {*HARMLESS.get(type_.name, "").split(), *(EVERY_EVENT.split() if is_event(type_) else ())}


def marks_of(marked: object, kind: type) -> list[object]:
    """The marks of a kind that something bears itself."""
    definition = getattr(marked, "extensions", {}).get("strawberry-definition")
    return [mark for mark in getattr(definition, "directives", None) or () if isinstance(mark, kind)]


def scopes_of(type_: GraphQLNamedType) -> set[str]:
    """What a type takes, its interfaces' scopes included."""
    types = [type_, *(type_.interfaces if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else ())]
    return {name for one in types for mark in marks_of(one, RequiresScopes) for name in mark.scopes}  # type: ignore[attr-defined]


def could_tell(type_: GraphQLNamedType) -> bool:
    """Whether a field of a type can tell of a person: text, a number, a time, a yes or no, or an object made of them.

    Ids are opaque, the enums of the list say nothing of a person, and what takes a scope is looked at as a type.
    """
    if type_.name in {"ID", "Node", *HARMLESS_ENUMS}:
        return False
    return not scopes_of(type_)


def fields() -> Iterator[tuple[GraphQLObjectType, str, GraphQLField]]:
    """The fields of all object types but those that are personal as a whole, the root and introspection."""
    for type_ in GRAPHQL.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            if type_ in (GRAPHQL.query_type, GRAPHQL.mutation_type) or marks_of(type_, Personal):
                continue
            for name, field in type_.fields.items():
                yield type_, name, field


def test_every_field_is_personal_or_known_to_be_harmless() -> None:
    unknown = [
        f"{type_.name}.{name}"
        for type_, name, field in fields()
        if could_tell(get_named_type(field.type))
        and name not in harmless(type_)
        and not getattr(MARKS.get((type_.name, name)), "personal", None)
    ]
    assert unknown == [], "mark them as personal, or list them as harmless"


def test_the_list_names_only_what_there_is_and_what_is_not_personal() -> None:
    for name, listed in HARMLESS.items():
        type_ = GRAPHQL.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        for field in listed.split():
            assert field in type_.fields, f"{name}.{field}"
            assert not getattr(MARKS.get((name, field)), "personal", None), f"{name}.{field}"


def test_every_filter_is_personal_or_known_to_be_harmless() -> None:
    unknown = [
        f"{type_.name}.{name}"
        for type_ in GRAPHQL.type_map.values()
        if isinstance(type_, GraphQLInputObjectType) and type_.name.endswith("Filter")
        for name, field in type_.fields.items()
        if could_tell(get_named_type(field.type))
        and name not in HARMLESS_INPUTS.get(type_.name, "").split()
        and not marks_of(field, Personal)
    ]
    unknown += [
        f"{type_.name}.{field_name}({name})"
        for type_ in GRAPHQL.type_map.values()
        if isinstance(type_, GraphQLObjectType) and type_ is not GRAPHQL.mutation_type
        for field_name, field in type_.fields.items()
        for name, argument in field.args.items()
        if could_tell(named := get_named_type(argument.type))
        and not isinstance(named, GraphQLInputObjectType)
        and not type_.name.startswith("__")
        and name not in HARMLESS_ARGUMENTS
        and not marks_of(argument, Personal)
    ]
    assert unknown == [], "mark them as personal, or list them as harmless"


def test_what_names_or_reaches_a_person_is_personal() -> None:
    named = {
        "Contact": "displayName firstName lastName email emails phone phones birthday customFields",
        "EmailEvent": "address",
        "SmsEvent": "address",
        "SurveyEvent": "answers",
        "OtherEvent": "payload",
        "Cloud4WiContact": "username birthDate birthDay zipCode phoneNumber personalId",
    }
    for name, listed in named.items():
        for field in listed.split():
            assert MARKS[name, field].personal, f"{name}.{field}"


def test_something_can_stand_in_every_personal_field() -> None:
    """Null, an empty list, or a harmless field beside it: nothing around a personal field is ever nulled."""
    for (name, field_name), marks in MARKS.items():
        type_ = GRAPHQL.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        field = type_.fields[field_name]
        if marks.personal and is_non_null_type(field.type) and not is_list_type(get_nullable_type(field.type)):
            instead = marks.personal.instead
            assert isinstance(instead, str), f"{name}.{field_name}"
            assert instead in harmless(type_)
            assert str(type_.fields[instead].type) == str(field.type)


def test_what_takes_a_scope_can_be_null_or_empty_or_is_behind_it() -> None:
    for (name, field_name), marks in MARKS.items():
        type_ = GRAPHQL.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        field = type_.fields[field_name].type
        if type_ is not GRAPHQL.mutation_type and (marks.scopes or marks.given):
            assert not is_non_null_type(field) or is_list_type(get_nullable_type(field)), f"{name}.{field_name}"


@pytest.mark.parametrize("entity", Entity)
def test_reading_an_entity_by_its_id_takes_what_its_type_takes(entity: Entity) -> None:
    scope = READS[entity]
    type_ = GRAPHQL.type_map.get(entity.name.capitalize())
    assert type_ is None or scopes_of(type_) == {scope.value}


def test_every_scope_is_told_of_in_the_schema() -> None:
    text = SCHEMA.as_str()
    assert all(f"`{scope.value}`" in text for scope in Scope)
    assert 'displayName: String! @personal(instead: "sourceId")' in text
    assert 'type Contact implements Node @requiresScopes(scopes: ["contacts:read"])' in text

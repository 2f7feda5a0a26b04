"""What mutations answer: the changed object as it is now, and what the user can put right."""

from __future__ import annotations

import strawberry

from resolvers.callers import Scope
from resolvers.writes.outcome import JobState, UserErrorCode
from schema.access import requires
from schema.company import Company
from schema.contact import Contact
from schema.definition import AttributeDefinition
from schema.desk import ContactCard, ContactNote
from schema.enums import describe
from schema.node import Node
from schema.rechat_details import RechatAttribute
from schema.segment import Segment
from upstreams.records import Source

describe(
    UserErrorCode,
    "UserErrorCode",
    "What kind of thing the user can put right. More may be added.",
    {
        "REQUIRED": "Something is missing.",
        "INVALID": "A value makes no sense, or the source does not accept it.",
        "NOT_FOUND": "There is no such thing (any more).",
        "DUPLICATE": "The source has it already.",
        "CONFLICT": "The source says that it is in conflict with what it has.",
        "NOT_SUPPORTED": "The source documents no way to do this; nothing was sent.",
        "EMPTY_SELECTION": "A list that says what to change is empty; nothing was sent.",
    },
)
describe(
    JobState,
    "JobState",
    "What is known of a job.",
    {
        "ACCEPTED": "The source took it just now.",
        "UNKNOWN": "It was taken at some time; Rechat documents no way to ask how it goes.",
    },
)


@strawberry.type(description="Something that the user can put right. What no error names was done.")
class UserError:
    """Something that the user can put right."""

    field: str | None = strawberry.field(
        description="The part of the input, with 0-based places: `contacts.3.emails`; null: the whole."
    )
    message: str = strawberry.field(description="What is wrong, for people.")
    code: UserErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(
    description="Work that a source does by itself. Rechat documents no way to ask how it goes: look for what it "
    "makes.",
    directives=[requires(Scope.CONTACTS_READ)],
)
class Job(Node):
    """Work that a source does by itself."""

    source: Source = strawberry.field(description="The service that does it.")
    source_id: str = strawberry.field(description="The service's own id of it.")
    state: JobState = strawberry.field(description="What is known of it.")


@strawberry.type
class _Payload:
    """What every payload has."""

    user_errors: list[UserError] = strawberry.field(
        description="What the user can put right. Empty when everything was done."
    )
    client_mutation_id: str | None = strawberry.field(description="What the input gave, back.")


@strawberry.type(description="A changed contact.")
class ContactPayload(_Payload):
    """A changed contact."""

    contact: Contact | None = strawberry.field(description="The contact as it is now; null when nothing was done.")


@strawberry.type(description="Changed contacts.")
class ContactsPayload(_Payload):
    """Changed contacts."""

    contacts: list[Contact] = strawberry.field(description="Those that were changed, as they are now.")


@strawberry.type(description="A contact that others were merged into.")
class ContactsMergePayload(_Payload):
    """A contact that others were merged into."""

    contact: Contact | None = strawberry.field(description="The contact that stays, as it is now.")
    deleted_ids: list[strawberry.ID] = strawberry.field(description="The contacts that are merged into it and gone.")


@strawberry.type(description="What is gone.")
class DeletePayload(_Payload):
    """What is gone."""

    deleted_ids: list[strawberry.ID] = strawberry.field(description="The ids of what is gone, as they were given.")


@strawberry.type(description="Changed attributes of a contact.")
class ContactAttributesPayload(_Payload):
    """Changed attributes of a contact."""

    contact: Contact | None = strawberry.field(description="The contact as it is now.")
    attributes: list[RechatAttribute] = strawberry.field(description="The attributes that were written.")
    deleted_ids: list[strawberry.ID] = strawberry.field(description="The attributes that are gone.")


@strawberry.type(description="A changed definition of an attribute.")
class AttributeDefinitionPayload(_Payload):
    """A changed definition."""

    definition: AttributeDefinition | None = strawberry.field(description="The definition as it is now.")


@strawberry.type(description="A changed segment.")
class SegmentPayload(_Payload):
    """A changed segment."""

    segment: Segment | None = strawberry.field(description="The segment as it is now.")


@strawberry.type(description="Work that a source was asked to do by itself.")
class JobPayload(_Payload):
    """Work that a source was asked to do."""

    job: Job | None = strawberry.field(description="The job; null when it was not begun.")


@strawberry.type(description="A changed company.")
class CompanyPayload(_Payload):
    """A changed company."""

    company: Company | None = strawberry.field(description="The company as it is now.")


@strawberry.type(description="A note on a contact.")
class ContactNotePayload(_Payload):
    """A note on a contact."""

    note: ContactNote | None = strawberry.field(description="The note.")


@strawberry.type(description="A card on a contact's timeline.")
class ContactCardPayload(_Payload):
    """A card on a contact's timeline."""

    card: ContactCard | None = strawberry.field(description="The card as it is now.")

"""What mutations of contacts take. Fields left out stay as they are; null clears."""

from __future__ import annotations

import strawberry

from schema.mutation_parts import (
    AcquireContactInput,
    BirthdayInput,
    CustomFieldInput,
    RechatContactInput,
    optional,
)
from schema.mutation_parts import KeyedInput as _Input
from schema.scalars import Upload
from upstreams.records import Source


@strawberry.input
class _Values:
    """What a contact of any source may be given."""

    first_name: str | None = optional("The given name.")
    last_name: str | None = optional("The family name.")
    emails: list[str] | None = optional("All e-mails, the primary one first. Acquire keeps one.")
    phones: list[str] | None = optional("All phones, the primary one first. Acquire keeps one.")
    company: str | None = optional("The company the contact works for. Rechat.")
    job_title: str | None = optional("What the contact does there. Rechat.")
    birthday: BirthdayInput | None = optional("The birthday. Rechat.")
    tags: list[str] | None = optional("The names of all tags. Rechat.")
    custom_fields: list[CustomFieldInput] | None = optional("Fields that the organization added itself.")
    rechat: RechatContactInput | None = optional("What only Rechat can be told.")
    acquire: AcquireContactInput | None = optional("What only Acquire can be told.")


@strawberry.input(description="A contact to create.")
class ContactCreateInput(_Values, _Input):
    """A contact to create."""

    source: Source = strawberry.field(description="The service that is to have it: Rechat or Acquire.")


@strawberry.input(description="What to change of a contact. What is left out stays; null, and an empty list, clear.")
class ContactUpdateInput(_Values, _Input):
    """What to change of a contact."""

    id: strawberry.ID = strawberry.field(description="The contact.")


@strawberry.input(description="What to change of one of several contacts.")
class ContactChangeInput(_Values):
    """What to change of one of several contacts."""

    id: strawberry.ID = strawberry.field(description="The contact.")


@strawberry.input(description="Contacts to change: those of Rechat in one call, those of Acquire in one each.")
class ContactsUpdateInput(_Input):
    """Contacts to change."""

    contacts: list[ContactChangeInput] = strawberry.field(description="The contacts, each once.")


@strawberry.input(description="A contact to import.")
class ContactImportInput(_Values):
    """A contact to import."""


@strawberry.input(description="Contacts that Rechat is to import by itself.")
class ContactsImportInput(_Input):
    """Contacts to import."""

    contacts: list[ContactImportInput] = strawberry.field(description="The contacts.")


@strawberry.input(description="What a column of a file becomes.")
class ImportColumnInput:
    """What a column of a file becomes."""

    column: str = strawberry.field(description="The name of the column, as in the first row.")
    name: str | None = optional(
        "Rechat's name of the attribute: `email`, `first_name`; of a part of an address: `address.city`."
    )
    custom_field_key: str | None = optional("Or the key of a field that the team added.")
    label: str | None = optional("The label of the values: `Work`.")
    index: int | None = optional("Joins columns that belong together, such as the parts of an address.")


@strawberry.input(description="A file of contacts that Rechat is to import by itself.")
class ContactsImportFileInput(_Input):
    """A file of contacts to import."""

    file: Upload = strawberry.field(
        description="A .csv, .xls or .xlsx file, sent as a GraphQL multipart request with the header "
        "`x-contactgraph-csrf`."
    )
    owner_id: str = strawberry.field(description="Rechat's id of the user who is to own the contacts.")
    columns: list[ImportColumnInput] = strawberry.field(description="What the columns become; others are left out.")


@strawberry.input(description="A contact to delete for good.")
class ContactDeleteInput(_Input):
    """A contact to delete."""

    id: strawberry.ID = strawberry.field(description="The contact.")


@strawberry.input(description="Contacts to delete for good. An empty list is refused.")
class ContactsDeleteInput(_Input):
    """Contacts to delete."""

    ids: list[strawberry.ID] = strawberry.field(description="The contacts, of any sources.")


@strawberry.input(description="Contacts of one source to merge into one. It cannot be undone.")
class ContactsMergeInput(_Input):
    """Contacts to merge into one."""

    id: strawberry.ID = strawberry.field(description="The contact that stays.")
    other_ids: list[strawberry.ID] = strawberry.field(description="Those that are merged into it and then gone.")


@strawberry.input(description="Contacts to merge into one of them.")
class MergeClusterInput:
    """Contacts to merge into one of them."""

    id: strawberry.ID = strawberry.field(description="The contact that stays.")
    other_ids: list[strawberry.ID] = strawberry.field(description="Those that are merged into it and then gone.")


@strawberry.input(description="Clusters of contacts that Rechat is to merge by itself.")
class DuplicatesMergeInput(_Input):
    """Clusters of contacts to merge."""

    clusters: list[MergeClusterInput] = strawberry.field(description="The clusters.")


@strawberry.input(description="Tags to put on a contact of Rechat, or to take off.")
class ContactTagsInput(_Input):
    """Tags of a contact."""

    id: strawberry.ID = strawberry.field(description="The contact.")
    tags: list[str] = strawberry.field(description="The names of the tags. An empty list is refused.")


@strawberry.input(description="How often a contact of Rechat is to be spoken to.")
class ContactTouchInput(_Input):
    """How often a contact is to be spoken to."""

    id: strawberry.ID = strawberry.field(description="The contact.")
    days: int | None = strawberry.field(description="Days between touches; null: no plan.")


@strawberry.input(description="A contact of Rechat and its new owner.")
class ContactOwnerSetInput(_Input):
    """A contact and its new owner."""

    id: strawberry.ID = strawberry.field(description="The contact.")
    owner_id: str = strawberry.field(description="Rechat's id of the user.")


@strawberry.input(description="Whether a contact of Cloud4Wi agrees to something.")
class ConsentInput:
    """Whether a contact agrees to something."""

    name: str = strawberry.field(description="What is asked: `termsOfUse`, `privacy`, `mktgCommunications`.")
    accepted: bool = strawberry.field(description="Whether the contact agrees.")
    version: str | None = optional("Which version of the text was shown.")


@strawberry.input(description="What a contact of Cloud4Wi agrees to. What is not named stays.")
class ConsentsUpdateInput(_Input):
    """What a contact agrees to."""

    contact_id: strawberry.ID = strawberry.field(description="The contact.")
    consents: list[ConsentInput] = strawberry.field(description="The answers. An empty list is refused.")

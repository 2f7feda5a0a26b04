"""Where a change starts: one line a mutation, named by the object first."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from resolvers.callers import Scope
from resolvers.writes import attributes, companies, contacts, desk, imports, many, merges, segments, tags
from resolvers.writes.once import Work, make_change
from schema import mutation_attribute_inputs as attribute_inputs
from schema import mutation_contact_inputs as contact_inputs
from schema import mutation_desk_inputs as desk_inputs
from schema import mutation_payloads as payloads
from schema import mutation_segment_inputs as segment_inputs
from schema.access import requires
from schema.info import Info
from schema.mutation_parts import DeleteInput, given


def change(work: Work, input: type, payload: type, description: str) -> Any:
    """A field that changes something: takes one ``input``, answers a payload.

    Args:
        work: makes the change.
        input: the type of the input.
        payload: the type of the payload; null when a source failed.
        description: what it does.
    """

    async def resolve(info: Info, input: Any) -> Any:
        return await make_change(info.context, info.raw, info.field_name, given(input), work)

    told = strawberry.argument(description="What to change.")
    resolve.__annotations__ = {"info": Info, "input": Annotated[input, told], "return": Any}
    return strawberry.mutation(
        resolver=resolve,
        graphql_type=payload | None,
        description=description,
        directives=[requires(Scope.CONTACTS_WRITE)],
    )


@strawberry.type(
    description="Where a change starts. Fields are done one after another. What the user can put right is in "
    "`userErrors`; a source that fails is in `errors`, not retryable where the change may have been made."
)
class Mutation:
    """Where a change starts."""

    contact_create = change(
        contacts.create,
        contact_inputs.ContactCreateInput,
        payloads.ContactPayload,
        "Create a contact at Rechat or Acquire.",
    )
    contact_update = change(
        contacts.update,
        contact_inputs.ContactUpdateInput,
        payloads.ContactPayload,
        "Change a contact of Rechat or Acquire.",
    )
    contacts_update = change(
        many.update_many, contact_inputs.ContactsUpdateInput, payloads.ContactsPayload, "Change several contacts."
    )
    contact_delete = change(
        contacts.delete, contact_inputs.ContactDeleteInput, payloads.DeletePayload, "Delete a contact for good."
    )
    contacts_delete = change(
        many.delete_many, contact_inputs.ContactsDeleteInput, payloads.DeletePayload, "Delete contacts for good."
    )
    contacts_merge = change(
        merges.merge,
        contact_inputs.ContactsMergeInput,
        payloads.ContactsMergePayload,
        "Merge contacts into one, for good.",
    )
    duplicates_merge = change(
        merges.merge_clusters,
        contact_inputs.DuplicatesMergeInput,
        payloads.JobPayload,
        "Have clusters of contacts merged.",
    )
    contacts_import = change(
        imports.import_contacts,
        contact_inputs.ContactsImportInput,
        payloads.JobPayload,
        "Have contacts imported by Rechat.",
    )
    contacts_import_file = change(
        imports.import_file,
        contact_inputs.ContactsImportFileInput,
        payloads.JobPayload,
        "Have the contacts in a CSV, XLS or XLSX file imported by Rechat.",
    )
    contact_tag_add = change(
        tags.add, contact_inputs.ContactTagsInput, payloads.ContactPayload, "Put tags on a contact of Rechat."
    )
    contact_tag_remove = change(
        tags.remove, contact_inputs.ContactTagsInput, payloads.ContactPayload, "Take tags off a contact of Rechat."
    )
    contact_touch = change(
        contacts.touch,
        contact_inputs.ContactTouchInput,
        payloads.ContactPayload,
        "Plan touches of a contact of Rechat.",
    )
    contact_owner_set = change(
        contacts.set_owner,
        contact_inputs.ContactOwnerSetInput,
        payloads.ContactPayload,
        "Give a contact of Rechat to a user.",
    )
    consents_update = change(
        contacts.update_consents,
        contact_inputs.ConsentsUpdateInput,
        payloads.ContactPayload,
        "Write down what a contact of Cloud4Wi agrees to.",
    )
    contact_attributes_add = change(
        attributes.add,
        attribute_inputs.ContactAttributesAddInput,
        payloads.ContactAttributesPayload,
        "Add attributes to a contact of Rechat.",
    )
    contact_attribute_replace = change(
        attributes.replace,
        attribute_inputs.ContactAttributeReplaceInput,
        payloads.ContactAttributesPayload,
        "Put another value in the place of an attribute's.",
    )
    contact_attribute_delete = change(
        attributes.delete,
        attribute_inputs.ContactAttributeDeleteInput,
        payloads.ContactAttributesPayload,
        "Delete an attribute of a contact of Rechat.",
    )
    contacts_attributes_add = change(
        attributes.add_to_all,
        attribute_inputs.ContactsAttributesAddInput,
        payloads.ContactsPayload,
        "Add attributes to every contact of Rechat that conditions hold for.",
    )
    contacts_attributes_delete = change(
        attributes.delete_many,
        attribute_inputs.ContactsAttributesDeleteInput,
        payloads.DeletePayload,
        "Delete attributes of any contacts of Rechat. Ids of none are passed over, as Rechat does.",
    )
    attribute_definition_create = change(
        attributes.create_definition,
        attribute_inputs.AttributeDefinitionCreateInput,
        payloads.AttributeDefinitionPayload,
        "Define an attribute that contacts can have.",
    )
    attribute_definition_update = change(
        attributes.update_definition,
        attribute_inputs.AttributeDefinitionUpdateInput,
        payloads.AttributeDefinitionPayload,
        "Change the definition of an attribute of Acquire.",
    )
    attribute_definition_delete = change(
        attributes.delete_definition,
        DeleteInput,
        payloads.DeletePayload,
        "Delete the definition of an attribute, with its values.",
    )
    tag_create = change(tags.create, segment_inputs.TagCreateInput, payloads.SegmentPayload, "Make a tag.")
    tag_rename = change(
        tags.rename, segment_inputs.TagRenameInput, payloads.SegmentPayload, "Give a tag another name, on all contacts."
    )
    tag_touch = change(
        tags.touch,
        segment_inputs.TagTouchInput,
        payloads.SegmentPayload,
        "Plan touches of the contacts that have a tag.",
    )
    tag_delete = change(tags.delete, DeleteInput, payloads.DeletePayload, "Delete a tag, also from contacts.")
    segment_create = change(
        segments.create, segment_inputs.SegmentCreateInput, payloads.SegmentPayload, "Make a saved search at Rechat."
    )
    segment_update = change(
        segments.update, segment_inputs.SegmentUpdateInput, payloads.SegmentPayload, "Change a saved search of Rechat."
    )
    segment_delete = change(
        segments.delete, DeleteInput, payloads.DeletePayload, "Delete a saved search; its contacts stay."
    )
    company_create = change(
        companies.create, desk_inputs.CompanyCreateInput, payloads.CompanyPayload, "Make a company at Acquire."
    )
    company_update = change(
        companies.update, desk_inputs.CompanyUpdateInput, payloads.CompanyPayload, "Change a company of Acquire."
    )
    company_delete = change(
        companies.delete, DeleteInput, payloads.DeletePayload, "Delete a company for good; its contacts stay."
    )
    contacts_block = change(
        desk.block, desk_inputs.ContactsBlockInput, payloads.ContactsPayload, "Block contacts of Acquire until a time."
    )
    contact_unblock = change(desk.unblock, desk_inputs.ContactUnblockInput, payloads.DeletePayload, "Lift a block.")
    contact_note_add = change(
        desk.add_note,
        desk_inputs.ContactNoteAddInput,
        payloads.ContactNotePayload,
        "Write a note on a contact of Acquire.",
    )
    contact_card_create = change(
        desk.create_card,
        desk_inputs.ContactCardCreateInput,
        payloads.ContactCardPayload,
        "Put a card on the timeline of a contact of Acquire.",
    )
    contact_card_update = change(
        desk.update_card, desk_inputs.ContactCardUpdateInput, payloads.ContactCardPayload, "Change a card."
    )
    contact_card_delete = change(
        desk.delete_card, desk_inputs.ContactCardDeleteInput, payloads.DeletePayload, "Take a card off a timeline."
    )

"""What an operation will read of contacts beyond their own fields, and of events, told before any call is made.

Read from the names in the document, wherever they stand: asking an upstream for a relation that is not read in the end
costs a little, missing one that is read costs a call a contact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from upstreams.needs import Need
from upstreams.records import Source

_FIELDS = {
    "segments": Need.SEGMENTS,
    "customFields": Need.CUSTOM_FIELDS,
    "company": Need.COMPANY,
    "displayName": Need.COMPANY,
}
EVENT_PARTS = frozenset(
    (
        *("location", "locationId", "cloud4wi", "signupSource", "startedAt", "startedAtLocal", "startTimezone"),
        *("duration", "geofence", "app", "campaign", "communicationId", "channel", "address", "phonePrefix"),
        *("phoneNumber", "answerId", "answers", "promoType"),
    )
)
"""Fields of events that a source may leave undecoded where nobody reads them."""
_DETAILS = {
    "rechat": dict.fromkeys(
        ("attributes", "brand", "createdBy", "deals", "flows", "lists", "summary", "updatedBy", "user", "users"),
        Need.RELATIONS,
    ),
    "acquire": {
        "company": Need.COMPANY,
        "tags": Need.SEGMENTS,
        **dict.fromkeys(("cases", "timeline", "visits"), Need.RELATIONS),
    },
}
"""Fields of the detail objects that their source sends on demand."""
_TYPES = {"rechat": "RechatContact", "acquire": "AcquireContact"}
"""What the detail objects are."""


def related_fields(source: Source) -> frozenset[str]:
    """The fields of a source's detail object that are sent on demand."""
    return frozenset(_DETAILS.get(source.value.lower(), ()))


def needs_of(
    document: DocumentNode, operation: OperationDefinitionNode, withheld: Collection[tuple[str, str]] = ()
) -> frozenset[Need]:
    """The needs of an operation. ``segments`` of the query itself is no need of a contact, and not counted.

    Args:
        document: it, and its fragments.
        operation: which.
        withheld: fields, by type and name, that the caller gets nothing of, so that they need nothing.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    found = set()
    roots = set(map(id, operation.selection_set.selections))
    for parent, node in _fields(operation.selection_set, "", fragments, set()):
        name = node.name.value
        if name in EVENT_PARTS:
            found.add(Need.EVENT_PARTS)
        if name in _FIELDS and id(node) not in roots and parent not in _DETAILS:
            if ("Contact", name) not in withheld:
                found.add(_FIELDS[name])
        elif (need := _DETAILS.get(parent, {}).get(name)) and (_TYPES[parent], name) not in withheld:
            found.add(need)
    return frozenset(found)


def _fields(
    selections: SelectionSetNode | None, parent: str, fragments: Mapping[str, FragmentDefinitionNode], seen: set[str]
) -> Iterator[tuple[str, FieldNode]]:
    """All fields of a document below a place, each with the name of the field around it; a fragment only once."""
    nodes: tuple[SelectionNode, ...] = () if selections is None else tuple(selections.selections)
    for node in nodes:
        if isinstance(node, FieldNode):
            yield parent, node
            yield from _fields(node.selection_set, node.name.value, fragments, seen)
        elif name := getattr(node, "name", None):
            spread = f"{parent}.{name.value}"
            if spread not in seen and name.value in fragments:
                seen.add(spread)
                yield from _fields(fragments[name.value].selection_set, parent, fragments, seen)
        else:
            yield from _fields(getattr(node, "selection_set", None), parent, fragments, seen)

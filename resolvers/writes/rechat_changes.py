"""What turns a contact at Rechat into the one that is wanted, attribute by attribute, and no more than that."""

from __future__ import annotations

from dataclasses import dataclass, field

from resolvers.writes.rechat_values import Wanted
from upstreams.instants import to_unix
from upstreams.rechat.client import AttributeValue
from upstreams.rechat.records import Attribute, Contact


@dataclass(slots=True)
class Difference:
    """What turns a contact into the one that is wanted: attributes to write, and ids of those to delete."""

    write: list[AttributeValue] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)


def difference(contact: Contact, wanted: Wanted) -> Difference:
    """What to write so that a contact, read with its attributes, has what is wanted."""
    made = Difference(write=list(wanted.more))
    rows: dict[str, list[Attribute]] = {}
    for attribute in contact.attributes or ():
        if not attribute.is_partner and attribute.deleted_at is None and attribute.attribute_def_id is not None:
            rows.setdefault(attribute.attribute_def_id, []).append(attribute)
    for definition, value in wanted.single.items():
        old = rows.get(definition, [])
        if value is None:
            made.delete += [attribute.source_id for attribute in old]
        elif not old:
            made.write.append(value)
        elif not _equal(old[0], value):
            made.write.append(_with_id(value, old[0].source_id))
    for definition, texts in wanted.several.items():
        old = rows.get(definition, [])
        here = {attribute.text: attribute for attribute in reversed(old)}
        kept = [here[text] for text in texts if text in here]
        free = [attribute for attribute in old if all(attribute is not one for one in kept)]
        for place, text in enumerate(texts):
            primary = True if place == 0 and definition in wanted.ranked else None
            same = here.get(text)
            if same is not None and (primary is None or same.is_primary):
                continue
            id = same.source_id if same is not None else free.pop(0).source_id if free else None
            made.write.append(AttributeValue(id=id, attribute_def=definition, text=text, is_primary=primary))
        made.delete += [attribute.source_id for attribute in free]
    return made


def _equal(old: Attribute, value: AttributeValue) -> bool:
    if value.date is not None:
        return old.date is not None and int(to_unix(old.date)) == value.date
    return (old.text, old.number) == (value.text, value.number)


def _with_id(value: AttributeValue, id: str) -> AttributeValue:
    return AttributeValue(
        id=id, attribute_def=value.attribute_def, text=value.text, number=value.number, date=value.date
    )

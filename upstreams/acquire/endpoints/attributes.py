"""Tags and custom attributes: what an organization adds to its contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from upstreams.acquire.decode import ListDecoder, Listing, OneDecoder
from upstreams.acquire.endpoints.calls import Calls, PageOf, query
from upstreams.acquire.records import CustomAttribute, Tag
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.wire import Wire, segment


class AttributeCalls(Calls):
    """``/crm/tag`` and ``/crm/objects/object-field``."""

    def __init__(self, wire: Wire, keeping: Keeping = NOTHING) -> None:
        super().__init__(wire, keeping)
        self._tag = OneDecoder(Tag)
        self._tags = ListDecoder(Tag, "data", self._lost("tags"))
        self._attribute = OneDecoder(CustomAttribute)
        self._attributes = ListDecoder(CustomAttribute, "data", self._lost("customAttributes"))

    async def tags(
        self, page: PageOf | None = None, *, search: str | None = None, relations: Sequence[str] = ()
    ) -> Listing[Tag]:
        """All tags; a ``page`` for where one answer did not hold all. ``relations`` are ``contact``, ``case``."""
        params = query(page, relations=relations) + ([] if search is None else [("search", search)])
        return await self._get("tags", "/crm/tag", self._tags, params, keep=self._keep.lists["Segment"])

    async def tag(self, tag_id: str) -> Tag:
        """One tag.

        Raises:
            UpstreamNotFound: there is no such tag.
        """
        return await self._get("tag", f"/crm/tag/{segment(tag_id)}", self._tag, keep=self._keep.entities["Segment"])

    async def create_tag(self, name: str, *, color: str | None = None, type: Sequence[str] = ("contact",)) -> Tag:
        """Make a tag; names are unique. ``type`` is what can have it: ``contact``, ``case``.

        Raises:
            Refused: ``code`` says whether it exists already or makes no sense.
        """
        body = {"name": name, **({} if color is None else {"color": color}), "type": list(type)}
        return await self._send("tagCreate", "POST", "/crm/tag", self._tag, body)

    async def update_tag(self, tag_id: str, name: str, *, color: str | None, type: Sequence[str]) -> Tag:
        """Change a tag; without a ``color`` it has none from then on.

        Raises:
            UpstreamNotFound: there is no such tag.
        """
        body = {"name": name, "color": color, "type": list(type)}
        return await self._send("tagUpdate", "PUT", f"/crm/tag/{segment(tag_id)}", self._tag, body)

    async def delete_tag(self, tag_id: str) -> int | None:
        """Delete a tag; how many were, where the answer says.

        Raises:
            UpstreamNotFound: there is no such tag.
        """
        return await self._delete("tagDelete", "/crm/tag", [("id", tag_id)])

    async def custom_attributes(
        self, page: PageOf, *, where: Sequence[tuple[str, str]] = ()
    ) -> Listing[CustomAttribute]:
        """A page of the fields of contacts, cases and companies."""
        path = "/crm/objects/object-field"
        keep = self._keep.lists["AttributeDefinition"]
        return await self._get("customAttributes", path, self._attributes, query(page, where=where), keep=keep)

    async def custom_attribute(self, attribute_id: str) -> CustomAttribute:
        """One field.

        Raises:
            UpstreamNotFound: there is no such field.
        """
        path = f"/crm/objects/object-field/{segment(attribute_id)}"
        keep = self._keep.entities["AttributeDefinition"]
        return await self._get("customAttribute", path, self._attribute, keep=keep)

    async def create_custom_attribute(self, attribute: Mapping[str, Any]) -> CustomAttribute:
        """Make a field: ``{object, key, type, config}``.

        Raises:
            Refused: ``code`` says whether it exists already or makes no sense.
        """
        path = "/crm/objects/object-field"
        return await self._send("customAttributeCreate", "POST", path, self._attribute, dict(attribute))

    async def update_custom_attribute(self, attribute_id: str, attribute: Mapping[str, Any]) -> CustomAttribute:
        """Change a field.

        Raises:
            UpstreamNotFound: there is no such field.
        """
        path = f"/crm/objects/object-field/{segment(attribute_id)}"
        return await self._send("customAttributeUpdate", "PUT", path, self._attribute, dict(attribute))

    async def delete_custom_attribute(self, attribute_id: str) -> int | None:
        """Delete a field; how many were, where the answer says.

        Raises:
            UpstreamNotFound: there is no such field.
        """
        path = f"/crm/objects/object-field/{segment(attribute_id)}"
        return await self._delete("customAttributeDelete", path)

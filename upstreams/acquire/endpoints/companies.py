"""Companies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from upstreams.acquire.decode import ListDecoder, Listing, OneDecoder
from upstreams.acquire.endpoints.calls import Calls, PageOf, query
from upstreams.acquire.records import Company
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.wire import Wire, segment


class CompanyCalls(Calls):
    """``/crm/objects/company``."""

    def __init__(self, wire: Wire, keeping: Keeping = NOTHING) -> None:
        super().__init__(wire, keeping)
        self._company = OneDecoder(Company)
        self._companies = ListDecoder(Company, "data", self._lost("companies"))

    async def companies(
        self,
        page: PageOf,
        *,
        relations: Sequence[str] = (),
        select: Sequence[str] = (),
        where: Sequence[tuple[str, str]] = (),
    ) -> Listing[Company]:
        """A page of all companies. ``relations`` are ``fields``, ``contacts``, ``parent``, ``companies``."""
        params = query(page, relations=relations, select=select, where=where)
        return await self._get("companies", "/crm/objects/company", self._companies, params)

    async def company(self, company_id: str, *, relations: Sequence[str] = ()) -> Company:
        """One company.

        Raises:
            UpstreamNotFound: there is no such company.
        """
        path = f"/crm/objects/company/{segment(company_id)}"
        params = query(relations=relations)
        return await self._get("company", path, self._company, params, keep=self._keep.entities["Company"])

    async def create_company(self, fields: Mapping[str, Any]) -> Company:
        """Make a company; the upstream adds a logo that it guesses from the website.

        Raises:
            Refused: ``code`` says whether it exists already or a field makes no sense.
        """
        return await self._send("companyCreate", "POST", "/crm/objects/company", self._company, {"fields": fields})

    async def update_company(self, company_id: str, fields: Mapping[str, Any]) -> Company:
        """Change a company.

        Raises:
            UpstreamNotFound: there is no such company.
        """
        path = f"/crm/objects/company/{segment(company_id)}"
        return await self._send("companyUpdate", "PUT", path, self._company, {"fields": fields})

    async def delete_company(self, company_id: str) -> int | None:
        """Delete a company for good, without its contacts and cases; how many were, where the answer says.

        Raises:
            UpstreamNotFound: there is no such company.
        """
        path = f"/crm/objects/company/{segment(company_id)}"
        return await self._delete("companyDelete", path)

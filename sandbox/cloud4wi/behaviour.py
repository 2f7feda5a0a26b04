"""What Cloud4Wi's documents leave open, as switches: each default is the assumption, each other value a real chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.switches import Switches


@dataclass(slots=True)
class Behaviour(Switches):
    """How this Cloud4Wi behaves; may be changed while it runs.

    Attributes:
        scroll_ttl: seconds a scroll lives after its last use.
        scroll_mode: ``snapshot`` shows the rows as they were when the scroll was opened, ``live`` goes on behind the
            last row given, whatever was inserted or deleted meanwhile.
        scroll_ids: ``same`` keeps one id for a whole scroll; ``rotate`` gives a new id with each page and the
            old one is spent.
        scroll_id_place: ``top`` for ``scrollId`` at the top level of an events answer, ``nested`` for ``scroll.id``.
        scroll_end: ``empty`` ends with an empty page; ``no_id`` leaves the id out of the last page with rows.
        contacts_scroll_field: the field of a contacts answer that holds the scroll id.
        expired_scroll: status for a scroll id that is not (or no longer) known; 200 means 200 with ``status: "KO"``.
        short_pages: share of the pages after the first that hold fewer rows than asked for, though more follow.
        shuffle_ties: rows with equal sort keys come in an order that differs from call to call and scroll to scroll.
        disorder: rows of a page are moved by less than so many places; 0 or 1 leaves them in order.
        reverse_is_descending: ``sortReverse=true`` gives the latest first; if not, ``sortReverse=false`` does.
        flat_events: events as the published schema has them (``type``, ``id`` and detail at the top level).
        organization_key: how a location spells the id of its organization.
        contact_envelope: one contact as ``{customers: [c]}``, ``{customer: c}`` or ``bare``.
        token_ttl: seconds a token lives; the documents say one day.
    """

    scroll_ttl: float = 120.0
    scroll_mode: Literal["snapshot", "live"] = "snapshot"
    scroll_ids: Literal["same", "rotate"] = "same"
    scroll_id_place: Literal["top", "nested"] = "top"
    scroll_end: Literal["empty", "no_id"] = "empty"
    contacts_scroll_field: Literal["sid", "scrollId"] = "sid"
    expired_scroll: Literal[404, 409, 400, 410, 200] = 404
    short_pages: float = 0.125
    shuffle_ties: bool = True
    disorder: int = 0
    reverse_is_descending: bool = True
    flat_events: bool = False
    organization_key: Literal["organziationId", "organizationId"] = "organziationId"
    contact_envelope: Literal["customers", "customer", "bare"] = "customers"
    token_ttl: float = 86_400.0

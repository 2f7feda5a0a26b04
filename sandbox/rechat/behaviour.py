"""What Rechat's documents leave open, as switches: each default is the assumption, each other value a real chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.switches import Switches


@dataclass(slots=True)
class Behaviour(Switches):
    """How this Rechat behaves; may be changed while it runs.

    Attributes:
        unknown_ids: one unknown id in ``ids`` of a filter: ``missing`` leaves the row out, ``refused`` is a 404.
        max_limit: rows of a page at most; a larger ``limit`` is cut to it without a word.
        max_ids: ids in one filter at most, more are a 400; 0 for no bound.
        search_digits: ``q`` finds a telephone number also without regard to its punctuation.
        rotate_refresh: a refresh gives a new refresh token and the one used is worthless from then on.
        token_ttl: seconds an access token lives; the documents' example is 31 days.
        brand_required: without ``X-RECHAT-BRAND`` a call is refused.
        calendar_bounds: ``both`` refuses a calendar without ``low`` or ``high``; ``one`` is content with either.
        calendar_order: which end of the range comes first, and so which end a ``limit`` leaves out.
        calendar_max: rows of a calendar answer at most, also without ``limit``; 0 for no bound.
        job_seconds: so long after its answer an import or a merge of clusters is done, by the sandbox's clock.
    """

    unknown_ids: Literal["missing", "refused"] = "missing"
    max_limit: int = 1000
    max_ids: int = 0
    search_digits: bool = True
    rotate_refresh: bool = True
    token_ttl: float = 2_678_400.0
    brand_required: bool = False
    calendar_bounds: Literal["both", "one"] = "both"
    calendar_order: Literal["ascending", "descending"] = "ascending"
    calendar_max: int = 0
    job_seconds: float = 0.0

"""What Acquire's documents leave open, as switches: each default is the assumption, each other value a real chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.switches import Switches


@dataclass(slots=True)
class Behaviour(Switches):
    """How this Acquire behaves; may be changed while it runs, ``disorder`` until its data is first asked for.

    Attributes:
        errors_as_200: every error body comes under HTTP 200, as the one published example did.
        not_found: status of ``ERROR_RECORD_NOT_FOUND``; the documents name both.
        max_limit: rows of a page at most; a larger ``limit`` is cut to it without a word.
        disorder: the share of contacts whose ``dateCreated`` is out of step with their id; one in five of them by far.
        put: whether an update keeps the ``fields`` it does not name (``merge``) or drops them (``replace``).
        where_fields: whether ``where`` also knows the keys of ``fields``; if not, they are an invalid input.
        search_digits: the search finds a telephone number also without regard to its punctuation.
        duplicates: whether a new contact with an e-mail that another has is refused.
    """

    errors_as_200: bool = False
    not_found: Literal[404, 400] = 404
    max_limit: int = 1000
    disorder: float = 0.03
    put: Literal["merge", "replace"] = "merge"
    where_fields: bool = True
    search_digits: bool = False
    duplicates: bool = False

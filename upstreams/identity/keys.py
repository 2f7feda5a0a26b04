"""Keys: what two contacts can have in common so that they are one person."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class MatchKey(Enum):
    """What kind of thing two contacts have in common. The order of the members is the order in answers."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"


class IdentityKey(NamedTuple):
    """One e-mail or telephone number, normalised: the same text however a source spells it.

    Attributes:
        kind: which.
        value: a case-folded e-mail address, or a number in E.164.
    """

    kind: MatchKey
    value: str

    def __repr__(self) -> str:
        """Without the value: it is personal."""
        return f"IdentityKey({self.kind.value})"

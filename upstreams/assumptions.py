"""What a source's documents leave open and the code has to answer all the same.

Each source package keeps its guesses in one table (``assumptions.py``), so that correcting one is a one-line change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Assumption(Generic[V]):
    """One guess.

    Attributes:
        question: what the documents do not say.
        assumed: the answer that the code works with.
        accepted: other answers that it understands as well.
    """

    question: str
    assumed: V
    accepted: tuple[str, ...] = ()

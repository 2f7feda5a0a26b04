"""The example documents that the upstreams' makers publish, word for word.

``*_schema`` are the ones whose values are placeholders (``"text"``, ``"string"``, 1).
"""

from __future__ import annotations

from pathlib import Path


def seed(name: str) -> bytes:
    """An example, as an answer's bytes."""
    return (Path(__file__).parent / f"{name}.json").read_bytes()

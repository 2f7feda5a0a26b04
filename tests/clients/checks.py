"""What every client's walk over the events is held to: the sandbox's own data."""

from __future__ import annotations

from typing import Any

from sandbox.app import Sandbox
from tests.schema.merged import Place, events, places
from upstreams.records import Source


def check_walks(found: dict[str, Any], box: Sandbox) -> None:
    """A walk forward and one backward: every event of the organization, exactly once, in order."""
    held = events(box)
    assert len(held) > 1000
    assert places("events", found["forward"]) == held
    assert places("events", found["backward"]) == held


def check_outage(found: dict[str, Any], box: Sandbox) -> None:
    """A page without Cloud4Wi says so; then comes what was missed, and every event was there once after all."""

    def elsewhere(rows: list[Place]) -> list[Place]:
        return [place for place in rows if place.source is not Source.CLOUD4WI]

    walked, held = places("events", found["rows"]), events(box)
    assert sorted(walked, reverse=True) == held
    assert elsewhere(walked) == elsewhere(held)
    assert found["down"]["sources"] == ["CLOUD4WI"]
    assert {row["source"] for row in found["down"]["rows"]} == {"RECHAT", "ACQUIRE"}
    assert found["back"] == {"sources": [], "codes": []}

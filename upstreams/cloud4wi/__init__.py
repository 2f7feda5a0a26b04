"""Cloud4Wi: guests of Wi-Fi networks, their visits and what they were sent."""

from __future__ import annotations

from upstreams.cloud4wi.settings import SETTINGS, configure
from upstreams.cloud4wi.source import Cloud4Wi
from upstreams.records import Source
from upstreams.settings import SourceSpec

__all__ = ["SPEC", "Cloud4Wi"]

SPEC = SourceSpec(Source.CLOUD4WI, SETTINGS, configure, Cloud4Wi)
"""The entry in the list of sources."""

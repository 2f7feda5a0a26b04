"""The one list of sources. Another source is another line."""

from __future__ import annotations

from upstreams import acquire, cloud4wi, rechat
from upstreams.settings import SourceSpec

SPECS: tuple[SourceSpec, ...] = (cloud4wi.SPEC, rechat.SPEC, acquire.SPEC)
"""In the order of :class:`upstreams.records.Source`."""

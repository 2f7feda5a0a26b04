"""Rechat: clients of real-estate agents, their tags and lists, and the calendar."""

from __future__ import annotations

from upstreams.rechat.settings import SETTINGS, configure
from upstreams.rechat.source import Rechat
from upstreams.records import Source
from upstreams.settings import SourceSpec

__all__ = ["SPEC", "Rechat"]

SPEC = SourceSpec(Source.RECHAT, SETTINGS, configure, Rechat)
"""The entry in the list of sources."""

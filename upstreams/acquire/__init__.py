"""Acquire: visitors of web chats, their conversations and the pages they looked at."""

from __future__ import annotations

from upstreams.acquire.settings import SETTINGS, configure
from upstreams.acquire.source import Acquire
from upstreams.records import Source
from upstreams.settings import SourceSpec

__all__ = ["SPEC", "Acquire"]

SPEC = SourceSpec(Source.ACQUIRE, SETTINGS, configure, Acquire)
"""The entry in the list of sources."""

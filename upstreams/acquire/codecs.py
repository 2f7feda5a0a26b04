"""Acquire's records as bytes and back."""

from __future__ import annotations

from upstreams.acquire.contacts import Contact
from upstreams.acquire.events import Case
from upstreams.codecs import StructCodec

CONTACTS = StructCodec(Contact)
CASES = StructCodec(Case)

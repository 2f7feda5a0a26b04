"""Rechat's records as bytes and back."""

from __future__ import annotations

from upstreams.codecs import StructCodec
from upstreams.rechat.calendar import CalendarEvent
from upstreams.rechat.contacts import Contact

CONTACTS = StructCodec(Contact)
EVENTS = StructCodec(CalendarEvent)

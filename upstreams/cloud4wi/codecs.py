"""Cloud4Wi's records as bytes and back."""

from __future__ import annotations

from typing import Any

from upstreams.cloud4wi.contacts import Contact
from upstreams.cloud4wi.events import Event, EventFrame
from upstreams.codecs import StructCodec
from upstreams.instants import utc_text


def _restore_contact(row: dict[str, Any]) -> None:
    """The one field that a contact takes in another form than it keeps."""
    row["created"] = utc_text(row["created"])


CONTACTS = StructCodec(Contact, _restore_contact)
EVENTS = StructCodec(Event)
EVENT_FRAMES = StructCodec(EventFrame)

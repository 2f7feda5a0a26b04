"""Contacts that are nothing but what they are recognised by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from upstreams.records import Entity, Source


@dataclass(frozen=True)
class Record:
    """A contact record with the few facts that people are made of; all else is empty."""

    entity: ClassVar[Entity] = Entity.CONTACT

    source_id: str = "1"
    source: Source = Source.CLOUD4WI
    first_name: str | None = None
    last_name: str | None = None
    emails_as_sent: tuple[str, ...] = ()
    phones_as_sent: tuple[str, ...] = ()
    country_as_sent: str | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "whole_name":
            raise AttributeError(name)
        return None

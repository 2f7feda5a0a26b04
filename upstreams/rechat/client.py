"""The REST API, one method an endpoint: those that read, and those that change something."""

from __future__ import annotations

from upstreams.rechat.reads import Condition, Reads, Selection
from upstreams.rechat.writes import (
    AttributeValue,
    ChangedContact,
    Cluster,
    Column,
    ListChange,
    NewAttributeDef,
    NewContact,
    Writes,
)

__all__ = [
    "AttributeValue",
    "ChangedContact",
    "Client",
    "Cluster",
    "Column",
    "Condition",
    "ListChange",
    "NewAttributeDef",
    "NewContact",
    "Selection",
]


class Client(Reads, Writes):
    """Rechat's endpoints."""

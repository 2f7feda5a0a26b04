"""Who asks: a caller, and the scopes that say what it may read and change.

The schema marks what takes a scope (``@requiresScopes``, ``@personal``), and the gateway enforces the marks before
anything is resolved. Resolvers look at a caller only where the schema cannot say what is asked for: behind an id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from upstreams.records import Entity


class Scope(Enum):
    """What a caller may do."""

    CONTACTS_READ = "contacts:read"
    CONTACTS_PII = "contacts:pii"
    CONTACTS_WRITE = "contacts:write"
    EVENTS_READ = "events:read"
    SEGMENTS_READ = "segments:read"
    LOCATIONS_READ = "locations:read"


ALL_SCOPES = frozenset(Scope)

READS: Mapping[Entity, Scope] = {
    Entity.CONTACT: Scope.CONTACTS_READ,
    Entity.EVENT: Scope.EVENTS_READ,
    Entity.SEGMENT: Scope.SEGMENTS_READ,
    Entity.LOCATION: Scope.LOCATIONS_READ,
    Entity.PERSON: Scope.CONTACTS_READ,
    Entity.COMPANY: Scope.CONTACTS_READ,
    Entity.DEFINITION: Scope.CONTACTS_READ,
    Entity.JOB: Scope.CONTACTS_READ,
}
"""What reading an object takes; the schema says the same of its types."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from.

    Attributes:
        id: tells callers apart: the API key's id, or issuer and subject of a token. It may name a person, so it is
            never logged.
        scopes: what the caller may do.
        tenant: whose upstream credentials answer the caller. What is shared between requests (calls in flight, caches)
            is shared within a tenant only. A process has one set of credentials, so all its callers are of one tenant.
    """

    id: str
    scopes: frozenset[Scope] = ALL_SCOPES
    tenant: str = ""


ANYBODY = Caller("anybody")
"""Who asks where nobody is asked who they are; has all scopes."""

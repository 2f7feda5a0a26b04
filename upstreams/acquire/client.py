"""The REST API as one object."""

from __future__ import annotations

from upstreams.acquire.endpoints.attributes import AttributeCalls
from upstreams.acquire.endpoints.calls import PageOf
from upstreams.acquire.endpoints.companies import CompanyCalls
from upstreams.acquire.endpoints.contacts import ContactCalls
from upstreams.acquire.endpoints.timeline import TimelineCalls

__all__ = ["Client", "PageOf"]


class Client(ContactCalls, CompanyCalls, AttributeCalls, TimelineCalls):
    """Acquire's endpoints."""

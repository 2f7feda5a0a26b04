"""Fixtures: a gateway over a small sandbox, and over what a test lets Rechat and Acquire answer."""

from __future__ import annotations

from tests.schema.conftest import api
from tests.upstreams.acquire.conftest import fake as acquire_fake
from tests.upstreams.rechat.conftest import fake, make, network, rechat

__all__ = ["acquire_fake", "api", "fake", "make", "network", "rechat"]

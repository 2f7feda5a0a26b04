"""Fixtures: a gateway over a small sandbox, and over what a test lets Rechat answer."""

from __future__ import annotations

from tests.schema.conftest import api
from tests.upstreams.rechat.conftest import fake, make, network, rechat

__all__ = ["api", "fake", "make", "network", "rechat"]

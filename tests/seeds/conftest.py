"""Fixtures: a gateway over a small sandbox."""

from __future__ import annotations

from tests.schema.conftest import api

__all__ = ["api"]

"""The second try at a Cloud4Wi row: that of every source (:mod:`upstreams.liberal`)."""

from __future__ import annotations

from upstreams.liberal import salvage

__all__ = ["salvage"]

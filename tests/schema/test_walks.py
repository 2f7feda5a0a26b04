"""The random walks over HTTP, a few on every run; ``PAGING_EXAMPLES=500`` for a long one."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.schema.walks import Walks

EXAMPLES = int(os.environ.get("PAGING_EXAMPLES", "50"))
THOROUGH = "PAGING_EXAMPLES" in os.environ

SETTINGS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    derandomize=not THOROUGH,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_walks() -> None:
    run_state_machine_as_test(Walks, settings=SETTINGS)

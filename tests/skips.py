"""Under ``CI`` a skipped test is a failed test: a check that silently did not run guards nothing.

A plugin of pytest, loaded by ``tests/conftest.py``. On a developer's machine, where a tool may be missing, skips stay
skips. Expected failures are no skips.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

Reports = Generator[None, pytest.TestReport, pytest.TestReport]
CollectReports = Generator[None, pytest.CollectReport, pytest.CollectReport]


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped" or hasattr(report, "wasxfail") or os.environ.get("CI", "") in ("", "0", "false"):
        return
    # Of a skip, longrepr is (path, line, reason); anything else is shown as it is.
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: skipped, and under CI every test has to run. {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Reports:
    """Turn the skip of a test, or of its fixtures, into a failure."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> CollectReports:
    """Turn the skip of a whole module into a failure."""
    report = yield
    _fail_if_skipped(report)
    return report

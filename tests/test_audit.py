"""The audit of dependencies: what each kind of report is told as, and with which exit status."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "scripts" / "audit_report.py"

FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["2.0"]}
PIP_CLEAN = {"dependencies": [{"name": "a", "version": "1", "vulns": []}], "fixes": []}
PIP_BAD = {"dependencies": [{"name": "a", "version": "1", "vulns": [FLAW]}], "fixes": []}
PIP_PART = {"dependencies": [*PIP_CLEAN["dependencies"], {"name": "b", "skip_reason": "not found"}], "fixes": []}
PIP_AWAY = {"dependencies": [{"name": "b", "skip_reason": "not found"}], "fixes": []}
NPM_CLEAN = {"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"dependencies": {"total": 7}}}
NPM_BAD = {**NPM_CLEAN, "vulnerabilities": {"left-pad": {"severity": "high"}}}
NPM_AWAY = {"message": "405 Method Not Allowed", "error": {"summary": "", "detail": ""}}


@pytest.fixture(scope="module")
def main() -> Callable[..., int]:
    """The script's entry."""
    return runpy.run_path(str(SCRIPT))["main"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("report", "plain", "strict", "said"),
    [
        (PIP_CLEAN, 0, 0, "0 known vulnerabilities in 1 packages"),
        (PIP_BAD, 1, 1, "a 1: PYSEC-2026-1"),
        (PIP_PART, 0, 1, "NOT AUDITED: 1 packages"),
        (PIP_AWAY, 0, 1, "NOT AUDITED"),
        (NPM_CLEAN, 0, 0, "0 known vulnerabilities in 7 packages"),
        (NPM_BAD, 1, 1, "left-pad: high"),
        (NPM_AWAY, 0, 1, "NOT AUDITED"),
        (None, 0, 1, "NOT AUDITED"),
        ([], 0, 1, "NOT AUDITED"),
    ],
)
def test_a_report_is_told(
    report: Any,
    plain: int,
    strict: int,
    said: str,
    main: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "report.json"
    file.write_text("" if report is None else json.dumps(report))
    assert (main("a.lock", str(file)), main("a.lock", str(file), "--strict")) == (plain, strict)
    assert said in capsys.readouterr().out

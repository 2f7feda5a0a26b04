"""The rule about skipped tests, tried on suites of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

SKIPS = {
    "a skip in the test": "def test_it():\n    pytest.skip('needs a tool')",
    "a mark": "@pytest.mark.skip(reason='needs a tool')\ndef test_it():\n    pass",
    "a fixture": "@pytest.fixture\ndef tool():\n    pytest.skip('needs a tool')\n\ndef test_it(tool):\n    pass",
    "a module": "pytest.skip('needs a tool', allow_module_level=True)",
}


def run(folder: Path, body: str, ci: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a suite of one module in a process of its own, with the plugin and nothing else of this repository."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_suite.py").write_text(f"import pytest\n\n{body}\n")
    environment = {k: v for k, v in os.environ.items() if k != "CI" and not k.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(ROOT)} | ({} if ci is None else {"CI": ci})
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.skips", "-p", "no:cacheprovider", *arguments, str(folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("body", SKIPS.values(), ids=SKIPS.keys())
def test_a_skip_fails_under_ci(tmp_path: Path, body: str) -> None:
    result = run(tmp_path, body, "1")
    assert result.returncode in (1, 2), result.stdout
    assert "needs a tool" in result.stdout


def test_a_skip_fails_under_ci_when_workers_run_it(tmp_path: Path) -> None:
    result = run(tmp_path, SKIPS["a fixture"], "true", "-n", "1")
    assert result.returncode == 1, result.stdout
    assert "needs a tool" in result.stdout


def test_a_skip_is_a_skip_elsewhere(tmp_path: Path) -> None:
    result = run(tmp_path, SKIPS["a mark"], None)
    assert result.returncode == 0, result.stdout
    assert "1 skipped" in result.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    result = run(tmp_path, "@pytest.mark.xfail\ndef test_it():\n    assert 1 == 2", "1")
    assert result.returncode == 0, result.stdout
    assert "1 xfailed" in result.stdout


def test_this_suite_is_held_to_the_rule(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.hasplugin("tests.skips")

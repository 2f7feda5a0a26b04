"""What the documents say about the code is compared with the code."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.settings import SETTINGS

ROOT = Path(__file__).parent.parent


def cells(row: str) -> list[str]:
    """The cells of a row of a Markdown table."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def test_readme_lists_the_settings() -> None:
    """One row a setting, in the order of the code: name, default (empty when there is none), meaning."""
    expected = [
        f"| `{setting.name}` | {f'`{setting.default}`' if setting.default is not None else ''} | {setting.help} |"
        for setting in SETTINGS
    ]
    rows = [
        line for line in (ROOT / "README.md").read_text().splitlines() if re.match(r"\| `[A-Z][A-Z0-9_]+` \|", line)
    ]
    assert [cells(row) for row in rows] == [cells(row) for row in expected], "\n".join(["it should be:", *expected])

"""What the documents say about the code is compared with the code."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.settings import SETTINGS
from sandbox.__main__ import parser
from sandbox.acquire.behaviour import Behaviour as AcquireBehaviour
from sandbox.acquire.data import AcquireData
from sandbox.acquire.service import Acquire
from sandbox.clock import Clock
from sandbox.cloud4wi.tokens import Tokens
from sandbox.rechat.service import Rechat
from sandbox.rechat.tokens import Tokens as RechatTokens

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


def services() -> dict[str, dict[str, str]]:
    """The environment of each service of compose.yaml; an empty value is taken from the operator's."""
    blocks = re.split(r"^  (\w+):\n", (ROOT / "compose.yaml").read_text().partition("\nservices:\n")[2], flags=re.M)
    return {
        name: dict(re.findall(r"^ {6}([A-Z0-9_]+):[ ]?(.*)$", block, re.M))
        for name, block in zip(blocks[1::2], blocks[2::2], strict=True)
    }


def test_compose_passes_every_setting_on() -> None:
    found = services()["gateway"]
    assert list(found) == [setting.name for setting in SETTINGS]
    assert [name for name, value in found.items() if value] == ["GATEWAY_SECRET"]


def unused() -> AcquireData:
    """The data of a service that is asked for its key alone."""
    raise AssertionError("nobody asks for data")


def test_compose_tries_the_sandbox_with_what_it_accepts() -> None:
    seed = parser().get_default("seed")
    accepted = Tokens(Clock(), seed)
    trial = services()["trial"]
    assert trial.keys() <= {setting.name for setting in SETTINGS}
    assert (trial["CLOUD4WI_CLIENT_KEY"], trial["CLOUD4WI_CLIENT_SECRET"]) == (
        accepted.client_key,
        accepted.client_secret,
    )
    assert trial["RECHAT_URL"] == trial["CLOUD4WI_URL"] + Rechat.prefix
    assert trial["RECHAT_ACCESS_TOKEN"] == RechatTokens(seed, Clock(), 1.0).access_token
    assert trial["ACQUIRE_URL"] == trial["CLOUD4WI_URL"] + Acquire.prefix
    assert trial["ACQUIRE_API_KEY"] == Acquire(unused, AcquireBehaviour(), seed).key


def test_each_threat_has_tests_that_are_there() -> None:
    threats = (ROOT / "docs" / "security.md").read_text().partition("\n## Threats\n")[2]
    rows = [cells(line) for line in threats.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    for threat, answer, tests in (row for row in rows if set(row[0]) != {"-"}):
        named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", tests)
        assert answer
        assert named, threat
        for file, name in named:
            assert f"def {name}(" in (ROOT / "tests" / file).read_text(), f"{file}::{name}"

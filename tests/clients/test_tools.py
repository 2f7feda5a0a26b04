"""What front-end teams run over the schema and over their code: TypeScript, ESLint."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.clients.conftest import CLIENTS, SCHEMA


def run_tool(name: str, *arguments: Path | str) -> None:
    """Runs a locked tool over the checkout; what it complains of fails the test."""
    command = [CLIENTS / "node_modules" / ".bin" / name, *arguments]
    done = subprocess.run(command, cwd=SCHEMA.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_generated_types_and_the_code_on_them_are_strictly_typed(node: str) -> None:
    run_tool("tsc", "--project", CLIENTS)


def test_the_schema_keeps_the_rules_of_graphql_eslint(node: str) -> None:
    run_tool("eslint", "--config", CLIENTS / "eslint.config.js", "--max-warnings", "0", SCHEMA.name)

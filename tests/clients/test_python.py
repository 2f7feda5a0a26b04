"""A typed Python client, generated from the schema by ariadne-codegen, in an environment of its own.

It needs an older graphql-core than the gateway, as a client's project may.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from sandbox.app import Sandbox
from tests.clients.checks import check_outage, check_walks
from tests.clients.conftest import CLIENTS, reported

FOLDER = CLIENTS / "python"
GENERATED = FOLDER / "generated"


def checked(*command: Path | str, **environ: str) -> None:
    """Runs a command in the client's folder; one that fails fails the test."""
    done = subprocess.run(
        command, cwd=FOLDER, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of the client's environment, made from its lock, with the client generated beside it."""
    programs = FOLDER / ".venv" / "bin"
    with (FOLDER / "requirements.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = f"{FOLDER} {sys.version}\n{lock.read()}"
        stamp = FOLDER / ".venv" / "installed-from"
        if not stamp.exists() or stamp.read_text() != wanted:
            venv.create(FOLDER / ".venv", clear=True, with_pip=True)
            quiet = ("--quiet", "--quiet", "--disable-pip-version-check")
            checked(programs / "python", "-m", "pip", "install", *quiet, "--require-hashes", "-r", "requirements.lock")
            stamp.write_text(wanted)
        GENERATED.mkdir(exist_ok=True)
        checked(programs / "ariadne-codegen", "--config", "ariadne-codegen.toml", "client")
    return programs / "python"


def test_the_generated_client_is_strictly_typed(python: Path) -> None:
    # What the generator copies in is not ours to type; how it is used is.
    options = ("--strict", "--follow-imports", "silent", "--explicit-package-bases", "--python-executable", python)
    checked(sys.executable, "-m", "mypy", *options, "patient.py", "walk.py", MYPYPATH=f"{FOLDER}:{GENERATED}")


async def test_it_walks_over_the_events(python: Path, gateway: str, box: Sandbox) -> None:
    """Both ways, and through an outage and forgotten scrolls."""
    found = await reported(FOLDER, python, "walk.py", gateway, box.url, PYTHONPATH=str(GENERATED))
    check_walks(found, box)
    check_outage(found, box)
    assert found["down"]["codes"] == ["UPSTREAM_UNAVAILABLE"]

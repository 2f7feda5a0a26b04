"""The commands of a fresh machine, as far as they can be tried without a package index.

Each test makes a checkout of its own in a folder with a space in its name, with the real scripts in it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def command(path: Path, text: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "a checkout"
    (folder / "scripts").mkdir(parents=True)
    for name in ("setup", "demo", "test"):
        shutil.copy(ROOT / "scripts" / name, folder / "scripts")
    for name in ("requirements.lock", "requirements-build.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH with the tools of POSIX that the scripts call, and no Python or Node."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "cat", "cksum", "dirname", "rm"):
        (folder / tool).symlink_to(shutil.which(tool) or pytest.fail(f"no {tool}"))
    return folder


def run(script: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script from another directory than its own."""
    environment = {
        key: value for key, value in os.environ.items() if key not in ("PYTHON", "CONTACTGRAPH_SETUP_LOCKED")
    }
    return subprocess.run(
        [script, *arguments], cwd="/", env=environment | variables, capture_output=True, text=True, check=False
    )


def test_no_python(checkout: Path, path: Path) -> None:
    result = run(checkout / "scripts/setup", PATH=str(path))
    assert result.returncode == 1
    assert "Python 3.11 or newer is needed" in result.stderr
    assert not (checkout / ".venv").exists()


def test_python_that_is_too_old(checkout: Path, path: Path) -> None:
    command(path / "python3", "exit 1")
    result = run(checkout / "scripts/demo", PATH=str(path))
    assert result.returncode == 1
    assert "Python 3.11 or newer is needed" in result.stderr


def test_python_without_venv(checkout: Path, path: Path) -> None:
    """As Debian ships it."""
    command(path / "python3", 'case $2 in *version_info*) exit 0 ;; *) echo "no module" >&2; exit 1 ;; esac')
    result = run(checkout / "scripts/setup", PATH=str(path))
    assert result.returncode == 1
    assert "python3 cannot make virtual environments" in result.stderr
    assert "python3-venv" in result.stderr


def test_a_python_asked_for_by_name_is_not_replaced(checkout: Path) -> None:
    result = run(checkout / "scripts/setup", PYTHON="/nowhere/python")
    assert result.returncode == 1
    assert result.stderr == "setup: PYTHON=/nowhere/python is not a Python 3.11 or newer.\n"


@pytest.mark.parametrize("arguments", [["--prod"], ["--dev", "more"]])
def test_arguments_of_setup(checkout: Path, arguments: list[str]) -> None:
    result = run(checkout / "scripts/setup", *arguments)
    assert result.returncode == 2
    assert "usage" in result.stderr


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter that makes a .venv with itself in it and writes down how it is called, instead of installing."""
    return command(
        tmp_path / "python3",
        f'printf "%s\\n" "$*" >>"{tmp_path}/calls"\n'
        'case "$*" in\n'
        '    "-m venv "*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;\n'
        '    *flock*) shift 2; exec sh "$@" ;;\n'
        "esac",
    )


def installs(python: Path) -> list[str]:
    """The calls of pip that installed locked dependencies, as their last arguments."""
    calls = python.with_name("calls").read_text().splitlines()
    return [call.partition("--require-hashes ")[2] for call in calls if "--require-hashes" in call]


@pytest.fixture
def installed(checkout: Path, python: Path) -> Path:
    """A checkout after its first setup."""
    result = run(checkout / "scripts/setup", PYTHON=str(python))
    assert result.returncode == 0, result.stderr
    return checkout


def test_setup_works_once(installed: Path, python: Path) -> None:
    again = run(installed / "scripts/setup", PYTHON="/nowhere/python")
    assert (again.returncode, again.stderr) == (0, "")
    assert installs(python) == [f"-r {installed}/requirements.lock -r {installed}/requirements-build.lock"]


def test_setup_for_the_checks_covers_the_demo(installed: Path, python: Path) -> None:
    for arguments in (["--dev"], [], ["--dev"]):
        result = run(installed / "scripts/setup", *arguments, PYTHON=str(python))
        assert result.returncode == 0, result.stderr
    assert installs(python)[1:] == [f"-r {installed}/requirements-dev.lock"]


def test_a_changed_lock_is_installed(installed: Path, python: Path) -> None:
    with (installed / "requirements.lock").open("a") as lock:
        lock.write("\n")
    result = run(installed / "scripts/setup", PYTHON=str(python))
    assert result.returncode == 0, result.stderr
    assert "making .venv" not in result.stderr
    assert len(installs(python)) == 2


def test_a_moved_checkout_gets_a_new_venv(installed: Path, python: Path) -> None:
    moved = installed.rename(installed.with_name("moved"))
    result = run(moved / "scripts/setup", PYTHON=str(python))
    assert result.returncode == 0, result.stderr
    assert "making .venv" in result.stderr
    assert installs(python)[1:] == [f"-r {moved}/requirements.lock -r {moved}/requirements-build.lock"]


def test_a_failed_installation_is_not_taken_for_done(installed: Path, python: Path) -> None:
    with (installed / "requirements.lock").open("a") as lock:
        lock.write("\n")
    inside = installed / ".venv/bin/python"
    works = inside.read_text()
    command(inside, 'case "$*" in *--require-hashes*) exit 1 ;; esac')
    failed = run(installed / "scripts/setup", PYTHON=str(python))
    assert failed.returncode == 1
    assert "package index within reach" in failed.stderr
    inside.write_text(works)
    assert "installing" in run(installed / "scripts/setup", PYTHON=str(python)).stderr
    assert len(installs(python)) == 2


def test_demo_becomes_the_gateway(checkout: Path, path: Path) -> None:
    """The process that was started is the gateway itself: a signal reaches it, and arguments arrive whole."""
    command(checkout / "scripts/setup", "exit 0")
    command(checkout / "scripts/build-graphiql", "exit 0")
    command(checkout / ".venv/bin/contactgraph", 'echo $$; for argument in "$@"; do echo "$argument"; done')
    with subprocess.Popen(
        [checkout / "scripts/demo", "--port", "0", "two words"],
        cwd="/",
        env={"PATH": str(path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        output, _ = process.communicate()
    assert output.splitlines() == [str(process.pid), "demo", "--port", "0", "two words"]


@pytest.mark.parametrize("outcome", [0, 1])
def test_demo_starts_also_without_graphiql(checkout: Path, path: Path, outcome: int) -> None:
    """When the assets cannot be built it says so."""
    command(checkout / "scripts/setup", "exit 0")
    command(checkout / "scripts/build-graphiql", f"echo building >&2; exit {outcome}")
    command(checkout / ".venv/bin/contactgraph", "echo started")
    result = run(checkout / "scripts/demo", PATH=str(path))
    assert (result.returncode, result.stdout) == (0, "started\n")
    assert "building" in result.stderr
    assert ("could not be built" in result.stderr) is (outcome == 1)


def test_checks_stop_at_the_first_failure(checkout: Path) -> None:
    command(checkout / "scripts/setup", "exit 0")
    command(checkout / ".venv/bin/ruff", 'echo "ruff $*"')
    command(checkout / ".venv/bin/mypy", "echo mypy; exit 3")
    command(checkout / ".venv/bin/python", "echo pytest")
    command(checkout / ".venv/bin/contactgraph", "echo contactgraph")
    result = run(checkout / "scripts/test")
    assert result.returncode == 3
    assert [line for line in result.stdout.splitlines() if line and not line.startswith("==")] == [
        "ruff check .",
        "ruff format --check .",
        "mypy",
    ]


def test_checks_end_with_the_tests(checkout: Path) -> None:
    """Whoever reads only the last lines reads how the tests ended."""
    command(checkout / "scripts/setup", "exit 0")
    for name in ("ruff", "mypy", "contactgraph"):
        command(checkout / ".venv/bin" / name, "exit 0")
    command(checkout / ".venv/bin/python", 'echo "$(pwd)|$*"; case $* in *"-n auto"*) exit 5 ;; esac')
    result = run(checkout / "scripts/test", "-k", "a or b")
    assert result.returncode == 5
    assert result.stdout.splitlines()[-1] == f"{checkout}|-m pytest -n auto --maxprocesses 8 -k a or b"

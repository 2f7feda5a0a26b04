"""What may lie in the repository, and whether its papers agree with its code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent

# Written so that no pattern finds itself in this file.
FORBIDDEN = {
    "a package registry's host": (
        r"registry\.(npmjs|yarnpkg)\.|npmmirror\.|pythonhosted\.org|\bpypi\.(org|python)"
        r"|proxy\.golang\.org|(deb|security|archive)\.(debian|ubuntu)\.|jfrog\.io|/artifactor[y]/|/nexu[s]/repository"
    ),
    "a path of somebody's machine": r"(?<![\w.~-])/(wor[k]|roo[t]|farm[/]|Users[/]\w+|home[/]\w+|opt/(pypi|wheels))\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "an access key": r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10}|npm_\w{36})",
    "a signed token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
}


@cache
def tracked() -> dict[str, str]:
    """Every file that git tracks and that is there, with its mode (``100644``, ``100755``)."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a checkout")
    listing = subprocess.run([git, "ls-files", "--stage", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    rows = (line.split("\t", 1) for line in listing.stdout.split("\0") if line)
    return {name: about.split()[0] for about, name in rows if (ROOT / name).is_file()}


@cache
def text_of(name: str) -> str:
    """A tracked file's text; empty when it is binary."""
    data = (ROOT / name).read_bytes()
    return "" if b"\0" in data else data.decode(errors="replace")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{name}:{number}: {match[0]}"
        for name in tracked()
        for number, line in enumerate(text_of(name).splitlines(), start=1)
        if (match := pattern.search(line))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a package registry's host", '"resolved": "https://' + "reg" + "istry.npm" + 'js.org/x/-/x-1.tgz"'),
        ("a package registry's host", "--index-url https://py" + "pi.org/simple"),
        ("a path of somebody's machine", 'data = "/wo' + 'rk/main/data"'),
        ("a path of somebody's machine", "/hom" + "e/somebody/.cache"),
        ("a private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
        ("an access key", "AKIA" + "0123456789ABCDEF"),
        ("a signed token", "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"),
    ],
)
def test_the_patterns_find(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], text)


def test_commands_have_the_run_bit_and_nothing_else_has() -> None:
    commands = {name for name in tracked() if name == ".ci/run" or re.fullmatch(r"scripts/[^/.]+", name)}
    assert {"scripts/demo", "scripts/test", ".ci/run"} <= commands
    assert {name for name, mode in tracked().items() if mode == "100755"} == commands
    assert [name for name in commands if not text_of(name).startswith("#!")] == []


@pytest.mark.parametrize("name", ["setup", "demo", "test", "lock", "build-graphiql", "bench"])
def test_scripts_are_posix_sh(name: str) -> None:
    """dash, where it is, knows little more than POSIX; any other sh at least parses."""
    shell = shutil.which("dash") or shutil.which("sh") or pytest.skip("needs sh")
    path = ROOT / "scripts" / name
    assert path.read_text().startswith("#!/bin/sh\n")
    assert subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False).stderr == ""


def test_folders_of_tests_are_packages() -> None:
    folders = {Path(name).parent for name in tracked() if name.startswith("tests/") and name.endswith(".py")}
    assert [str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()] == []


def test_npm_locks_name_no_host() -> None:
    """An npm lock needs versions and integrity hashes; where from is the business of whoever installs."""
    locks = [name for name in tracked() if Path(name).name == "package-lock.json"]
    for name in locks:
        for path, package in json.loads(text_of(name))["packages"].items():
            assert "resolved" not in package or package.get("link"), f"{name}: {path}"
            assert path == "" or package.get("link") or package.get("integrity"), f"{name}: {path} has no integrity"


def pins(name: str) -> dict[str, str]:
    """Package to version of a lock file.

    Raises:
        AssertionError: a line is neither a pin nor a hash, or a pin has no hash.
    """
    found: dict[str, str] = {}
    for block in re.split(r"\n(?! )", text_of(name).strip()):
        pin, *hashes = block.split(" \\\n    ")
        match = re.fullmatch(r"([a-z0-9.-]+)==(\S+)( ; .*)?", pin)
        assert match, f"{name}: {pin}"
        assert hashes, f"{name}: {pin} has no hash"
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes), f"{name}: {pin}"
        found[match[1]] = match[2]
    return found


def requirements(group: str | None) -> list[Requirement]:
    """What pyproject.toml asks for: a dependency group, or at run time."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    if group is None:
        return [Requirement(text) for text in project["project"]["dependencies"]]
    found: list[Requirement] = []
    for entry in project["dependency-groups"][group]:
        found += requirements(entry["include-group"]) if isinstance(entry, dict) else [Requirement(entry)]
    return found


@pytest.mark.parametrize(
    ("lock", "group"),
    [("requirements.lock", None), ("requirements-build.lock", "build"), ("requirements-dev.lock", "dev")],
)
def test_locks_are_fresh(lock: str, group: str | None) -> None:
    locked = pins(lock)
    stale = [str(r) for r in requirements(group) if locked.get(canonicalize_name(r.name), "") not in r.specifier]
    assert stale == [], "run scripts/lock"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-build.lock"])
def test_checks_run_on_what_is_shipped(lock: str) -> None:
    development = pins("requirements-dev.lock")
    assert {name: development.get(name) for name in pins(lock)} == pins(lock)


def test_the_build_backend_is_locked() -> None:
    """The editable install takes no build environment of its own, so both have to say the same."""
    (backend,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert backend in map(str, requirements("build"))

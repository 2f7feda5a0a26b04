"""``scripts/build-graphiql`` and the lock of ``ui/``, as far as they can be tried without an npm registry."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UI = ROOT / "ui"
TOOLS = ("sh", "cat", "cksum", "cut", "dirname", "du", "mkdir")


def command(path: Path, text: str) -> None:
    """Writes an executable shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


class Checkout:
    """The real script and inputs in a folder with a space in its name, and a PATH that holds no Node."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a checkout"
        self.tools = folder / "bin"
        self.assets = self.root / "gateway" / "graphiql" / "assets"
        self.lock = self.root / "ui" / "package-lock.json"
        shutil.copytree(UI, self.root / "ui", ignore=shutil.ignore_patterns("node_modules"))
        (self.root / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "build-graphiql", self.root / "scripts")
        self.tools.mkdir()
        for tool in TOOLS:
            (self.tools / tool).symlink_to(shutil.which(tool) or pytest.fail(f"no {tool}"))

    def install_node(self, npm: str) -> None:
        """A Node, and an npm that stands in for the real one: it says what it is asked to do, then does ``npm``."""
        command(self.tools / "node", "echo v20.0.0")
        command(self.tools / "npm", f'echo "npm $1 in $PWD"\n{npm}')

    def build(self) -> subprocess.CompletedProcess[str]:
        script = self.root / "scripts" / "build-graphiql"
        environment = {"PATH": str(self.tools)}
        return subprocess.run([script], cwd="/", env=environment, capture_output=True, text=True, check=False)


WRITES = "mkdir -p ../gateway/graphiql/assets; echo '{}' > ../gateway/graphiql/assets/manifest.json"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_without_node_it_says_so_and_succeeds(checkout: Checkout) -> None:
    result = checkout.build()
    assert result.returncode == 0
    assert (
        result.stderr
        == "build-graphiql: node is not on the PATH, so nothing is built; GraphiQL will come from a CDN.\n"
    )
    assert not checkout.assets.exists()


def test_it_installs_what_is_locked_and_builds_once(checkout: Checkout) -> None:
    checkout.install_node(WRITES)
    result = checkout.build()
    assert result.returncode == 0, result.stderr
    assert [line for line in result.stderr.splitlines() if line.startswith("npm")] == [
        f"npm ci in {checkout.root}/ui",
        f"npm run in {checkout.root}/ui",
    ]
    again = checkout.build()
    assert (again.returncode, again.stderr) == (0, "build-graphiql: up to date\n")


@pytest.mark.parametrize("name", ["package.json", "package-lock.json", "build.js", "src/index.jsx"])
def test_it_builds_again_when_an_input_has_changed(checkout: Checkout, name: str) -> None:
    checkout.install_node(WRITES)
    checkout.build()
    path = checkout.root / "ui" / name
    path.write_text(path.read_text() + "\n")
    assert "npm run" in checkout.build().stderr


def test_what_is_built_needs_no_node(checkout: Checkout) -> None:
    checkout.install_node(WRITES)
    checkout.build()
    for tool in ("node", "npm"):
        (checkout.tools / tool).unlink()
    assert checkout.build().stderr == "build-graphiql: up to date\n"


@pytest.mark.parametrize(
    ("fails", "says"), [("ci", "the packages could not be installed"), ("run", "the bundle could not be built")]
)
def test_a_build_that_fails_is_a_failure_and_is_tried_again(checkout: Checkout, fails: str, says: str) -> None:
    checkout.install_node(f"{WRITES}; [ $1 != {fails} ]")
    for _ in range(2):
        result = checkout.build()
        assert result.returncode == 1
        assert says in result.stderr


def test_versions_are_exact_and_no_registry_is_named() -> None:
    package = json.loads((UI / "package.json").read_text())
    wanted = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values()), wanted
    assert wanted["graphiql"].startswith("5.")

    lock = json.loads((UI / "package-lock.json").read_text())["packages"]
    del lock[""]
    assert {name.removeprefix("node_modules/") for name in lock} >= wanted.keys()
    assert [name for name, entry in lock.items() if "resolved" in entry] == []
    assert [name for name, entry in lock.items() if not entry["integrity"].startswith("sha512-")] == []

"""What is installed: the wheel is built as the image builds it, and holds all that runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from gateway.sdl import current_sdl

ROOT = Path(__file__).parent.parent
PACKAGES = ("gateway", "schema", "resolvers", "upstreams", "compiler", "sandbox")
ASSETS = ROOT / "gateway" / "graphiql" / "assets"


def build(kind: str, folder: Path) -> Path:
    """Build the distribution with the locked tools, without a build environment."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    return ZipFile(build("wheel", tmp_path_factory.mktemp("wheel")))


def test_every_module_and_data_file_is_in_it(wheel: ZipFile) -> None:
    sources = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sources - set(wheel.namelist()) == set()


def test_nothing_else_is_in_it(wheel: ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    (about,) = tops - set(PACKAGES)
    assert about.endswith(".dist-info")
    assert "contactgraph = gateway.cli:main" in wheel.read(f"{about}/entry_points.txt").decode()


def test_it_runs_without_the_checkout(wheel: ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import gateway.cli, sandbox.app\n"
        "print(gateway.cli.__file__, sandbox.app.__file__, file=sys.stderr)\n"
        "sys.exit(gateway.cli.main(['schema']))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.split() == [f"{tmp_path}/gateway/cli.py", f"{tmp_path}/sandbox/app.py"]
    assert done.stdout == current_sdl()


def test_graphiql_is_in_it(wheel: ZipFile) -> None:
    if not ASSETS.is_dir():
        pytest.skip("needs Node: scripts/build-graphiql was not run")
    built = {path.relative_to(ROOT).as_posix() for path in ASSETS.rglob("*") if path.is_file()}
    assert f"{ASSETS.relative_to(ROOT).as_posix()}/manifest.json" in built
    assert built <= set(wheel.namelist())

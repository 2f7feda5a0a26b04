"""docs/tutorial.md, read as a newcomer reads it: each command, query and file of it, in a checkout of its own.

What the page calls a terminal is a shell in the checkout; a block that is to be left running ends the one before it
there. The dependencies of Python are those of this checkout, whose installation is tried elsewhere; all else is done as
the page says.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"(?P<before>[^\n]*)\n\n```(?P<kind>\w+)\n(?P<text>.*?)```$", re.S | re.M)
SERVICES = {"scripts/demo": ("8000", "Contactgraph is ready at"), "npm start": ("4000", "The app is at")}
"""What is left running: its port on the page, and what it says when it is there."""
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
PATIENCE = 300
"""Seconds that a command may take before the test fails; npm's installation is the longest."""


class Block(NamedTuple):
    """A block of the page, and the line before it."""

    before: str
    kind: str
    text: str

    @property
    def path(self) -> str | None:
        """The file that it is of, if any."""
        found = re.search(r"`(examples/[^`]+)`:$", self.before)
        return found[1] if found else None


BLOCKS = [Block(*found) for found in BLOCK.findall(PAGE.read_text())]


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return str(sock.getsockname()[1])


class Newcomer:
    """Somebody who follows the page.

    Args:
        folder: the checkout.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {port: free_port() for port, _ in SERVICES.values()}
        self._running: dict[str, subprocess.Popen[str]] = {}
        self._variables = folder / "variables"
        self._variables.touch()

    def follow(self, block: Block) -> None:
        """Do what a block says, and see what it shows."""
        text = block.text
        for port, free in self._ports.items():
            text = text.replace(port, free)
        path = block.path
        if path is not None and "Write" in block.before:
            (self._folder / path).write_text(block.text)
        elif path is not None:
            assert block.text in (self._folder / path).read_text(), path
        elif block.kind == "sh" and (service := next((name for name in SERVICES if name in text), None)):
            self._start(service, text)
        elif block.kind == "sh":
            self._run(text)
        else:
            for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.M):
                said = self._run(command)
                assert not shown or doctest.OutputChecker().check_output(shown, said, OPTIONS), f"{command}\n{said}"

    def _run(self, commands: str) -> str:
        """Run commands in a shell that knows the variables of those before; what they say."""
        script = f"set -eu\n. {self._variables}\n{commands}\nset | grep -E '^(id|etag)=' >{self._variables} || true\n"
        done = subprocess.run(
            ["sh", "-c", script], cwd=self._folder, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _start(self, service: str, commands: str) -> None:
        self.stop(service)
        process = subprocess.Popen(
            ["sh", "-c", f"set -eu\n{commands}"],
            cwd=self._folder,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._running[service] = process
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if SERVICES[service][1] in line:
                return
        pytest.fail(f"{commands}\nended: {''.join(said)}")

    def stop(self, service: str) -> None:
        """Ctrl-C, where it runs."""
        process = self._running.pop(service, None)
        if process is not None:
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=PATIENCE)

    def stop_all(self) -> None:
        """End what is left running."""
        for service in list(self._running):
            self.stop(service)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout as it lies here, whose ``.venv`` runs the Python of this one on its own code."""
    folder = tmp_path / "contactgraph"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    assets = Path("gateway/graphiql/assets")
    if (ROOT / assets).exists():
        shutil.copytree(ROOT / assets, folder / assets)
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, module in (("python", ""), ("contactgraph", "-m gateway ")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{folder}" exec "{sys.executable}" {module}"$@"\n')
        program.chmod(0o755)
    setup = (folder / "scripts" / "setup").read_text()
    sums = re.search(r'^wanted="\$\(cat (.*?)\| cksum\) \$root"$', setup, re.S | re.M)
    assert sums, "scripts/setup stamps .venv in another way"
    stamp = f'root="{folder}"; printf "runtime %s %s" "$(cat {sums[1]} | cksum)" "$root" >"$root/.venv/installed-from"'
    subprocess.run(["sh", "-c", stamp], check=True)
    return folder


@pytest.fixture
def newcomer(checkout: Path) -> Iterator[Newcomer]:
    for tool in ("node", "npm", "curl"):
        if shutil.which(tool) is None:
            pytest.skip(f"needs {tool}")
    with ExitStack() as stack:
        one = Newcomer(checkout)
        stack.callback(one.stop_all)
        yield one


def test_every_block_is_known() -> None:
    assert len(BLOCKS) == PAGE.read_text().count("\n```\n") > 15
    assert {block.kind for block in BLOCKS if block.path is None} == {"sh", "console"}


def test_the_page_as_it_says(newcomer: Newcomer) -> None:
    for block in BLOCKS:
        newcomer.follow(block)

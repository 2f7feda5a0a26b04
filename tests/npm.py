"""Tests that drive Node: the packages of a folder, installed from its lock once for all workers of a test run."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest


def installed(folder: Path) -> str:
    """The path of Node, with a folder's locked packages in it; skips the test where there is no Node.

    Workers of a test run, and runs of one checkout, wait for each other.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("needs node and npm")
    with (folder / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (folder / "package-lock.json").read_bytes()
        stamp = folder / "node_modules" / ".contactgraph-lock.json"
        if not stamp.exists() or stamp.read_bytes() != wanted:
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"npm ci failed:\n{done.stderr}"
            stamp.write_bytes(wanted)
    return node

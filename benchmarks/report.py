"""What a run found, as one table for people and as JSON for machines, with the machine and the versions it ran on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.runs import Row
from benchmarks.servers import PEERS, ROOT

_OURS = (
    "strawberry-graphql",
    "graphql-core",
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "aiohttp",
    "msgspec",
    "orjson",
)
_SATURATED = 0.9


def about(wrk: str, stub_compiled: bool) -> dict[str, Any]:
    """The machine, the versions and the commit."""
    return {
        "commit": _said("git", "describe", "--always", "--dirty", folder=ROOT),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _OURS},
        "node": _said("node", "--version"),
        "peers": json.loads((PEERS / "package.json").read_text())["dependencies"]
        | json.loads((PEERS / "package.json").read_text())["optionalDependencies"],
        "load": wrk,
        "stub": "C" if stub_compiled else "Python",
    }


def _said(*command: str, folder: Path | None = None) -> str | None:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


_HEAD = (
    "| operation | clients | delay | sharing | server | req/s | ratio (min-max) | p50 / p99 ms | RSS MiB | calls "
    "| calls under load |\n"
    "| --- | ---: | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
)


def table(rows: Sequence[Row]) -> str:
    """One line a server and cell, in the order in which they were measured."""
    lines = []
    before: object = None
    for row in rows:
        cell = row.cell
        first = cell != before
        before = cell
        place = [cell.operation.name, str(cell.clients), f"{cell.delay} ms", "on" if cell.sharing else "off"]
        lines.append("| " + " | ".join([*(place if first else [""] * 4), *_figures(row)]) + " |\n")
    return _HEAD + "".join(lines)


def _figures(row: Row) -> list[str]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} ({min(row.ratios):.2f}-{max(row.ratios):.2f})"
    busy = median(turn.processor for turn in row.turns) >= _SATURATED
    p50 = median(turn.measured.p50 for turn in row.turns)
    p99 = median(turn.measured.p99 for turn in row.turns)
    calls = "+".join(str(count) for count in row.alone.values()) or "0"
    under_load = median(turn.calls for turn in row.turns)
    return [
        row.server,
        _rounded(row.rate) + ("" if busy else "\\*"),
        ratio,
        f"{_rounded(p50)} / {_rounded(p99)}",
        f"{row.memory:.0f}",
        calls,
        f"{under_load:.1f}",
    ]


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def legend(machine: Mapping[str, Any]) -> str:
    """What the table's columns mean, and where it was made."""
    return (
        f"{machine['processor']}, {machine['cores']} cores; Linux {machine['kernel']}; Python {machine['python']}; "
        f"Node {machine['node']}; commit {machine['commit']}.\n"
        "Ratio: to the better of mercurius jit and Tailcall, in the same round; median (least-most). "
        "Calls: upstream calls of one request alone, by endpoint. "
        f"\\*: the server used less than {_SATURATED:.0%} of its core.\n"
    )

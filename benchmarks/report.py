"""What a run found, as one table for people and as JSON for machines, with the machine and the versions it ran on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.runs import Cell, Row
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
    "| operation | clients | delay | sharing | server | req/s | ratio (least-most) | CPU ms | p50 / p99 ms "
    "| RSS MiB | calls | under load |\n"
    "| --- | ---: | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
)


def table(rows: Sequence[Row]) -> str:
    """One line a server and cell, in the order in which they were measured."""
    lines = []
    before: Cell | None = None
    for row in rows:
        place = _place(row.cell) if row.cell != before else [""] * 4
        before = row.cell
        lines.append("| " + " | ".join([*place, *_figures(row)]) + " |\n")
    return _HEAD + "".join(lines)


def overview(rows: Sequence[Row]) -> str:
    """One line a cell: each server's requests a second and, in brackets, its ratio."""
    servers = list(dict.fromkeys(row.server for row in rows))
    by_cell: dict[Cell, dict[str, Row]] = {}
    for row in rows:
        by_cell.setdefault(row.cell, {})[row.server] = row
    lines = [
        f"| operation | clients | delay | sharing | {' | '.join(servers)} |\n",
        f"| --- | ---: | ---: | --- |{' ---: |' * len(servers)}\n",
    ]
    for cell, found in by_cell.items():
        cells = [_brief(found[server]) if server in found else "" for server in servers]
        lines.append("| " + " | ".join([*_place(cell), *cells]) + " |\n")
    return "".join(lines)


def _place(cell: Cell) -> list[str]:
    return [cell.operation.name, str(cell.clients), f"{cell.delay} ms", "on" if cell.sharing else "off"]


def _brief(row: Row) -> str:
    return _rate(row) if row.ratio is None else f"{_rate(row)} ({row.ratio:.2f})"


def _rate(row: Row) -> str:
    return _rounded(row.rate) + ("" if row.busy >= _SATURATED else "\\*") + ("" if row.sound else "†")


def _figures(row: Row) -> list[str]:
    if not row.rate:
        return [row.server, _rate(row), "0.00", "", "", f"{row.memory:.0f}", _alone(row), ""]
    return [
        row.server,
        _rate(row),
        "" if row.ratio is None else f"{row.ratio:.2f} ({min(row.ratios):.2f}-{max(row.ratios):.2f})",
        _rounded(row.effort),
        f"{_rounded(row.p50)} / {_rounded(row.p99)}",
        f"{row.memory:.0f}",
        _alone(row),
        f"{row.calls:.1f}",
    ]


def _alone(row: Row) -> str:
    return "+".join(str(count) for count in row.alone.values()) or "0"


def _rounded(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def legend(machine: Mapping[str, Any]) -> str:
    """What the tables' columns mean, and where they were made."""
    ours = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    peers = ", ".join(f"{name} {number}" for name, number in machine["peers"].items())
    return (
        "Ratio: to the better of mercurius jit and Tailcall in the same round, the median over the rounds. "
        "CPU: the server's processor time a request. Calls: upstream calls of one request alone, by endpoint; "
        "under load, those cut off by the end of a turn count too. "
        f"\\*: less than {_SATURATED:.0%} of its core was used. †: requests failed, or got a different answer.\n\n"
        f"{machine['processor']}, {machine['cores']} cores; Linux {machine['kernel']}; stub in {machine['stub']}; "
        f"{machine['load']}; Python {machine['python']}, {ours}; Node {machine['node']}, {peers}. "
        f"Commit {machine['commit']}.\n"
    )


_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def write_into(document: Path, rows: Sequence[Row], machine: Mapping[str, Any], command: str) -> None:
    """Put the figures in the place of those that a document holds.

    Raises:
        ValueError: the document has no place for them.
    """
    before, begin, rest = document.read_text().partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{document} has no place for figures")
    figures = (
        f"Made by `{command}`.\n\n{overview(rows)}\n{legend(machine)}\n"
        f"<details><summary>All figures</summary>\n\n{table(rows)}\n</details>\n"
    )
    document.write_text(before + begin + figures + end + after)

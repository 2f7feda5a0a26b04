"""Measures this gateway beside others on one machine: ``scripts/bench``.

    scripts/bench --quick                       a few minutes: 16 clients, no delay, the two best peers
    scripts/bench                               everything: three quarters of an hour
    scripts/bench --operations Q1 Q4 --clients 16 --delays 0 --servers contactgraph tailcall
    scripts/bench profile Q1                    where this gateway spends its time in an operation

Needs Linux, wrk and two cores; for the peers Node with npm; for the faster stub a C compiler. What is missing is said,
and left out where the rest is still of use.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks import load, report, runs
from benchmarks.operations import OPERATIONS
from benchmarks.processes import cores
from benchmarks.servers import BEST_OF, OWN, ROOT, SERVERS, Missing, Running, install_peers, started
from benchmarks.upstream.data import make
from benchmarks.upstream.process import c_compiler, stub

_NAMES = tuple(dict.fromkeys(server.name for server in SERVERS))
_QUICK = {"clients": [16], "delays": [0], "rounds": 3, "seconds": 2, "servers": ["contactgraph", *BEST_OF]}
_FULL = {"clients": [1, 16, 128], "delays": [0, 20], "rounds": 4, "seconds": 2, "servers": list(_NAMES)}
_PAGE = ROOT / "docs" / "performance.md"


def main() -> int:
    """Run; the exit status is 1 when answers are not what they should be, 2 when there is nothing to make load with."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [operation.name for operation in OPERATIONS]
    parser.add_argument("--quick", action="store_true", help="few rounds, clients and servers")
    parser.add_argument("--operations", nargs="+", choices=names, default=names)
    parser.add_argument("--servers", nargs="+", choices=_NAMES)
    parser.add_argument("--clients", nargs="+", type=int)
    parser.add_argument("--delays", nargs="+", type=int, help="milliseconds that the upstream takes")
    parser.add_argument("--sharing", nargs="+", choices=["off", "on"], default=["off", "on"])
    parser.add_argument("--rounds", type=int, help="counted rounds; one more warms up")
    parser.add_argument("--seconds", type=int, help="of one server in one round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything here as well")
    parser.add_argument("--document", action="store_true", help="put the figures into docs/performance.md")
    chosen = parser.parse_args()
    for name, value in (_QUICK if chosen.quick else _FULL).items():
        if getattr(chosen, name) is None:
            setattr(chosen, name, value)
    try:
        return _run(chosen)
    except (load.NoLoad, runs.Unequal) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2 if isinstance(error, load.NoLoad) else 1


def _run(chosen: argparse.Namespace) -> int:
    wrk = load.require_wrk()
    pins = cores()
    if pins is None:
        _say("only one core: the servers, the stub and the load share it, so figures say little")
    servers_core, load_core = pins or (None, None)
    wanted = [server for server in SERVERS if server.name in chosen.servers]
    try:
        install_peers()
    except Missing as missing:
        _say(f"{missing}: only this gateway is measured")
        wanted = [server for server in wanted if server in OWN]
    organization = make()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="contactgraph-bench-")))
        upstream = stack.enter_context(stub(organization, folder, load_core, c_compiler()))
        if not upstream.compiled:
            _say("no C compiler: the stub is in Python, and slower than some of what it is asked by")
        running: list[Running] = []
        for server in wanted:
            try:
                running.append(stack.enter_context(started(server, upstream, folder, servers_core)))
            except Missing as missing:
                _say(f"left out: {missing}")
        bench = runs.Bench(organization, upstream, running, folder, load_core)
        operations = [operation for operation in OPERATIONS if operation.name in chosen.operations]
        for operation in operations:
            bench.compare(operation)
        _say(f"{len(running)} servers gave equal data in {len(operations)} operations")
        rows: list[runs.Row] = []
        modes = [mode == "on" for mode in chosen.sharing]
        for cell in runs.cells(operations, chosen.delays, chosen.clients, modes):
            _say(cell.label)
            rows += bench.measure(cell, rounds=chosen.rounds, seconds=chosen.seconds)
    machine = report.about(wrk, upstream.compiled)
    if chosen.json:
        chosen.json.write_text(json.dumps({"about": machine, "rows": [row.as_json() for row in rows]}, indent=2))
    if chosen.document:
        report.write_into(_PAGE, rows, machine, shlex.join(["scripts/bench", *sys.argv[1:]]))
    print(report.table(rows))
    print(report.legend(machine))
    return 0 if all(row.sound for row in rows if row.server in {server.name for server in OWN}) else 1


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

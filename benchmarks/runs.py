"""The measurement: first every server's answers are compared, then the servers take turns under load, round by round.

A *cell* is an operation with a delay of the upstream, a number of clients and sharing on or off. In each round of a
cell every server is measured once, one after the other, so that a ratio is between neighbours in time; the order turns
from round to round. The first round warms up and is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import load
from benchmarks.equality import canonical, difference
from benchmarks.load import Measured
from benchmarks.operations import Operation
from benchmarks.processes import processor_time, resident
from benchmarks.servers import BEST_OF, Running
from benchmarks.upstream.data import Organization
from benchmarks.upstream.process import Stub

_SMALL_DIFFERENCE = 0.03
"""By how much the mean size of an answer under load may differ from that of an answer that was looked at."""
_LONGEST_HEAD = 1500
"""Bytes that HTTP may add to an answer."""
_MOST_WALKERS = 16
_SLOWEST = 1e-3
"""Requests a second of a peer that finished none; nothing is divided by zero."""


class Unequal(Exception):
    """Two servers gave different data, or one an answer that is none."""


@dataclass(frozen=True)
class Cell:
    """What is measured at once.

    Attributes:
        delay: milliseconds that each answer of the upstream takes longer.
        sharing: requests are equal and servers may share their work; else each request differs from all in flight.
    """

    operation: Operation
    delay: int
    clients: int
    sharing: bool

    @property
    def label(self) -> str:
        """For people."""
        mode = "equal requests, sharing on" if self.sharing else "sharing off"
        return f"{self.operation.name}, {self.clients} clients, {self.delay} ms, {mode}"


@dataclass(frozen=True)
class Turn:
    """One server's share of a round.

    Attributes:
        calls: to the upstream, for each request; those for requests that the end of the turn cut off are in it.
        processor: seconds of processor time that the server used.
        sound: every request was answered, and by what has the size of the answer that was looked at.
    """

    measured: Measured
    calls: float
    processor: float
    sound: bool


@dataclass
class Row:
    """What was found of one server in one cell.

    Attributes:
        alone: upstream calls of one request that nobody shares anything with, by kind.
        memory: MiB after the last round.
        ratios: to the better of the two best peers, of each round.
    """

    server: str
    cell: Cell
    alone: Mapping[str, int]
    turns: list[Turn] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    memory: float = 0.0

    @property
    def rate(self) -> float:
        """Requests a second, the median."""
        return median(turn.measured.rate for turn in self.turns)

    @property
    def sound(self) -> bool:
        """Nothing failed."""
        return all(turn.sound for turn in self.turns)

    @property
    def p50(self) -> float:
        """Milliseconds, the median over the rounds; so is ``p99``."""
        return median(turn.measured.p50 for turn in self.turns)

    @property
    def p99(self) -> float:
        """See ``p50``."""
        return median(turn.measured.p99 for turn in self.turns)

    @property
    def busy(self) -> float:
        """How much of its core the server used, 0 to 1."""
        return median(turn.processor / turn.measured.seconds for turn in self.turns)

    @property
    def effort(self) -> float:
        """Milliseconds of the server's processor time a request; unlike a rate, it holds on a busy machine too."""
        return median(turn.processor * 1e3 / max(1, turn.measured.requests) for turn in self.turns)

    @property
    def calls(self) -> float:
        """Upstream calls a request, under load."""
        return median(turn.calls for turn in self.turns)

    @property
    def ratio(self) -> float | None:
        """The median; None where no peer was measured beside it."""
        return median(self.ratios) if self.ratios else None

    def as_json(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {
            "operation": self.cell.operation.name,
            "delayMs": self.cell.delay,
            "clients": self.cell.clients,
            "sharing": self.cell.sharing,
            "server": self.server,
            "rate": round(self.rate, 1),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "ratios": [round(ratio, 3) for ratio in self.ratios],
            "p50Ms": self.p50,
            "p99Ms": self.p99,
            "busy": round(self.busy, 2),
            "processorMs": round(self.effort, 4),
            "memoryMiB": round(self.memory, 1),
            "callsAlone": dict(self.alone),
            "callsUnderLoad": round(self.calls, 2),
            "sound": self.sound,
        }


class Bench:
    """Servers that run, and the stub that they ask."""

    def __init__(
        self, organization: Organization, stub: Stub, servers: Sequence[Running], folder: Path, core: int | None
    ) -> None:
        self._organization = organization
        self._stub = stub
        self._servers = servers
        self._folder = folder
        self._core = core
        self._sizes: dict[tuple[str, str], float] = {}
        self._alone: dict[tuple[str, str], Mapping[str, int]] = {}

    def compare(self, operation: Operation) -> None:
        """Ask every server for the same, look at the answers, and count the upstream calls of one request.

        Raises:
            Unequal: an answer differs from this gateway's.
        """
        last = operation.variants - 1
        for number in sorted({0, 1, last // 2, last}):
            reference: Any = None
            for running in self._servers:
                self._stub.reset()
                answer = self._answer(running, operation, number)
                self._alone[running.server.key, operation.name] = self._stub.calls()
                if reference is None:
                    reference = answer
                    continue
                omits = running.server.wording.omits
                told = difference(canonical(reference, omits), canonical(answer, omits))
                if told:
                    first = self._servers[0].server.name
                    raise Unequal(f"{operation.name}: {first} and {running.server.name} differ at {told}")

    def _answer(self, running: Running, operation: Operation, number: int) -> Any:
        body = self._body(running, operation, number)
        if operation.walking:
            body["variables"]["after"] = None
        status, raw = running.ask(body)
        answer = json.loads(raw)
        if status != 200 or answer.get("errors") or not answer.get("data"):
            raise Unequal(f"{operation.name}: {running.server.name} answers {status}: {raw[:300]!r}")
        key = running.server.key, operation.name
        self._sizes[key] = max(self._sizes.get(key, 0.0), float(len(raw)))
        return running.server.wording.data(operation, answer["data"])

    def _body(self, running: Running, operation: Operation, number: int) -> Any:
        return running.server.wording.request(operation, operation.variables(self._organization, number))

    def measure(self, cell: Cell, *, rounds: int, seconds: int) -> list[Row]:
        """Measure the servers that take part in a cell.

        Args:
            rounds: those that count; one more warms up.
            seconds: how long a turn is, of a server that answers each client twice in them.
        """
        taking_part = [running for running in self._servers if cell.sharing in running.server.sharing]
        rows = {
            running.server.key: Row(running.server.name, cell, self._alone[running.server.key, cell.operation.name])
            for running in taking_part
        }
        lengths = dict.fromkeys(rows, seconds)
        for number in range(rounds + 1):
            turned = taking_part[number % len(taking_part) :] + taking_part[: number % len(taking_part)]
            turns = {running.server.key: self._turn(running, cell, lengths[running.server.key]) for running in turned}
            if number == 0:
                lengths = {key: _long_enough(turn, cell.clients, seconds) for key, turn in turns.items()}
                continue
            peers = [turns[one.server.key].measured.rate for one in taking_part if one.server.name in BEST_OF]
            for key, turn in turns.items():
                rows[key].turns.append(turn)
                if peers:
                    rows[key].ratios.append(turn.measured.rate / max(*peers, _SLOWEST))
        for running in taking_part:
            rows[running.server.key].memory = resident(running.pid)
        return list(rows.values())

    def _turn(self, running: Running, cell: Cell, seconds: int) -> Turn:
        operation = cell.operation
        bodies = self._bodies(running, cell)
        self._stub.reset(cell.delay)
        before = processor_time(running.pid)
        measured = load.measure(
            running.url,
            bodies,
            running.headers,
            clients=cell.clients,
            seconds=seconds,
            core=self._core,
            walking=operation.walking,
        )
        used = processor_time(running.pid) - before
        requests = max(1, measured.requests)
        mean, expected = measured.bytes / requests, self._sizes[running.server.key, operation.name]
        # The head of an answer comes on top; a walk's last page is short, and a slow server may finish none.
        usual = expected * (1 - _SMALL_DIFFERENCE) <= mean <= expected * (1 + _SMALL_DIFFERENCE) + _LONGEST_HEAD
        sound = not measured.failed and (usual or operation.walking or not measured.requests)
        return Turn(measured, sum(self._stub.calls().values()) / requests, used, sound)

    def _bodies(self, running: Running, cell: Cell) -> Path:
        """The requests of a cell, written down; no two in flight are equal unless sharing is what is measured."""
        operation = cell.operation
        count = 1 if cell.sharing else min(operation.variants, max(400, 2 * cell.clients))
        path = self._folder / f"{running.server.key}-{operation.name}-{count}.jsonl"
        if not path.exists():
            load.write_bodies(path, [self._body(running, operation, number) for number in range(count)])
        return path


def _long_enough(warm_up: Turn, clients: int, seconds: int) -> int:
    """Seconds in which a server can answer every client twice, if it is slow; it gets five turns' time at most."""
    wanted = 2 * clients / max(warm_up.measured.rate, _SLOWEST)
    return min(5 * seconds, max(seconds, ceil(wanted)))


def cells(
    operations: Sequence[Operation], delays: Sequence[int], clients: Sequence[int], sharing: Sequence[bool]
) -> Iterator[Cell]:
    """The cells of a run: all that make sense.

    Equal requests are measured where an operation calls the upstream and takes no cursor from an answer; a delay, only
    where it calls it; a walk, with up to 16 clients, each of which is a thread of the load.
    """
    for operation in operations:
        calls = operation.variants > 1
        for mode in sharing:
            if mode and (operation.walking or not calls):
                continue
            for delay in delays if calls else delays[:1]:
                for count in clients:
                    if not operation.walking or count <= _MOST_WALKERS:
                        yield Cell(operation, delay, count, mode)

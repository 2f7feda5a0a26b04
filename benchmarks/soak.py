"""Random operations for as long as one likes, each run by both executors: their answers must be the same.

    .venv/bin/python -m benchmarks.soak --minutes 60 --seed 1 --out differences

One operation a seed, upwards from ``--seed``. Prints now and then how many operations were compared and how many
differ, and ends with 1 when any does. What differs is made small, printed, and written to a file of its own, whose text
is a row for ``tests/differential/found/``; ``--case FILE`` compares that alone.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable
from itertools import count, takewhile
from pathlib import Path

from tests.differential.case import Case
from tests.differential.hunt import Difference, generator_for, hunt, in_virtual_time
from tests.differential.sides import Side, Sides

_EVERY = 60.0
"""Seconds between two lines."""


async def soak(minutes: float, seed: int, write: Callable[[Difference], None]) -> int:
    """Compare until the time is over; how many operations differ."""
    began = told = time.monotonic()
    until = began + minutes * 60
    compared = differing = 0
    async with Sides.over(Side("graphql-core"), Side("compiled")) as sides:
        seeds = takewhile(lambda each: each == seed or time.monotonic() < until, count(seed))
        async for difference in hunt(sides, await generator_for(sides), seeds):
            compared += 1
            if difference is not None:
                differing += 1
                write(difference)
            if time.monotonic() - told > _EVERY:
                told = time.monotonic()
                print(f"{(told - began) / 60:.0f} min: {compared} operations, {differing} differ", flush=True)
    taken = (time.monotonic() - began) / 60
    print(f"{compared} operations from seed {seed} in {taken:.1f} min, {differing} differ", flush=True)
    return differing


async def again(case: Case) -> int:
    """Compare one case; 1 when it differs."""
    async with Sides.over(Side("graphql-core"), Side("compiled")) as sides:
        differences = await sides.compare(case)
    print("\n".join(differences) or "no difference")
    return 1 if differences else 0


def writer(folder: Path | None) -> Callable[[Difference], None]:
    """Prints a difference, and writes its case to a folder."""

    def write(difference: Difference) -> None:
        print(difference, flush=True)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"seed_{difference.seed}.json").write_text(difference.case.dump() + "\n", encoding="utf-8")

    return write


def main() -> int:
    """Run; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long; 0: the first seed only")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--out", type=Path, help="folder for the cases that differ")
    parser.add_argument("--case", type=Path, help="compare this one only")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if options.case is not None:
        case = Case.load(options.case.read_text(encoding="utf-8"))
        return in_virtual_time(lambda: again(case))
    return 1 if in_virtual_time(lambda: soak(options.minutes, options.seed, writer(options.out))) else 0


if __name__ == "__main__":
    raise SystemExit(main())

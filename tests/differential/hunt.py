"""Many cases one after the other, and what is told of one that shows a difference."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.differential.case import Case
from tests.differential.generator import Generator
from tests.differential.pool import Pool
from tests.differential.reduction import reduced
from tests.differential.sides import Sides
from tests.schema.harness import SCHEMA
from tests.virtual_time import VirtualTimeLoop

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Difference:
    """A case in which two executors differ.

    Attributes:
        seed: what the case was made from.
        case: as small as it was made.
        told: in what its answers differ.
    """

    seed: int
    case: Case
    told: list[str]

    def __str__(self) -> str:
        return "\n".join([f"seed {self.seed}", self.case.dump(), *self.told])


async def hunt(sides: Sides, generator: Generator, seeds: Iterable[int]) -> AsyncIterator[Difference | None]:
    """Compare the case of each seed; None: there is no difference."""
    for seed in seeds:
        case = generator.case(seed)
        yield await examined(sides, seed, case) if await sides.compare(case) else None


async def examined(sides: Sides, seed: int, case: Case) -> Difference:
    """A difference with its case made small."""

    async def shows(candidate: Case) -> bool:
        return bool(await sides.compare(candidate))

    small = await reduced(case, shows)
    return Difference(seed, small, await sides.compare(small))


async def generator_for(sides: Sides) -> Generator:
    """Makes cases about what is in the sandbox of the sides."""
    return Generator(SCHEMA._schema, await Pool.read(sides))


def in_virtual_time(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run to the end on a loop whose time does not pass by itself."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())

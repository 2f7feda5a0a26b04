"""The compiled executor answers as graphql-core does: data, errors, cost, and the calls it makes upstream."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.case import Case
from tests.differential.hunt import Difference, generator_for, hunt, in_virtual_time
from tests.differential.sides import Side, Sides

CHUNKS, SIZE = 4, 300
"""Operations compared in each run of the tests: so many chunks, which may run in parallel, of so many."""
FOUND = {
    path.stem: Case.load(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "found").glob("*.json"))
}
"""Each difference that there ever was, in little."""


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_operations_are_answered_alike(chunk: int) -> None:
    async def main() -> Difference | None:
        async with Sides.over(Side("graphql-core"), Side("compiled")) as sides:
            async for difference in hunt(sides, await generator_for(sides), range(chunk * SIZE, (chunk + 1) * SIZE)):
                if difference is not None:
                    return difference
        return None

    difference = in_virtual_time(main)
    assert difference is None, str(difference)


def test_operations_that_run_at_once_do_not_mix() -> None:
    async def main() -> list[str]:
        async with Sides.over(Side("graphql-core"), Side("compiled")) as sides:
            generator = await generator_for(sides)
            for group in range(25):
                cases = [generator.case(group * 4 + number) for number in range(4)]
                queries = [case for case in cases if "mutation" not in case.query]
                if told := await sides.compare_at_once([*queries, *queries]):
                    return told
        return []

    told = in_virtual_time(main)
    assert told == [], "\n".join(told)


@pytest.mark.parametrize("case", FOUND.values(), ids=FOUND)
def test_what_once_differed_is_answered_alike(case: Case) -> None:
    async def main() -> list[str]:
        async with Sides.over(Side("graphql-core"), Side("compiled")) as sides:
            return await sides.compare(case)

    told = in_virtual_time(main)
    assert told == [], "\n".join(told)

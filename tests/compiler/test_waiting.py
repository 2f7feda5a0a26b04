"""How a run waits: what is started when, what goes on alone, what is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import pytest
import strawberry
from aiodataloader import DataLoader
from graphql import ExecutionResult

from tests.compiler.both import by_graphql_core, coerced, compiled, plan_of, same

Executor = Callable[..., Awaitable[ExecutionResult]]
EXECUTORS = pytest.mark.parametrize("run", [compiled, by_graphql_core])
"""What holds of the compiled executor is shown to be what graphql-core does."""

_TOLD: ContextVar[str] = ContextVar("told", default="nothing")


@strawberry.type
class Leaf:
    name: str

    @strawberry.field
    def tree(self, info: strawberry.Info) -> Tree | None:
        loading: Any = info.context.trees.load(self.name[0])
        return loading

    @strawberry.field
    async def tree_later(self, info: strawberry.Info) -> Tree | None:
        return await info.context.trees.load(self.name[0])


@strawberry.type
class Tree:
    name: str

    @strawberry.field
    def leaves(self) -> list[Leaf]:
        return [Leaf(name=f"{self.name}{number}") for number in range(3)]

    @strawberry.field
    async def forest(self, info: strawberry.Info) -> str:
        info.context.entered.set()
        return "f"


@strawberry.type
class Query:
    @strawberry.field
    def leaves(self) -> list[Leaf]:
        return [Leaf(name=name) for name in ("a1", "a2", "b1", "c1", "a3")]

    @strawberry.field
    async def slow(self, info: strawberry.Info) -> Tree | None:
        await info.context.gate.wait()
        return Tree(name="slow")

    @strawberry.field
    async def fast(self, info: strawberry.Info) -> Tree | None:
        return Tree(name="fast")

    @strawberry.field
    async def opens(self, info: strawberry.Info) -> str:
        await info.context.entered.wait()
        info.context.gate.set()
        return "open"

    @strawberry.field
    async def fails(self, info: strawberry.Info) -> str:
        await asyncio.sleep(0)
        raise ValueError("no")

    @strawberry.field
    async def hangs(self, info: strawberry.Info) -> str | None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            info.context.log.append("cancelled")
            raise
        return None

    @strawberry.field
    async def shared(self, info: strawberry.Info) -> str:
        return await info.context.future

    @strawberry.field
    def told(self) -> str:
        return _TOLD.get()

    @strawberry.field
    async def told_later(self) -> str:
        await asyncio.sleep(0)
        return _TOLD.get()

    @strawberry.field
    async def times_out(self) -> str | None:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
        return None


SCHEMA = strawberry.Schema(Query)


class Context:
    """Loads trees in batches, which it writes down."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.log: list[str] = []
        self.gate = asyncio.Event()
        self.entered = asyncio.Event()
        self.future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.trees: DataLoader[str, Tree | None] = DataLoader(self._load)

    async def _load(self, keys: list[str]) -> list[Tree | None]:
        self.batches.append(keys)
        await asyncio.sleep(0)
        return [None if key == "c" else Tree(name=key) for key in keys]


BATCHES = [
    ("{ leaves { tree { name } } }", [["a", "b", "c"]]),
    ("{ leaves { treeLater { name } } }", [["a", "b", "c"]]),
    ("{ leaves { tree { name } treeLater { name } } }", [["a", "b", "c"]]),
    ("{ leaves { name tree { leaves { tree { name leaves { name } } } } } }", [["a", "b", "c"]]),
    ("{ fast { leaves { tree { name } } } leaves { tree { name } } }", None),
]


@pytest.mark.parametrize(("text", "batches"), BATCHES)
async def test_joins_of_one_turn_are_one_batch(text: str, batches: list[list[str]] | None) -> None:
    contexts: list[Context] = []

    def context() -> Context:
        contexts.append(Context())
        return contexts[-1]

    await same(SCHEMA, text, context=context)
    ours, theirs = contexts
    assert ours.batches == theirs.batches
    assert batches in (None, ours.batches)


@EXECUTORS
async def test_a_slow_join_does_not_hold_up_what_is_below_a_fast_one(run: Executor) -> None:
    context = Context()
    # `slow` waits for `opens`, which waits for what is below `fast`.
    async with asyncio.timeout(30):
        result = await run(SCHEMA, "{ slow { name } opens fast { forest } }", context=context)
    assert result.data == {"slow": {"name": "slow"}, "opens": "open", "fast": {"forest": "f"}}


@EXECUTORS
async def test_what_is_beside_a_field_that_failed_is_cancelled(run: Executor) -> None:
    context = Context()
    async with asyncio.timeout(30):
        result = await run(SCHEMA, "{ hangs fails }", context=context)
    assert (result.data, context.log) == (None, ["cancelled"])
    assert [error.path for error in result.errors or []] == [["fails"]]


@EXECUTORS
async def test_who_cancels_a_run_cancels_what_it_waits_for(run: Executor) -> None:
    context = Context()
    task = asyncio.ensure_future(run(SCHEMA, "{ hangs leaves { name } again: hangs }", context=context))
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert context.log == ["cancelled", "cancelled"]


@EXECUTORS
async def test_a_run_that_waits_for_something_cancelled_is_cancelled(run: Executor) -> None:
    context = Context()
    context.future.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run(SCHEMA, "{ shared }", context=context)


async def test_a_future_that_is_waited_for_is_not_cancelled_with_the_run() -> None:
    context = Context()
    ran = plan_of(SCHEMA, "{ leaves { tree { name } } }").run(coerced(SCHEMA, "{ __typename }"), context)
    task = asyncio.ensure_future(ran)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await context.trees.load("a") is not None


@EXECUTORS
async def test_context_variables_are_the_caller_s(run: Executor) -> None:
    _TOLD.set("this")
    result = await run(SCHEMA, "{ told toldLater again: toldLater }", context=Context())
    assert result.data == {"told": "this", "toldLater": "this", "again": "this"}


@EXECUTORS
async def test_a_timeout_of_a_resolver_is_its_own(run: Executor) -> None:
    result = await run(SCHEMA, "{ timesOut fast { name } }", context=Context())
    assert result.data == {"timesOut": None, "fast": {"name": "fast"}}


async def test_what_waits_for_nothing_is_done_at_once() -> None:
    text = "{ leaves { name } told }"
    result = plan_of(SCHEMA, text).run(coerced(SCHEMA, text), None)
    assert isinstance(result, ExecutionResult)


async def test_what_comes_before_it_is_waited_for_is_not_lost() -> None:
    text = "{ fast { name } }"
    ran = plan_of(SCHEMA, text).run(coerced(SCHEMA, text), None)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not isinstance(ran, ExecutionResult)
    assert (await ran).data == {"fast": {"name": "fast"}}

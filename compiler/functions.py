"""What the code of a function shows without running it, so that work for it can be left out."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable
from types import CodeType, FunctionType, MethodType
from typing import Any

_SEES_ALL = {"eval", "exec", "locals", "vars"}
_SILENT = {"RESUME", "NOP", "CACHE", "COPY_FREE_VARS", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}


def _code(function: Callable[..., Any]) -> tuple[CodeType, int] | None:
    """The code of a plain function or method, and how many of its parameters are bound."""
    if isinstance(function, FunctionType) and not hasattr(function, "__wrapped__"):
        return function.__code__, 0
    if isinstance(function, MethodType) and isinstance(function.__func__, FunctionType):
        return function.__func__.__code__, 1
    return None


def ignores(function: Callable[..., Any], position: int) -> bool:
    """Whether a function certainly never looks at what it is given at a position."""
    found = _code(function)
    if found is None:
        return False
    code, bound = found
    if position + bound >= code.co_argcount or _SEES_ALL & {*code.co_names}:
        return False
    name = code.co_varnames[position + bound]
    return name not in code.co_cellvars and all(
        instruction.argval != name and not (isinstance(instruction.argval, tuple) and name in instruction.argval)
        for instruction in dis.get_instructions(code)
    )


def is_always_true(function: Callable[..., Any]) -> bool:
    """Whether a function does nothing but return True."""
    found = _code(function)
    if found is None:
        return False
    instructions = list(dis.get_instructions(found[0]))
    loaded = [step.argval for step in instructions if step.opname in ("LOAD_CONST", "RETURN_CONST")]
    return all(step.opname in _SILENT for step in instructions) and len(loaded) == 1 and loaded[0] is True


def answers_later(function: Callable[..., Any] | None) -> bool:
    """Whether a function is known to return an awaitable."""
    return function is not None and (
        inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004
    )

"""What the code of a function shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import pytest

from compiler.functions import answers_later, ignores, is_always_true


class Checks:
    """Functions that check types in many ways."""

    @classmethod
    def ignoring(cls, value: Any, info: Any) -> bool:
        return value is cls

    @classmethod
    def reading(cls, value: Any, info: Any) -> bool:
        return bool(info)

    @staticmethod
    def always(value: Any, info: Any) -> bool:
        return True

    @staticmethod
    def never(value: Any, info: Any) -> bool:
        return False

    def __call__(self, value: Any, info: Any) -> bool:
        return True


def _in_a_lambda(value: Any, info: Any) -> Any:
    return lambda: info


def _by_locals(value: Any, info: Any) -> Any:
    return locals()


def _by_eval(value: Any, info: Any) -> Any:
    return eval("info")


def _assigned(value: Any, info: Any) -> Any:
    info = value
    return info, value


def _any_number(*values: Any) -> Any:
    return values


def _wrapped() -> Callable[..., Any]:
    @wraps(Checks.always)
    def wrapper(value: Any, info: Any) -> Any:
        return info

    return wrapper


@pytest.mark.parametrize(
    ("function", "ignored"),
    [
        (Checks.ignoring, True),
        (Checks.always, True),
        (lambda value, info: value.name, True),
        (Checks.reading, False),
        (_in_a_lambda, False),
        (_by_locals, False),
        (_by_eval, False),
        (_assigned, False),
        (_any_number, False),
        (_wrapped(), False),
        (partial(Checks.always), False),
        (Checks(), False),
        (isinstance, False),
    ],
)
def test_whether_a_parameter_is_ignored_for_sure(function: Callable[..., Any], ignored: bool) -> None:
    assert ignores(function, 1) is ignored


@pytest.mark.parametrize(
    ("function", "always"),
    [
        (Checks.always, True),
        (lambda value, info: True, True),
        (Checks.never, False),
        (lambda value, info: 1, False),
        (lambda value, info: value is True, False),
        (Checks.ignoring, False),
        (Checks(), False),
        (bool, False),
    ],
)
def test_whether_a_function_is_always_true(function: Callable[..., Any], always: bool) -> None:
    assert is_always_true(function) is always


def test_whether_a_function_returns_an_awaitable() -> None:
    async def later(value: Any) -> bool:
        return True

    class Later:
        async def __call__(self, value: Any) -> bool:
            return True

    assert answers_later(later)
    assert answers_later(Later())
    assert not answers_later(Checks.always)
    assert not answers_later(None)

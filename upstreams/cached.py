"""Attributes that are worked out when they are first read, without the lock that Python's own take before 3.12.

Records and what lives as long as a request have such attributes by the dozen, and the lock is most of their price.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

V = TypeVar("V")


class cached_property(Generic[V]):
    """A property that is asked for once an object; what it raises is not kept.

    The object must have a ``__dict__``, where the value then is, so that this is not asked again.
    """

    def __init__(self, function: Callable[[Any], V]) -> None:
        self._function = function
        self._name = function.__name__
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: object, kind: type) -> V: ...
    def __get__(self, owner: object | None, kind: type) -> Self | V:
        if owner is None:
            return self
        value = owner.__dict__[self._name] = self._function(owner)
        return value

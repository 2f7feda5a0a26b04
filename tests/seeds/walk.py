"""Walks every key of a published example and finds the same value through GraphQL.

A *claim* says where a leaf of the example is found: a path in the answer, with what the gateway does to the value on
its way. A leaf without a claim must be excluded with a reason; a claim that no leaf uses
fails too, so that the tables stay true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ENVELOPE = "envelope"


def as_sent(value: Any) -> Any:
    """No change."""
    return value


@dataclass(frozen=True, slots=True)
class Claim:
    """Where a leaf is found.

    Attributes:
        path: in the answer, fields joined by dots, lists passed through.
        change: what becomes of the value as sent.
    """

    path: str
    change: Callable[[Any], Any] = as_sent


def same(field: str) -> str:
    """An exclusion: the field of the answer that carries the same fact."""
    return f"same fact: {field}"


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a document with its path; items of lists under ``[]``. An empty object or list is a leaf."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path, value


def at(answer: Any, path: str) -> list[Any]:
    """All values of an answer at a path, lists passed through."""
    found = [answer]
    for part in path.split("."):
        below = []
        for value in found:
            inner = value.get(part) if isinstance(value, dict) else None
            below.extend(inner if isinstance(inner, list) else [inner])
        found = below
    return found


def selection(paths: list[str]) -> str:
    """A selection set that asks for paths."""
    tree: dict[str, Any] = {}
    for path in paths:
        branch = tree
        for part in path.split("."):
            branch = branch.setdefault(part, {})

    def text(branch: Mapping[str, Any]) -> str:
        return " ".join(f"{name} {{ {text(inner)} }}" if inner else name for name, inner in branch.items())

    return text(tree)


def differences(row: Any, answer: Any, claims: Mapping[str, Claim], excluded: Mapping[str, str]) -> list[str]:
    """Every leaf of a row that the answer does not carry as claimed."""
    wrong = []
    by_path: dict[str, list[Any]] = {}
    for path, value in leaves(row):
        by_path.setdefault(path, []).append(value)
    for path, values in by_path.items():
        if path in excluded:
            continue
        if path not in claims:
            wrong.append(f"{path}: neither claimed nor excluded")
            continue
        claim = claims[path]
        # An empty list has nothing to pass through.
        expected = [] if values == [[]] else [claim.change(value) for value in values]
        got = at(answer, claim.path)
        if got != expected:
            wrong.append(f"{path}: {claim.path} is {got!r}, not {expected!r}")
    return wrong

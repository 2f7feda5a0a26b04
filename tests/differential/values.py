"""Random values of input types: as literals, as variables, right ones, odd ones and wrong ones."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
)

from tests.differential.pool import Pool

_JUNK: tuple[Any, ...] = (
    "x",
    "",
    -1,
    0,
    1.5,
    2.0,
    True,
    False,
    {},
    [],
    [[1]],
    [None],
    {"a": 1},
    2**40,
    -(2**63),
    1e300,
)
_TIMES = (
    "2022-07-21T18:41:09Z",
    "2022-01-01T00:00:00Z",
    "2021-05-05T05:05:05.5Z",
    "2026-01-01T00:00:00+02:00",
    "2026-10-31T00:00:00Z",
    "2030-01-01T00:00:00Z",
)
_BAD_TIMES = ("2022-07-21", "yesterday", "2022-07-21T18:41:09", "2022-13-01T00:00:00Z", "")
_IDS_BY_NAME = {
    "contactId": "Contact",
    "contactIds": "Contact",
    "otherIds": "Contact",
    "locationId": "Location",
    "locationIds": "Location",
    "segmentIds": "Segment",
    "tagIds": "Segment",
    "companyId": "Company",
}
MISSING: Any = object()
"""Stands for a variable that is not sent."""


@dataclass(slots=True)
class Variable:
    """A variable of an operation.

    Attributes:
        type: as declared.
        default: a literal; None: it has none.
        value: what is sent; :data:`MISSING`: nothing.
    """

    type: str
    default: str | None
    value: Any


@dataclass(slots=True)
class Values:
    """Makes values for one operation and declares the variables that it puts into literals.

    Attributes:
        variables: declared so far, by name.
        eagerness: how likely a value goes into a variable.
        sloppiness: how likely a value is wrong.
    """

    chance: random.Random
    pool: Pool
    eagerness: float
    sloppiness: float
    variables: dict[str, Variable] = field(default_factory=dict)

    def argument(self, name: str, kind: GraphQLInputType, owner: str, *, defaulted: bool) -> str:
        """A literal for an argument, or a variable.

        Args:
            name: of the argument.
            kind: its type.
            owner: the name of the type that the field returns, of which an ``id`` is likely one.
            defaulted: the argument has a default value.
        """
        return self._written(self.value(name, kind, owner), name, kind, owner, defaulted)

    def condition(self) -> str:
        """A literal or variable for ``@skip`` and ``@include``."""
        return self._written(self.chance.random() < 0.5, "if", GraphQLNonNull(GraphQLBoolean), "", False)

    def value(self, name: str, kind: GraphQLInputType, owner: str) -> Any:
        """A value as JSON."""
        chance = self.chance
        if isinstance(kind, GraphQLNonNull):
            return self._set(name, kind.of_type, owner)
        return None if chance.random() < 0.06 else self._set(name, kind, owner)

    def _set(self, name: str, kind: Any, owner: str) -> Any:
        """A value that is not null."""
        chance = self.chance
        if isinstance(kind, GraphQLList):
            if chance.random() < 0.1:
                return self._set(name, getattr(kind.of_type, "of_type", kind.of_type), owner)
            length = chance.choice((0, 1, 1, 2, 3)) if chance.random() < 0.95 else 12
            return [self.value(name, kind.of_type, owner) for _ in range(length)]
        if isinstance(kind, GraphQLEnumType):
            return chance.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind, owner)
        return self._scalar(name, kind.name, owner)

    def _object(self, kind: GraphQLInputObjectType, owner: str) -> dict[str, Any]:
        share = self.chance.choice((0.15, 0.3, 0.6))
        return {
            name: self.value(name, part.type, kind.name)
            for name, part in kind.fields.items()
            if (isinstance(part.type, GraphQLNonNull) and part.default_value is Undefined)
            or self.chance.random() < share
        }

    def _scalar(self, name: str, kind: str, owner: str) -> Any:
        chance = self.chance
        match kind:
            case "ID":
                return self._id(name, owner)
            case "Int":
                if name in ("first", "last"):
                    return (
                        chance.choice((0, 1, 2, 2, 3, 3, 4, 5))
                        if chance.random() < 0.97
                        else chance.choice((-1, 5000, 30))
                    )
                return chance.choice((0, 1, 2, 3, 7)) if chance.random() < 0.95 else -1
            case "Float":
                return chance.choice((0, 1, 2, 1.5, -0.25, 1e3))
            case "Boolean":
                return chance.random() < 0.5
            case "DateTime":
                return chance.choice(_TIMES if chance.random() < 0.95 else _BAD_TIMES)
            case "LocalDateTime":
                return chance.choice(_TIMES).rstrip("Z") if chance.random() < 0.95 else chance.choice(_BAD_TIMES)
            case "JSON":
                return chance.choice((None, 1, "text", [1, "a", None], {"a": {"b": [1.5, True]}}, {}))
        if name in ("after", "before"):
            return self._cursor(owner)
        if name == "sourceId":
            return chance.choice(self.pool.source_ids)
        return chance.choice(self.pool.texts)

    def _id(self, name: str, owner: str) -> Any:
        chance, ids = self.chance, self.pool.ids
        kind = _IDS_BY_NAME.get(name) or next((each for each in ids if owner.startswith(each)), None)
        draw = chance.random()
        if draw < 0.06:
            return chance.choice(("", "nonsense", "k6FjqENMT1VENFdJkdkgAAAA", 7, 0, -1))
        if draw < 0.12 or kind is None:
            kind = chance.choice(list(ids))
        return chance.choice(ids[kind])

    def _cursor(self, owner: str) -> str:
        chance, cursors = self.chance, self.pool.cursors
        root = {"ContactConnection": "contacts", "EventConnection": "events", "SegmentConnection": "segments"}.get(
            owner, "locations"
        )
        draw = chance.random()
        if draw < 0.08:
            return chance.choice(("", "x", cursors["events"][0][:-3] + "AAA"))
        return chance.choice(cursors[root if draw < 0.85 else chance.choice(list(cursors))])

    # -- literals and variables ---------------------------------------------------------------------------

    def _written(self, value: Any, name: str, kind: GraphQLInputType, owner: str, defaulted: bool) -> str:
        """A value as a literal; it, or what is in it, may go into a variable."""
        if self.chance.random() < self.eagerness:
            return "$" + self._declare(value, name, kind, owner, defaulted)
        return self._literal(value, kind, name, owner, constant=False)

    def _literal(self, value: Any, kind: Any, name: str, owner: str, *, constant: bool) -> str:
        kind = getattr(kind, "of_type", kind) if isinstance(kind, GraphQLNonNull) else kind
        if value is None:
            return "null"
        if isinstance(kind, GraphQLList):
            if not isinstance(value, list):
                return self._literal(value, kind.of_type, name, owner, constant=constant)
            return "[" + ", ".join(self._part(each, kind.of_type, name, owner, False, constant) for each in value) + "]"
        if isinstance(kind, GraphQLEnumType) and isinstance(value, str):
            return value
        if isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
            parts = []
            for key, each in value.items():
                part = kind.fields[key]
                defaulted = part.default_value is not Undefined
                parts.append(f"{key}: {self._part(each, part.type, key, kind.name, defaulted, constant)}")
            return "{" + ", ".join(parts) + "}"
        return plain_literal(value)

    def _part(self, value: Any, kind: Any, name: str, owner: str, defaulted: bool, constant: bool) -> str:
        if constant:
            return self._literal(value, kind, name, owner, constant=True)
        return self._written(value, name, kind, owner, defaulted)

    def _declare(self, value: Any, name: str, kind: GraphQLInputType, owner: str, defaulted: bool) -> str:
        chance = self.chance
        required = isinstance(kind, GraphQLNonNull)
        # A nullable variable may stand at a non-null place when a default makes up for null, its own or the place's.
        base = str(kind.of_type) if isinstance(kind, GraphQLNonNull) else str(kind)
        has_default = chance.random() < 0.3
        nullable = (has_default or defaulted or not required) and chance.random() < 0.7
        fitting = [key for key, known in self.variables.items() if known.type == base + "!"]
        if not required:
            fitting += [key for key, known in self.variables.items() if known.type == base]
        if fitting and chance.random() < 0.3:
            return chance.choice(fitting)
        default = None
        if has_default:
            other = self._set(name, kind.of_type if isinstance(kind, GraphQLNonNull) else kind, owner)
            if nullable and not required and chance.random() < 0.2:
                other = None
            default = self._literal(other, kind, name, owner, constant=True)
        key = chance.choice(("v", name, "x")) + str(len(self.variables))
        draw, sloppy = chance.random(), self.sloppiness
        if draw < (0.15 if nullable or has_default else sloppy):
            value = MISSING
        elif draw < (0.25 if nullable else 2 * sloppy):
            value = None
        elif draw > 1 - sloppy:
            value = chance.choice(_JUNK)
        elif isinstance(value, int) and not isinstance(value, bool) and draw > 0.97:
            value = float(value)
        self.variables[key] = Variable(base if nullable else base + "!", default, value)
        return key


def plain_literal(value: Any) -> str:
    """JSON as a GraphQL literal."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {plain_literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(plain_literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False)

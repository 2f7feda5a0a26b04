"""Random operations over a schema: valid ones nearly always, and now and then one that is not.

A seed says all: the same seed over the same schema and pool is the same case.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_leaf_type,
    is_non_null_type,
)

from resolvers.callers import Scope as Grant
from tests.differential.case import Case
from tests.differential.merging import Scope
from tests.differential.pool import Pool
from tests.differential.values import MISSING, Values
from tests.differential.weather import FAULTS, Weather

Composite = GraphQLObjectType | GraphQLInterfaceType

_OFTEN = {"contacts": 6, "events": 6, "segments": 3, "locations": 3, "contact": 3, "node": 3, "nodes": 3, "sources": 1}
"""How often root fields are chosen; the others count one."""
_PATHS = ("contact", "event", "segment", "location", "crm", "calendar", "hotspot", "case", "customers", "ids")
_INTROSPECTION = (
    "__schema { queryType { name } }",
    '__type(name: "Contact") { kind name fields { name type { name ofType { name } } } }',
    '__type(name: "Nothing") { name }',
    "__schema { directives { name args { name defaultValue } } }",
)


@dataclass(frozen=True, slots=True)
class _Fragment:
    name: str
    on: Composite
    text: str
    scope: Scope


@dataclass(slots=True)
class _Operation:
    """One operation while it is written.

    Attributes:
        room: fields that may still be selected.
        prefix: of the names of its fragments.
    """

    schema: GraphQLSchema
    chance: random.Random
    values: Values
    room: int
    depth: int
    prefix: str
    directives: float
    fragments: list[_Fragment] = field(default_factory=list)
    _aliases: int = 0

    def text(self, kind: str, root: GraphQLObjectType, name: str) -> str:
        """The operation and its fragments."""
        selections = self.selections(root, Scope(), 0, 0)
        fragments = self._reachable(selections)
        whole = "\n".join([selections, *fragments])
        used = dict.fromkeys(re.findall(r"\$(\w+)", whole))
        variables = self.values.variables = {each: self.values.variables[each] for each in used}
        declared = ", ".join(
            f"${each}: {variable.type}" + (f" = {variable.default}" if variable.default is not None else "")
            for each, variable in variables.items()
        )
        head = f"{kind} {name}({declared}) " if declared else f"{kind} {name} " if name or kind != "query" else ""
        return head + whole

    def selections(self, kind: Composite, scope: Scope, depth: int, lists: int) -> str:
        """A selection set, with its braces."""
        wanted = min(self.room, self.chance.choice((1, 1, 2, 2, 3, 4, 6, 9)))
        parts = [self._selection(kind, scope, depth, lists) for _ in range(max(wanted, 1))]
        return "{ " + " ".join(parts) + " }"

    def _selection(self, kind: Composite, scope: Scope, depth: int, lists: int) -> str:
        draw = self.chance.random()
        abstract = isinstance(kind, GraphQLInterfaceType)
        if draw < 0.07:
            return self._typename(scope)
        if draw < (0.4 if abstract else 0.16):
            inner = self._narrowed(kind)
            condition = f" on {inner.name}" if inner is not kind or self.chance.random() < 0.5 else ""
            return f"...{condition}{self._directive()} {self.selections(inner, scope, depth, lists)}"
        if draw < (0.5 if abstract else 0.26) and self.room > 3 and (name := self._fragment(kind, scope, depth, lists)):
            return f"...{name}{self._directive()}"
        return self._field(kind, scope, depth, lists)

    def _fresh(self, name: str) -> str:
        """A response name that nothing has."""
        self._aliases += 1
        return f"{name}_{self._aliases}"

    def _typename(self, scope: Scope) -> str:
        alias = self.chance.choice(("", "", "t", "kind"))
        signature = "__typename: String!"
        if not scope.admits(alias or "__typename", signature):
            alias = self._fresh("t")
        scope.enter(alias or "__typename", signature)
        return (f"{alias}: " if alias else "") + "__typename" + self._directive()

    def _narrowed(self, kind: Composite) -> Composite:
        """A type condition that may stand in a selection of a type: itself, one of its interfaces or of its kinds."""
        others: list[Composite] = [kind, *kind.interfaces]
        if isinstance(kind, GraphQLInterfaceType):
            others += self.schema.get_implementations(kind).objects * 2
            others += self.schema.get_implementations(kind).interfaces
        elif kind.interfaces and self.chance.random() < 0.01:  # one that the type may not have: invalid then
            others += self.schema.get_implementations(kind.interfaces[0]).interfaces
        return self.chance.choice(others)

    def _fragment(self, kind: Composite, scope: Scope, depth: int, lists: int) -> str | None:
        """The name of a fragment that may be spread here: a new one, or one that is spread elsewhere too."""
        possible = set(self._possible(kind))
        known = [each for each in self.fragments if possible & set(self._possible(each.on)) and scope.fits(each.scope)]
        if known and self.chance.random() < 0.6:
            chosen = self.chance.choice(known)
        else:
            on, own = self._narrowed(kind), Scope()
            text = self.selections(on, own, depth, lists)
            if not scope.fits(own):
                return None
            chosen = _Fragment(f"{self.prefix}{len(self.fragments)}", on, text, own)
            self.fragments.append(chosen)
        scope.take(chosen.scope)
        return chosen.name

    def _possible(self, kind: Composite) -> list[str]:
        if isinstance(kind, GraphQLObjectType):
            return [kind.name]
        return [each.name for each in self.schema.get_possible_types(kind)]

    def _field(self, kind: Composite, scope: Scope, depth: int, lists: int) -> str:
        chance = self.chance
        self.room -= 1
        deep = depth < self.depth and self.room > 0
        choices = {name: each for name, each in kind.fields.items() if deep or is_leaf_type(get_named_type(each.type))}
        if not choices:
            return self._typename(scope)
        weights = [
            _OFTEN.get(name, 1) if depth == 0 else 1 + 2 * (name in ("nodes", "edges", "node")) for name in choices
        ]
        name: str = chance.choices(list(choices), weights)[0]
        chosen = choices[name]
        arguments = self._arguments(chosen, lists)
        signature = f"{name}{arguments}: {chosen.type}"
        alias = chance.choice(("a", "b", "id", "name", "node", "x")) if chance.random() < 0.15 else None
        if not scope.admits(alias or name, signature):
            if chance.random() < 0.01:
                return name + arguments + self._below(chosen, Scope(), depth, lists)  # a conflict: invalid
            alias = self._fresh(name)
        below = scope.enter(alias or name, signature)
        head = (f"{alias}: " if alias else "") + name + arguments + self._directive()
        return head + self._below(chosen, below, depth, lists)

    def _below(self, chosen: GraphQLField, scope: Scope, depth: int, lists: int) -> str:
        inner = get_named_type(chosen.type)
        if not isinstance(inner, Composite):
            return ""
        return " " + self.selections(inner, scope, depth + 1, lists + inner.name.endswith("Connection"))

    def _arguments(self, chosen: GraphQLField, lists: int) -> str:
        chance = self.chance
        owner = get_named_type(chosen.type).name
        parts: list[str] = []
        paged = "first" in chosen.args
        backward = chance.random() < 0.2
        for name, argument in chosen.args.items():
            required = is_non_null_type(argument.type) and argument.default_value is Undefined
            share = 0.3
            if paged:
                share = {
                    "first": 0.02 if backward else 0.97,
                    "last": 0.97 if backward else 0.02,
                    "after": 0.05 if backward else 0.2,
                    "before": 0.3 if backward else 0.03,
                }.get(name, 0.15)
            if not required and chance.random() > share:
                continue
            if chosen.args.keys() >= {"contactId", "email"} and len(parts) == 1 and chance.random() < 0.9:
                continue  # `person` takes exactly one
            literal = self.values.argument(
                name, argument.type, owner, defaulted=argument.default_value is not Undefined
            )
            parts.append(f"{name}: {literal}")
        chance.shuffle(parts)
        return "(" + ", ".join(parts) + ")" if parts else ""

    def _directive(self) -> str:
        if self.chance.random() > self.directives:
            return ""
        name = self.chance.choice(("skip", "include", "include"))
        return f" @{name}(if: {self.values.condition()})"

    def _reachable(self, text: str) -> list[str]:
        """The definitions of the fragments that a text spreads, and of those that they spread."""
        by_name = {each.name: each for each in self.fragments}
        found: dict[str, _Fragment] = {}
        waiting = [text]
        while waiting:
            for name in re.findall(rf"\.\.\.({self.prefix}\d+)\b", waiting.pop()):
                if name not in found:
                    found[name] = by_name[name]
                    waiting.append(found[name].text)
        return [f"fragment {each.name} on {each.on.name} {each.text}" for each in found.values()]


class Generator:
    """Makes cases.

    Args:
        schema: what is asked.
        pool: what may be asked for.
    """

    def __init__(self, schema: GraphQLSchema, pool: Pool) -> None:
        self._schema = schema
        self._pool = pool

    def case(self, seed: int) -> Case:
        """The case of a seed."""
        chance = random.Random(seed)
        names = [""] if chance.random() < 0.85 else ["One", "Two", "Three"][: chance.choice((1, 2, 3))]
        texts, values = [], {}
        for number, name in enumerate(names):
            text, values[name] = self._operation(chance, name, f"F{number}")
            texts.append(text)
        name = chance.choice(names)
        variables = {key: each.value for key, each in values[name].variables.items() if each.value is not MISSING}
        if chance.random() < 0.02:
            variables["nobodyAsks"] = 1
        return Case(
            query="\n".join(texts),
            variables=variables or None,
            operation_name=name if name and chance.random() < 0.98 else None,
            scopes=self._scopes(chance),
            weather=_weather(chance),
        )

    def _operation(self, chance: random.Random, name: str, prefix: str) -> tuple[str, Values]:
        values = Values(chance, self._pool, chance.choice((0.0, 0.1, 0.4)), chance.choice((0.0, 0.0, 0.01, 0.05)))
        operation = _Operation(
            self._schema,
            chance,
            values,
            room=chance.choice((3, 8, 15, 25, 40, 70)),
            depth=chance.choice((2, 3, 4, 5, 6, 8)) if chance.random() < 0.98 else 18,
            prefix=prefix,
            directives=chance.choice((0.0, 0.05, 0.25)),
        )
        kind, root = "query", self._schema.query_type
        if chance.random() < 0.05:
            kind, root = "mutation", self._schema.mutation_type
        assert root is not None
        text = operation.text(kind, root, name)
        if kind == "query" and chance.random() < 0.02:
            at = text.index("{ ", len(text.split("{ ")[0]))
            text = f"{text[: at + 2]}{chance.choice(_INTROSPECTION)} {text[at + 2 :]}"
        return text, values

    def _scopes(self, chance: random.Random) -> tuple[str, ...] | None:
        draw = chance.random()
        if draw < 0.7:
            return None
        everything = [each.value for each in Grant]
        if draw < 0.8:
            return tuple(each for each in everything if each != Grant.CONTACTS_PII.value)
        return tuple(each for each in everything if chance.random() < 0.75)


def _weather(chance: random.Random) -> Weather:
    seed = chance.randrange(2**32)
    draw = chance.random()
    if draw < 0.45:
        return Weather(seed=seed)
    if draw < 0.7:
        return Weather(seed=seed, records=chance.choice((0.003, 0.01, 0.05, 0.2)))
    faults = tuple(chance.sample(FAULTS, chance.choice((1, 1, 2, 4))))
    paths = tuple(chance.sample(_PATHS, 1)) if chance.random() < 0.3 else ()
    return Weather(seed=seed, share=chance.choice((0.1, 0.3, 0.6, 1.0)), faults=faults, paths=paths)

"""A case: what is asked, by whom, in which weather. It can be written down as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from resolvers.callers import Scope
from tests.differential.weather import Weather


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request.

    Attributes:
        query: the document.
        variables: as the client sends them.
        operation_name: which operation, where there are several.
        scopes: what the caller may; None: everything.
        weather: what goes wrong upstream.
    """

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    scopes: tuple[str, ...] | None = None
    weather: Weather = field(default_factory=Weather)

    @property
    def body(self) -> bytes:
        """What is posted."""
        sent = {"query": self.query, "variables": self.variables, "operationName": self.operation_name}
        return json.dumps(sent, ensure_ascii=False).encode()

    @property
    def granted(self) -> frozenset[Scope]:
        """The caller's scopes."""
        return frozenset(Scope if self.scopes is None else map(Scope, self.scopes))

    def dump(self) -> str:
        """The case as JSON, without what is as always."""
        return json.dumps(_without_defaults(self), indent=2, ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> Case:
        """The case that :meth:`dump` wrote."""
        made = json.loads(text)
        if "scopes" in made:
            made["scopes"] = tuple(made["scopes"])
        if "weather" in made:
            said = made["weather"]
            said |= {name: tuple(said[name]) for name in ("faults", "paths") if name in said}
            made["weather"] = Weather(**said)
        return cls(**made)


def _without_defaults(case: Case) -> dict[str, Any]:
    usual = Case(query="")
    said = {each.name: getattr(case, each.name) for each in fields(case)}
    if case.weather != usual.weather:
        plain, calm = asdict(case.weather), asdict(usual.weather)
        said["weather"] = {name: value for name, value in plain.items() if value != calm[name]}
    return {name: value for name, value in said.items() if value != getattr(usual, name)}

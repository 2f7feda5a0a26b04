"""One comparison: what is asked, by whom, in which weather; and what a side answered. Both are plain JSON."""

from __future__ import annotations

import json
from collections import Counter
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


@dataclass(frozen=True, slots=True)
class Reply:
    """What a side answered, in the form in which two sides are compared.

    Attributes:
        status: of HTTP.
        media_type: of the answer.
        data: as JSON text, so that the order of keys counts; None where there is no ``data``.
        errors: each as JSON text with sorted keys. They are a multiset: errors stand in the order in which they
            happened, which the specification leaves open, and an executor is free in which sibling it looks at first.
        cost: ``extensions.cost`` as JSON text.
        trace: source, operation, status, whether shared and whether cached, of each line.
        asked: the calls that went out, byte by byte.
        rest: the names of whatever else the answer and its extensions hold.
    """

    status: int
    media_type: str
    data: str | None
    errors: Counter[str]
    cost: str | None
    trace: Counter[tuple[str, str, int | None, bool, bool]]
    asked: Counter[tuple[str, str, bytes | None]]
    rest: tuple[str, ...]

    @classmethod
    def read(cls, status: int, media_type: str, body: bytes, asked: Counter[tuple[str, str, bytes | None]]) -> Reply:
        """A reply from the bytes of an answer."""
        answer = json.loads(body)
        extensions = answer.get("extensions", {})
        return cls(
            status,
            media_type,
            json.dumps(answer["data"], ensure_ascii=False) if "data" in answer else None,
            Counter(json.dumps(error, sort_keys=True, ensure_ascii=False) for error in answer.get("errors", ())),
            json.dumps(extensions["cost"]) if "cost" in extensions else None,
            Counter(
                (line["source"], line["operation"], line["status"], line["shared"], line["cached"])
                for line in extensions.get("upstream", ())
            ),
            asked,
            (*answer, *extensions),
        )

    def differences(self, other: Reply) -> list[str]:
        """In what two replies differ; nothing when they are equal."""
        found = []
        for each in fields(self):
            mine, others = getattr(self, each.name), getattr(other, each.name)
            if mine == others:
                continue
            if isinstance(mine, Counter):
                mine, others = dict(mine - others), dict(others - mine)
            found.append(f"{each.name}:\n  - {mine}\n  + {others}")
        return found

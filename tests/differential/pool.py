"""What exists in the sandbox and may be asked for: ids by type, cursors by connection, texts.

It is read through the gateway itself, once, so that a seed means the same operations in each run.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from tests.differential.case import Case
from tests.differential.sides import Sides

_QUERIES = (
    "{ contacts(first: 24) { edges { cursor node { __typename id sourceId emails phones } } } }",
    "{ events(first: 40) { edges { cursor node { kind: __typename id sourceId } } } }",
    "{ segments(first: 20) { edges { cursor node { __typename id sourceId name } } } }",
    "{ locations(first: 10) { edges { cursor node { __typename id sourceId name } } } }",
    "{ companies(size: 5) { nodes { __typename id sourceId } } }",
    "{ attributeDefinitions { __typename id sourceId } }",
    "{ contacts(first: 5) { nodes { person { __typename id } } } }",
    "{ events(first: 9, orderBy: {direction: ASC}) { edges { cursor } } }",
)


@dataclass(frozen=True, slots=True)
class Pool:
    """What may be asked for.

    Attributes:
        ids: global ids by the name of the type; those of all events under ``Event``.
        source_ids: the upstreams' own ids.
        cursors: by the name of the root field.
        texts: parts of names, e-mails, telephone numbers.
    """

    ids: Mapping[str, list[str]]
    source_ids: list[str]
    cursors: Mapping[str, list[str]]
    texts: list[str]

    @classmethod
    async def read(cls, sides: Sides) -> Pool:
        """What the reference tells."""
        ids: dict[str, list[str]] = defaultdict(list)
        cursors: dict[str, list[str]] = defaultdict(list)
        source_ids: list[str] = []
        texts = ["", "a", "IVAN", "example.org", "+1", "São"]

        def collect(value: object, root: str) -> None:
            if isinstance(value, list):
                for each in value:
                    collect(each, root)
            elif isinstance(value, dict):
                if "id" in value:
                    ids[value.get("__typename", "Event")].append(value["id"])
                if "sourceId" in value:
                    source_ids.append(value["sourceId"])
                if "cursor" in value:
                    cursors[root].append(value["cursor"])
                texts.extend([*value.get("emails", ())[:1], *value.get("phones", ())[:1]])
                if value.get("name"):
                    texts.append(value["name"])
                for each in value.values():
                    collect(each, root)

        for query in _QUERIES:
            reply, _ = await sides.replies(Case(query=query))
            assert not reply.errors, reply.errors
            assert reply.data is not None
            for root, value in json.loads(reply.data).items():
                collect(value, root)
        return cls(ids, source_ids, cursors, texts)

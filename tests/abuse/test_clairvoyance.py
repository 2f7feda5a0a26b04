"""Clairvoyance, which reads a schema out of error messages, let loose on a gateway that hides its own."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from clairvoyance.cli import blind_introspection
from clairvoyance.client import Client
from clairvoyance.entities.context import client_ctx
from clairvoyance.entities.errors import EndpointError
from clairvoyance.oracle import explore_field
from graphql import introspection_from_schema

from tests.abuse.target import Target, target
from tests.schema.harness import SCHEMA

WORDS = ["id", "nodes", "first", "filter", "contact", "events", "evnts", "sourcs", "node", "data", "user"]
"""What an attacker may guess: right, nearly right (which suggestions would put right), and wrong."""
OF_GRAPHQL = {"Query", "Mutation", "Subscription", "Int", "Float", "String", "Boolean", "ID"}
"""Names that say nothing of this schema."""


def names(value: Any) -> Iterator[str]:
    """All names in an introspection result: of types, fields, arguments, values."""
    if isinstance(value, dict):
        if isinstance(value.get("name"), str):
            yield value["name"]
        for held in value.values():
            yield from names(held)
    elif isinstance(value, list):
        for held in value:
            yield from names(held)


OURS = {name for name in names(dict(introspection_from_schema(SCHEMA._schema))) if not name.startswith("__")}


class Heard:
    """What clairvoyance was told, and what it made of it.

    Attributes:
        names: of our schema, in quotes in a message and not in the document that it is about.
        schema: the names in the schema that it wrote; None: it gave up.
        answers: how many there were.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.schema: set[str] | None = None
        self.answers = 0


async def attack(attacked: Target, monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Run it with the words above."""
    heard = Heard()
    post = Client.post

    async def listening(client: Client, document: str | None, retries: int = 0) -> dict[str, Any]:
        answer = await post(client, document, retries)
        heard.answers += 1
        for error in answer.get("errors", ()):
            for quoted in re.findall(r"'[^']*'", error["message"]):
                heard.names |= (set(re.findall(r"\w+", quoted)) & OURS) - set(re.findall(r"\w+", document or ""))
        return answer

    monkeypatch.setattr(Client, "post", listening)
    try:
        found = await blind_introspection(f"{attacked.url}/graphql", logging.getLogger("clairvoyance"), WORDS)
    except EndpointError:  # "It is very likely that Field Suggestion is not fully enabled on this endpoint."
        others = [task for task in asyncio.all_tasks() if task.get_coro().__qualname__ == explore_field.__qualname__]
        await asyncio.gather(*others, return_exceptions=True)
        await client_ctx.get().close()
    else:
        heard.schema = set(names(json.loads(found)))
    return heard


async def test_it_learns_from_a_gateway_that_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It works, so that the other tests mean something."""
    async with target() as attacked:
        heard = await attack(attacked, monkeypatch)
    assert heard.schema is not None
    assert {"sources", "SourceStatus", "EventConnection"} <= heard.schema - set(WORDS)
    assert {"sources", "Contact"} <= heard.names


async def test_it_learns_no_name_beyond_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    async with target(GATEWAY_INTROSPECTION="off") as attacked:
        heard = await attack(attacked, monkeypatch)
        await attacked.is_well()
    assert heard.answers > 5
    assert heard.names <= OF_GRAPHQL
    assert (heard.schema or set()) & OURS <= OF_GRAPHQL | set(WORDS)


async def test_it_learns_nothing_where_only_trusted_documents_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = tmp_path / "documents.json"
    manifest.write_text(json.dumps({sha256(b"{ __typename }").hexdigest(): "{ __typename }"}))
    async with target(GATEWAY_ONLY_TRUSTED="on", GATEWAY_DOCUMENTS=str(manifest)) as attacked:
        heard = await attack(attacked, monkeypatch)
        assert attacked.calls() == []
    assert heard.answers > 0
    assert (heard.names, heard.schema) == (set(), None)

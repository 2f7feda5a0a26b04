"""The changelog of the schema, out of the history of ``schema.graphql``: ``schema_changelog.py FILE``.

What a commit changed is found by comparing the schemas before and after it, never taken from its message. The page
ends with the digest of the schema that it was written for, by which a test that has no history sees whether it is up to
date.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from graphql import GraphQLSchema, build_schema, is_introspection_type, is_specified_scalar_type

from gateway.compatibility import Change, Effect, compare

SCHEMA = "schema.graphql"
HEAD = """\
# Changelog of the schema

What changed for clients, the latest first; `scripts/schema-changelog` writes this page from the history of
`schema.graphql`. What the effects mean, and what is promised, is in [compatibility.md](compatibility.md). Changed
descriptions are left out.
"""


class Version(NamedTuple):
    """The schema as a commit left it.

    Attributes:
        title: the day and what the commit says of itself; what is not committed yet has none.
        sdl: the text.
    """

    title: str
    sdl: str


class NoHistory(Exception):
    """The history is not there, or cut off; the message says what to do."""


def history(root: Path) -> list[Version]:
    """The versions of the schema, the oldest first, the one that lies in the checkout last.

    Raises:
        NoHistory: this is no clone, or a shallow one.
    """
    try:
        if _git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
            raise NoHistory("the clone is shallow; `git fetch --unshallow` brings the history")
        log = _git(root, "log", "--first-parent", "--reverse", "--format=%H %cs %s", "--", SCHEMA)
    except subprocess.CalledProcessError as error:
        raise NoHistory(error.stderr.strip()) from error
    versions = []
    for line in log.splitlines():
        commit, day, subject = line.split(" ", 2)
        versions.append(Version(f"{day}: {subject}", _git(root, "show", f"{commit}:{SCHEMA}")))
    current = (root / SCHEMA).read_text(encoding="utf-8")
    if not versions or versions[-1].sdl != current:
        versions.append(Version("Next", current))
    return versions


def written(versions: Sequence[Version]) -> str:
    """The page about these versions."""
    entries = []
    before: GraphQLSchema | None = None
    for version in versions:
        schema = build_schema(version.sdl)
        lines = _first(schema) if before is None else list(_lines(compare(before, schema)))
        if lines:
            entries.append("\n".join([f"## {version.title}", "", *lines]))
        before = schema
    return "\n\n".join([HEAD.rstrip(), *reversed(entries), digest(versions[-1].sdl)]) + "\n"


def digest(sdl: str) -> str:
    """The line by which a page says which schema it was written for."""
    return f"<!-- {SCHEMA}: SHA-256 {sha256(sdl.encode()).hexdigest()} -->"


def _first(schema: GraphQLSchema) -> list[str]:
    own = [
        type_
        for type_ in schema.type_map.values()
        if not (is_introspection_type(type_) or is_specified_scalar_type(type_))
    ]
    return [f"The first schema: {len(own)} types."]


def _lines(changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        if change.effect is not Effect.SAFE:
            yield f"- **{change.effect.value}**: {change.description}"
    safe = [change for change in changes if change.effect is Effect.SAFE and change.kind != "DESCRIPTION_CHANGED"]
    yield from (f"- {change.description}" for change in safe if change.kind != "TYPE_ADDED")
    if types := [f"`{change.description.split()[0]}`" for change in safe if change.kind == "TYPE_ADDED"]:
        yield f"- New types: {', '.join(types)}."


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout  # noqa: S603


if __name__ == "__main__":
    try:
        Path(sys.argv[1]).write_text(written(history(Path.cwd())), encoding="utf-8")
    except NoHistory as error:
        sys.exit(f"schema-changelog: {error}")

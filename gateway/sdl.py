"""The schema as text, and the check that holds ``schema.graphql`` to it."""

from __future__ import annotations

import sys
from pathlib import Path

from graphql import GraphQLSchema, build_schema

from gateway.compatibility import Change, Effect, compare, unpromised
from schema import build
from upstreams.settings import SettingsError

FILE = "schema.graphql"


def current_sdl() -> str:
    """The SDL of the schema that this version serves."""
    return build.sdl(build.build_schema())


def check_schema(against: str | None = None) -> int:
    """Compare with the ``schema.graphql`` of the current directory or the checkout; standard error says what differs.

    Args:
        against: the file of another schema (say, the last released one) whose clients must not break either.

    Returns:
        1 when ``schema.graphql`` is missing or stale, when a change breaks clients, or when a deprecation does
        not say until when; else 0, also when a change may only surprise clients.
    """
    sdl = current_sdl()
    new = build_schema(sdl)
    file = _committed()
    changes: list[Change] = []
    stale = False
    if file is None:
        stale = True
        print(f"{FILE} is missing here; `contactgraph schema > {FILE}` writes it", file=sys.stderr)
    else:
        committed = file.read_text(encoding="utf-8")
        if committed != sdl:
            stale = True
            print(f"{FILE} is stale; `contactgraph schema > {FILE}` renews it", file=sys.stderr)
            changes += _changes(committed, new, str(file))
    if against is not None:
        try:
            other = Path(against).read_text(encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"--against {against}: {error.strerror}") from error
        changes += [change for change in _changes(other, new, against) if change not in changes]
    for change in changes:
        print(f"{change.effect.value}: {change.description}", file=sys.stderr)
    bare = unpromised(new)
    for name in bare:
        print(f"{name} is deprecated without the words `Use …. Removed after YYYY-MM-DD.`", file=sys.stderr)
    return 1 if stale or bare or any(change.effect is Effect.BREAKS for change in changes) else 0


def _committed() -> Path | None:
    for folder in (Path.cwd(), Path(__file__).resolve().parent.parent):
        if (folder / FILE).is_file():
            return folder / FILE
    return None


def _changes(old_sdl: str, new: GraphQLSchema, name: str) -> list[Change]:
    try:
        old = build_schema(old_sdl)
    except Exception as error:
        raise SettingsError(f"{name} is not a schema: {error}") from error
    return [change for change in compare(old, new) if change.effect is not Effect.SAFE]

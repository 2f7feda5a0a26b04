"""The schema as text, and the check that holds ``schema.graphql`` to it."""

from __future__ import annotations

import sys
from pathlib import Path

from graphql import GraphQLSchema, build_schema, find_breaking_changes

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
        1 when ``schema.graphql`` is missing or stale, or when a change breaks clients; else 0.
    """
    sdl = current_sdl()
    new = build_schema(sdl)
    file = _committed()
    breaking: list[str] = []
    stale = False
    if file is None:
        stale = True
        print(f"{FILE} is missing here; `contactgraph schema > {FILE}` writes it", file=sys.stderr)
    else:
        committed = file.read_text(encoding="utf-8")
        if committed != sdl:
            stale = True
            print(f"{FILE} is stale; `contactgraph schema > {FILE}` renews it", file=sys.stderr)
            breaking += _breaking(committed, new, str(file))
    if against is not None:
        try:
            other = Path(against).read_text(encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"--against {against}: {error.strerror}") from error
        breaking += [change for change in _breaking(other, new, against) if change not in breaking]
    for change in breaking:
        print(f"breaks clients: {change}", file=sys.stderr)
    return 1 if stale or breaking else 0


def _committed() -> Path | None:
    for folder in (Path.cwd(), Path(__file__).resolve().parent.parent):
        if (folder / FILE).is_file():
            return folder / FILE
    return None


def _breaking(old_sdl: str, new: GraphQLSchema, name: str) -> list[str]:
    try:
        old = build_schema(old_sdl)
    except Exception as error:
        raise SettingsError(f"{name} is not a schema: {error}") from error
    return [change.description for change in find_breaking_changes(old, new)]

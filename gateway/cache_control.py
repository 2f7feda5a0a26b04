"""How ``GATEWAY_CACHE`` is read: a ``Cache-Control`` for each type that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from gateway.setting_values import seconds
from upstreams.http.keeping import CACHEABLE, CacheableType, CacheControl

EXAMPLE = "Segment: max-age=300, stale-if-error=3600; Contact: max-age=5; Hotspot: no-store"

_DIRECTIVES = "max-age=SECONDS, stale-if-error=SECONDS or no-store"
_read_seconds = seconds(positive=False)


def cache_control(text: str) -> Mapping[CacheableType, CacheControl]:
    """Directives by type, in HTTP's spelling.

    Raises:
        ValueError: with what to write instead, in a message that finishes the sentence "GATEWAY_CACHE ...".
    """
    found: dict[CacheableType, CacheControl] = {}
    for entry in filter(None, map(str.strip, text.split(";"))):
        name, colon, directives = (part.strip() for part in entry.partition(":"))
        if not colon:
            raise ValueError(f'has "{entry}" where a type, a colon and directives must be, such as {EXAMPLE}')
        kept = _type(name)
        if kept in found:
            raise ValueError(f"names {name} twice: write its directives once, separated by commas")
        found[kept] = _said(name, directives)
    return found


def _type(name: str) -> CacheableType:
    if name in CACHEABLE:
        return name
    if name.lower() == "event":
        raise ValueError(
            "names Event, and pages of events are read anew each time: a walk promises every event once. "
            "ConversationEvent can be kept, where one is read by its id"
        )
    close = get_close_matches(name.capitalize(), CACHEABLE, n=1)
    meant = f'; write "{close[0]}"' if close else ""
    raise ValueError(f'names "{name}"{meant}: the types that are kept are {", ".join(CACHEABLE)}')


def _said(name: str, directives: str) -> CacheControl:
    if directives == "no-store":
        return CacheControl(0.0, 0.0)
    said: dict[str, float] = {}
    for directive in map(str.strip, directives.split(",")):
        key, _, value = (part.strip() for part in directive.partition("="))
        if key not in ("max-age", "stale-if-error"):
            what = f'has "{directive}"' if directive else "has no directive"
            alone = " alone" if key == "no-store" else ""
            raise ValueError(f"{what} for {name}: write {_DIRECTIVES}{alone}; a semicolon goes before the next type")
        if key in said:
            raise ValueError(f"has {key} twice for {name}")
        try:
            said[key] = _read_seconds(value)
        except ValueError as error:
            raise ValueError(f'has "{directive}" for {name}: {key} {error}') from None
    return CacheControl(said.get("max-age"), said.get("stale-if-error"))

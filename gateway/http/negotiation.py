"""Which media type and content coding an answer takes, by the request's headers (RFC 9110, GraphQL over HTTP)."""

from __future__ import annotations

from functools import lru_cache

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"

_MOST_RANGES = 32


@lru_cache(maxsize=256)
def negotiate(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """The media type to answer with, or None when none of those on offer is acceptable.

    Args:
        accept: the header; None when it is missing, which accepts anything.
        offers: what the resource can be, the one for an undecided client first.
    """
    if accept is None or not accept.strip():
        return offers[0]
    ranges = _weighed(accept)
    best: tuple[float, int] | None = None
    chosen = None
    for place, offer in enumerate(offers):
        matching = [
            (specificity, quality, position)
            for position, (name, quality) in enumerate(ranges)
            if (specificity := _specificity(name, offer)) is not None
        ]
        if not matching:
            continue
        specificity, quality, position = max(matching, key=lambda match: match[0])
        # Among equals the client's order decides where it names the type itself, ours where it used a wildcard.
        rank = (quality, -position if specificity == 2 else -_MOST_RANGES - place)
        if quality > 0 and (best is None or rank > best):
            best, chosen = rank, offer
    return chosen


@lru_cache(maxsize=256)
def negotiate_coding(accept_encoding: str, offers: tuple[str, ...]) -> str | None:
    """The content coding to answer with, or None for none: the client takes none on offer, or likes none better.

    Args:
        accept_encoding: the header.
        offers: the codings there are, the best one first.
    """
    qualities = dict(reversed(_weighed(accept_encoding)))
    others = qualities.get("*", 0.0)
    best = max(offers, key=lambda offer: qualities.get(offer, others))
    quality = qualities.get(best, others)
    return best if quality > 0 and quality >= qualities.get("identity", 0.0) else None


def _weighed(header: str) -> list[tuple[str, float]]:
    """The names that a header lists, in lower case, and how much each is liked."""
    return [_weight(part) for part in header.split(",")[:_MOST_RANGES]]


def _weight(part: str) -> tuple[str, float]:
    name, *parameters = part.lower().split(";")
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    return name.strip(), quality


def _specificity(name: str, offer: str) -> int | None:
    if name == offer:
        return 2
    if name == offer.partition("/")[0] + "/*":
        return 1
    return 0 if name == "*/*" else None

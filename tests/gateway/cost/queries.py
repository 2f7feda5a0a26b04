"""Random queries over what makes calls, for Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

_PLAIN = {
    "Contact": ["displayName", "sourceId", "metrics { totalVisits }", "customFields { key }", "segments { name }"],
    "Event": ["type", "contactId", "location { id name }", "contact { id }", "cloud4wi { hotspotSourceId }"],
    "Segment": ["name", "size", "kind"],
    "Location": ["name", "timezone"],
    "Person": ["id", "truncated"],
}
_COSTLY = {
    "Contact": [
        "lastVisitedLocation { name timezone }",
        "segments { size }",
        "cloud4wi { devices }",
        "rechat { tags }",
    ],
    "Event": ["cloud4wi { hotspot { name } }", "location { timezone }"],
    "Segment": [],
    "Location": ["hotspots { name }"],
    "Person": ["segments { name size }"],
}
_LINKS = {
    "Contact": [("person", "Person"), ("counterparts", "Contact"), ("segments", "Segment"), ("location", "Location")],
    "Event": [("contact", "Contact"), ("location", "Location")],
    "Segment": [],
    "Location": [],
    "Person": [("contacts", "Contact")],
}
_PAGES = {
    "Query": [("events", "Event"), ("contacts", "Contact"), ("segments", "Segment"), ("locations", "Location")],
    "Contact": [("events", "Event")],
    "Event": [],
    "Segment": [("contacts", "Contact")],
    "Location": [("events", "Event"), ("contacts", "Contact")],
    "Person": [("events", "Event")],
}
_FILTERS = {
    "Event": ["types: [LOGIN, VISIT]", "types: [OTHER]", 'from: "2025-06-01T00:00:00Z"', 'to: "2025-06-01T00:00:00Z"'],
    "Contact": ["hasEmail: true", 'search: "ro"', 'createdFrom: "2025-01-01T00:00:00Z"'],
    "Segment": ['search: "a"'],
    "Location": ['search: "a"'],
}


@st.composite
def page(draw: st.DrawFn, name: str, rows: str, depth: int) -> str:
    """A connection with arguments and a selection."""
    size = draw(st.sampled_from([0, 1, 3, 20, 60, 200] if depth == 0 else [0, 1, 3]))
    given = [f"{draw(st.sampled_from(['first', 'last']))}: {size}"]
    if draw(st.integers(0, 3)) == 0:
        given.append(f"filter: {{{draw(st.sampled_from(_FILTERS[rows]))}}}")
    if rows in {"Event", "Contact"} and draw(st.booleans()):
        given.append("orderBy: {direction: ASC}")
    total = " totalCount" if draw(st.integers(0, 3)) == 0 else ""
    return f"{name}({', '.join(given)}) {{ nodes {{ {draw(fields(rows, depth + 1))} }}{total} }}"


@st.composite
def fields(draw: st.DrawFn, type_: str, depth: int) -> str:
    """A selection on a type; no name twice, so that it is valid."""
    chosen = [draw(st.sampled_from(_PLAIN[type_]))]
    if _COSTLY[type_]:
        chosen += draw(st.lists(st.sampled_from(_COSTLY[type_]), max_size=1))
    if depth < 3:
        for name, to in draw(_some(_LINKS[type_])):
            chosen.append(f"{name} {{ {draw(fields(to, depth + 1))} }}")
        for name, rows in draw(_some(_PAGES[type_])):
            chosen.append(draw(page(name, rows, depth)))
    return " ".join(f"a{depth}_{number}: {text}" for number, text in enumerate(chosen))


def _some(pairs: Sequence[tuple[str, str]]) -> st.SearchStrategy[list[tuple[str, str]]]:
    return st.lists(st.sampled_from(pairs), max_size=1) if pairs else st.just([])


@st.composite
def queries(draw: st.DrawFn) -> str:
    """A query of one or two connections."""
    roots = draw(st.lists(st.sampled_from(_PAGES["Query"]), min_size=1, max_size=2))
    return "{ " + " ".join(f"q{n}: {draw(page(name, rows, 0))}" for n, (name, rows) in enumerate(roots)) + " }"

"""The operations that are measured, and the variables that make each request of a run different.

An operation is written as this gateway takes it. A server with a schema of its own says in ``servers.py`` how it asks
for the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from benchmarks.upstream.data import CONTACTS, EVENTS, NEWEST, WINDOW, WINDOWS, Organization, written

Variables = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One kind of request.

    Attributes:
        name: as the table says it.
        about: what it asks for, in a few words.
        query: the document.
        variables: the variables of the request with a number; two numbers below ``variants`` make different ones.
            ``to`` is exclusive; ``id`` is the upstream's id of a contact; ``after`` is a cursor.
        variants: how many different requests there are.
        walking: a request takes its cursor from the answer before.
    """

    name: str
    about: str
    query: str
    variables: Callable[[Organization, int], Variables]
    variants: int
    walking: bool = False


CURSOR = "@after@"
"""Stands for the cursor in the variables of a walk; ``load.lua`` puts the real one there."""


def _before(newest_row: int) -> str:
    """An upper bound that a row is the first below."""
    return written(NEWEST - timedelta(minutes=newest_row) + timedelta(seconds=1))


def _window(organization: Organization, number: int) -> Variables:
    """The lower bound is open, so that a page of fifty has a next one."""
    return {"to": _before(WINDOW * number)}


def _contact(organization: Organization, number: int) -> Variables:
    return {"id": organization.contacts[number]["cid"]}


Q1 = Operation(
    "Q1",
    "50 events with 20 contacts and 5 locations",
    """query Q1($to: DateTime) {
  events(first: 50, filter: {to: $to}) {
    edges {
      cursor
      node {
        id type occurredAt
        location { id name timezone }
        contact { id firstName lastName email segments { id name } metrics { totalVisits } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}""",
    _window,
    WINDOWS - 1,
)

Q2R = Operation(
    "Q2r",
    "one contact, 15 scalar fields",
    """query Q2r($id: ID!) {
  contact(id: $id) {
    id source sourceId displayName firstName lastName email phone country language createdAt updatedAt
    cloud4wi { username gender zipCode }
  }
}""",
    _contact,
    CONTACTS,
)

Q3 = Operation("Q3", "the name of a type", "{ __typename }", lambda organization, number: {}, 1)

Q4 = Operation(
    "Q4",
    "1000 events, 7 fields each, with cursors",
    """query Q4($to: DateTime) {
  events(first: 1000, filter: {to: $to}) {
    edges { cursor node { id sourceId type rawType occurredAt localTime timezone } }
  }
}""",
    lambda organization, number: {"to": _before(number)},
    EVENTS - 2000,
)

WALK = Operation(
    "Walk",
    "20,000 events in pages of 100",
    """query Walk($to: DateTime, $after: String) {
  events(first: 100, after: $after, filter: {to: $to}) {
    edges { cursor node { id type occurredAt } }
    pageInfo { hasNextPage endCursor }
  }
}""",
    # Each client's walk begins at another event, so that no two are at the same place.
    lambda organization, number: {"to": _before(number * 7), "after": CURSOR},
    128,
    walking=True,
)

OPERATIONS: Sequence[Operation] = (Q1, Q2R, Q3, Q4, WALK)

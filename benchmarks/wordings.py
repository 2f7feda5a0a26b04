"""How each kind of server is asked for an operation, and how its answer is read as everybody's.

:class:`Own` is this gateway, :class:`ByHand` the hand-written Node servers, which take the same documents. Gateways
that are configured, not written, serve the upstream's own nesting (:class:`Nested`): they have no cursors, and names of
their own.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from benchmarks.operations import Operation, Variables
from benchmarks.upstream.data import written
from resolvers.ids import simple_id
from upstreams.records import Entity, Source

Json = dict[str, Any]


class Wording(Protocol):
    """How a server is spoken to."""

    @property
    def omits(self) -> frozenset[str]:
        """Fields that its answers do not have."""

    def request(self, operation: Operation, variables: Variables) -> Json:
        """The body of a request."""

    def data(self, operation: Operation, data: Json) -> Json:
        """``data`` of an answer in the shape that the operation has here."""


class Own:
    """This gateway."""

    omits = frozenset[str]()

    def request(self, operation: Operation, variables: Variables) -> Json:
        """The document as it is; a contact's global id."""
        if "id" in variables:
            variables = {**variables, "id": simple_id(Entity.CONTACT, Source.CLOUD4WI, variables["id"])}
        return {"query": operation.query, "variables": variables}

    def data(self, operation: Operation, data: Json) -> Json:
        """As it is."""
        return data


class ByHand(Own):
    """``peers/model.js``: the same documents, global ids as graphql-relay makes them."""

    def request(self, operation: Operation, variables: Variables) -> Json:
        """The document as it is; a contact's global id."""
        if "id" in variables:
            plain = f"Contact:{variables['id']}".encode()
            variables = {**variables, "id": urlsafe_b64encode(plain).decode().rstrip("=")}
        return {"query": operation.query, "variables": variables}


_CONTACT = "customers { cid firstName lastName email segments { cid name } metrics { countTotalVisits } }"
_WHOLE_CONTACT = (
    "customers { cid firstName lastName email phone country language created modified "
    "username gender zipCode organizationCid locationCid type }"
)


@dataclass(frozen=True)
class Nested:
    """A gateway that serves the upstream's nesting.

    Attributes:
        events: how it asks for events: the field, with ``SIZE`` for the number of rows and ``AFTER`` for what asks for
            the next page.
        location: the selection below an event's location.
    """

    events: str
    location: str
    omits: frozenset[str] = frozenset({"cursor", "pageInfo"})

    def request(self, operation: Operation, variables: Variables) -> Json:
        """A document of its own."""
        if "to" in variables:
            last = datetime.fromisoformat(variables["to"].removesuffix("Z")) - timedelta(seconds=1)
            variables = {**variables, "to": written(last)}
        rows = {
            "Q1": f"event {{ id type }} when {{ createdAt }} location {{ {self.location} }} contact {{ {_CONTACT} }}",
            "Q4": "event { id type } when { createdAt createdAtLocal timezone }",
            "Walk": "event { id type } when { createdAt }",
        }
        match operation.name:
            case "Q2r":
                query = f"query ($id: String!) {{ contact(id: $id) {{ {_WHOLE_CONTACT} }} }}"
            case "Q3":
                query = operation.query
            case name:
                query = self._events(name, rows[name])
        return {"query": query, "variables": variables}

    def _events(self, name: str, row: str) -> str:
        size = {"Q1": "50", "Q4": "1000", "Walk": "100"}[name]
        field = self.events.replace("SIZE", size).replace("AFTER", "$after" if name == "Walk" else "null")
        after = ", $after: String" if name == "Walk" else ""
        return f"query ($to: String!{after}) {{ events{field} {{ scrollId events {{ {row} }} }} }}"

    def data(self, operation: Operation, data: Json) -> Json:
        """What a client would make of it."""
        if operation.name == "Q3":
            return data
        if operation.name == "Q2r":
            return {"contact": _contact(data["contact"]["customers"][0])}
        read = _ROWS[operation.name]
        return {"events": {"edges": [{"node": read(row)} for row in data["events"]["events"]]}}


def _event(row: Json) -> Json:
    return {"id": row["event"]["id"], "type": row["event"]["type"].upper(), "occurredAt": row["when"]["createdAt"]}


def _joined(row: Json) -> Json:
    contact = row["contact"]["customers"][0]
    return {
        **_event(row),
        "location": row["location"].get("location", row["location"]),
        "contact": {
            "id": contact["cid"],
            "firstName": contact["firstName"],
            "lastName": contact["lastName"],
            "email": contact["email"],
            "segments": [{"id": segment["cid"], "name": segment["name"]} for segment in contact["segments"]],
            "metrics": {"totalVisits": contact["metrics"]["countTotalVisits"]},
        },
    }


def _plain(row: Json) -> Json:
    return {
        **_event(row),
        "sourceId": row["event"]["id"],
        "rawType": row["event"]["type"],
        "localTime": row["when"]["createdAtLocal"].removesuffix("Z"),
        "timezone": row["when"]["timezone"],
    }


_ROWS: Mapping[str, Callable[[Json], Json]] = {"Q1": _joined, "Q4": _plain, "Walk": _event}


def _contact(row: Json) -> Json:
    return {
        "id": row["cid"],
        "source": "CLOUD4WI",
        "sourceId": row["cid"],
        "displayName": f"{row['firstName']} {row['lastName']}",
        **{name: row[name] for name in ("firstName", "lastName", "email", "phone", "language")},
        "country": row["country"].upper(),
        "createdAt": row["created"],
        "updatedAt": row["modified"],
        "cloud4wi": {name: row[name] for name in ("username", "gender", "zipCode")},
    }

"""Cloud4Wi's data set in SQLite: making it, reading it whole (tests compare with that), changing it while it runs."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from importlib import resources
from typing import Any

import orjson

from sandbox.clock import SECOND, instant, wall, written
from sandbox.cloud4wi.contacts import contacts as make_contacts
from sandbox.cloud4wi.history import history
from sandbox.cloud4wi.places import IVAN_HOME, ORGANIZATION, Places
from sandbox.cloud4wi.places import places as make_places
from sandbox.people import Person
from sandbox.store import ALIVE, Listing, Store

Json = dict[str, Any]

_TABLES = """
CREATE TABLE c4w_events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, customer TEXT NOT NULL,
    utc INTEGER NOT NULL, local INTEGER NOT NULL, born INTEGER NOT NULL, died INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE TABLE c4w_contacts (
    seq INTEGER PRIMARY KEY, cid TEXT NOT NULL, person TEXT, created INTEGER NOT NULL, modified INTEGER NOT NULL,
    location TEXT, segments TEXT NOT NULL, born INTEGER NOT NULL, died INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE TABLE c4w_lists (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL);
"""
_INDEXES = """
CREATE INDEX c4w_events_utc ON c4w_events (utc);
CREATE INDEX c4w_events_local ON c4w_events (local);
CREATE INDEX c4w_events_customer ON c4w_events (customer, utc);
CREATE INDEX c4w_events_id ON c4w_events (id);
CREATE INDEX c4w_contacts_cid ON c4w_contacts (cid);
CREATE INDEX c4w_contacts_created ON c4w_contacts (created);
"""
_INSERT_EVENT = "INSERT INTO c4w_events (id, type, customer, utc, local, born, died, doc) VALUES (?,?,?,?,?,?,?,?)"
_INSERT_CONTACT = (
    "INSERT INTO c4w_contacts (cid, person, created, modified, location, segments, born, died, doc) "
    "VALUES (?,?,?,?,?,?,?,?,?)"
)


def published(name: str) -> list[Json]:
    """The examples of Cloud4Wi's own documents: ``contacts`` or ``events``, row for row."""
    text = resources.files("sandbox.cloud4wi").joinpath("published", f"{name}.json").read_bytes()
    rows: list[Json] = orjson.loads(text)["customers" if name == "contacts" else name]
    return rows


def _event_row(event: Json, version: int) -> tuple[Any, ...]:
    times, what = event["when"], event["event"]
    utc, local = instant(times["createdAt"]), instant(times["createdAtLocal"])
    return what["id"], what["type"], event["customerId"], utc, local, version, ALIVE, orjson.dumps(event).decode()


def _contact_row(contact: Json, person: str | None, version: int) -> tuple[Any, ...]:
    segments = "".join(f",{segment['cid']}," for segment in contact["segments"])
    created, modified = instant(contact["created"]), instant(contact["modified"])
    document = orjson.dumps(contact).decode()
    return contact["cid"], person, created, modified, contact["locationCid"], segments, version, ALIVE, document


class _Visits:
    """Adds up what a contact's ``metrics`` and log-ins say, while its events go by."""

    def __init__(self) -> None:
        self.minutes: list[int] = []
        self.venues: dict[str, int] = defaultdict(int)
        self.last: Json | None = None
        self.logins: list[str] = []

    def add(self, event: Json) -> None:
        """Takes one event of the contact."""
        if event["event"]["type"] == "login":
            self.logins.append(event["when"]["createdAt"])
        elif event["event"]["type"] == "visit":
            self.minutes.append(event["event"]["visit"]["duration"])
            self.venues[event["where"]["locationId"]] += 1
            if self.last is None or self.last["when"]["createdAt"] < event["when"]["createdAt"]:
                self.last = event

    def metrics(self) -> Json | None:
        """The ``metrics`` object; None for a contact that never visited."""
        if self.last is None:
            return None
        top = max(sorted(self.venues), key=self.venues.__getitem__)
        local = self.last["when"]["createdAtLocal"]
        hour, count = int(local[11:13]), len(self.minutes)
        return {
            "frequencyMonthlyVisit": count / 18,
            "compassTopLocation": top,
            "compassTopLocationCount": self.venues[top],
            "topFrequencyBuckets": "weekly" if count > 40 else "monthly" if count > 9 else "rarely",
            "lastVisitVenue": self.last["where"]["locationId"],
            "prefVisitWDay": count % 7 + 1,
            "lastVisitDateUtc": self.last["when"]["createdAt"],
            "avgVisitLength": sum(self.minutes) / count,
            "countVisitedLocations": len(self.venues),
            "prefVisitTimebucket": "morning" if hour < 12 else "afternoon" if hour < 18 else "evening",
            "prefVisitTimeHour": str(hour),
            "lastVisitDateBusiness": local,
            "countTotalVisits": count,
            "conversionRate": round(min(1.0, len(self.logins) / count), 4),
            "avgDaysBetweenVisits": round(548 / count, 4),
        }


class Cloud4WiData:
    """Everything the service knows, and the oracle's view of it.

    Attributes:
        places: the organization's locations, hotspots, segments and geofences.
    """

    def __init__(self, store: Store, places: Places) -> None:
        self._store = store
        self._made = 0
        self.places = places

    @classmethod
    def make(
        cls, store: Store, people: list[Person], seed: int, events: int, burst: int, examples: bool
    ) -> Cloud4WiData:
        """Fills ``store``: a contact for each of ``people`` and ``events`` events, the published examples among them.

        Args:
            burst: so many events more than by chance stand at one instant.
            examples: whether the published contact and events are part of the data.
        """
        self = cls(store, make_places(seed))
        store.connection.executescript(_TABLES)
        rows = published("events") if examples else []
        contacts = make_contacts(people, self.places, seed)
        visits: dict[str, _Visits] = defaultdict(_Visits)

        def recorded() -> Iterable[tuple[Any, ...]]:
            for event in history(self.places, contacts, seed, max(0, events - len(rows)), burst):
                visits[event["customerId"]].add(event)
                yield _event_row(event, store.version)
            yield from (_event_row(event, store.version) for event in rows)

        store.fill(_INSERT_EVENT, recorded())
        for contact in contacts:
            seen = visits[contact["cid"]]
            contact["metrics"], contact["logins"] = seen.metrics(), len(seen.logins)
            if seen.logins:
                last = instant(max(seen.logins)) // SECOND * SECOND
                contact["lastLogin"] = written(last)[:-1] + ".000Z"
        known = [(contact, person.id) for contact, person in zip(contacts, people, strict=True)]
        store.fill(_INSERT_CONTACT, (_contact_row(contact, person, store.version) for contact, person in known))
        if examples:
            store.fill(
                _INSERT_CONTACT, (_contact_row(contact, None, store.version) for contact in published("contacts"))
            )
        self._fill_lists()
        store.connection.executescript(_INDEXES)
        return self

    def _fill_lists(self) -> None:
        place = self.places
        lists = {
            "segments": place.segments,
            "locations": tuple(location.record for location in place.locations),
            "hotspots": place.hotspots,
        }
        rows = [(kind, row["id"], orjson.dumps(row).decode()) for kind, records in lists.items() for row in records]
        self._store.fill("INSERT INTO c4w_lists (kind, id, doc) VALUES (?,?,?)", rows)

    # -- reading whole: for tests ------------------------------------------------------------------

    def events(self, customer: str | None = None, types: Iterable[str] | None = None) -> list[Json]:
        """All events alive, by instant, then id by code point."""
        where, values = ("customer = ?", (customer,)) if customer is not None else ("1", ())
        docs = self._store.documents(Listing("c4w_events", "utc", False, where, values))
        wanted = None if types is None else set(types)
        rows = [orjson.loads(doc) for doc in docs]
        rows = [row for row in rows if wanted is None or row["event"]["type"] in wanted]
        return sorted(rows, key=lambda row: (instant(row["when"]["createdAt"]), row["event"]["id"]))

    def contacts(self) -> list[Json]:
        """All contacts alive, by ``created``, then ``cid`` by code point."""
        rows = [orjson.loads(doc) for doc in self._store.documents(Listing("c4w_contacts", "created", False))]
        return sorted(rows, key=lambda row: (instant(row["created"]), row["cid"]))

    def contact(self, cid: str) -> Json | None:
        """One contact alive."""
        docs = self._store.documents(Listing("c4w_contacts", "created", False, "cid = ?", (cid,)))
        return orjson.loads(docs[0]) if docs else None

    def person(self, cid: str) -> str | None:
        """Which person of :mod:`sandbox.people` the contact is; None when nobody's."""
        row = self._store.connection.execute("SELECT person FROM c4w_contacts WHERE cid = ?", (cid,)).fetchone()
        return None if row is None else row[0]

    def made(self, limit: int) -> list[tuple[str, Json]]:
        """The first ``limit`` persons' contacts as they were when the data was made, each with its person."""
        sql = "SELECT person, doc FROM c4w_contacts WHERE person IS NOT NULL AND born = 1 ORDER BY seq LIMIT ?"
        return [(person, orjson.loads(doc)) for person, doc in self._store.connection.execute(sql, (limit,))]

    def segments(self) -> list[Json]:
        """All segments; ``audience`` is the number of contacts in each now."""
        members: dict[str, int] = defaultdict(int)
        for (cids,) in self._store.connection.execute("SELECT segments FROM c4w_contacts WHERE died = ?", (ALIVE,)):
            for cid in cids.strip(",").split(",,"):
                members[cid] += 1
        return [{**segment, "audience": members[segment["id"]]} for segment in self._list("segments")]

    def locations(self) -> list[Json]:
        """All locations, in the order the service lists them."""
        return self._list("locations")

    def hotspots(self) -> list[Json]:
        """All hotspots, in the order the service lists them."""
        return self._list("hotspots")

    def _list(self, kind: str) -> list[Json]:
        rows = self._store.connection.execute("SELECT doc FROM c4w_lists WHERE kind = ? ORDER BY seq", (kind,))
        return [orjson.loads(doc) for (doc,) in rows]

    # -- changing while it runs --------------------------------------------------------------------

    def make_event(
        self, at: str, customer: str | None = None, kind: str = "login", location: str | None = None, **detail: Any
    ) -> Json:
        """A believable event that is not in the data yet, for :meth:`insert_event`.

        Args:
            at: its instant, ``2026-01-31T10:00:00Z``.
            customer: a contact; default: the published one's.
            location: a location's id; default: the published one's.
            detail: the type's sub-object, such as ``promo={"type": "cta"}``.
        """
        self._made += 1
        draw = random.Random(f"made:{self._made}")  # noqa: S311 - a data set, no secret
        lid = location or IVAN_HOME
        place = next(place for place in self.places.locations if place.record["id"] == lid)
        local = written(wall(instant(at), place.zone))
        return {
            "organizationId": ORGANIZATION,
            "customerId": customer or published("contacts")[0]["cid"],
            "event": {"type": kind, "id": f"{draw.getrandbits(128):032x}l", **detail},
            "where": {"locationId": lid, "locationName": place.record["name"], "hotspotId": place.hotspots[0]},
            "when": {"createdAt": at, "createdAtLocal": local, "timezone": place.zone.key},
        }

    def insert_event(self, *events: Json) -> None:
        """Adds events as one change."""
        version = self._store.next_version()
        self._store.fill(_INSERT_EVENT, [_event_row(event, version) for event in events])

    def delete_event(self, *ids: str) -> int:
        """Deletes events by id as one change; says how many there were."""
        return self._die("c4w_events", "id", ids)

    def insert_contact(self, *contacts: Json) -> None:
        """Adds contacts as one change."""
        version = self._store.next_version()
        self._store.fill(_INSERT_CONTACT, [_contact_row(contact, None, version) for contact in contacts])

    def delete_contact(self, *cids: str) -> int:
        """Deletes contacts, not their events; says how many there were."""
        return self._die("c4w_contacts", "cid", cids)

    def replace_contact(self, contact: Json) -> None:
        """Puts a new version of a contact in the place of the one with its ``cid``."""
        person = self.person(contact["cid"])
        self.delete_contact(contact["cid"])
        self._store.fill(_INSERT_CONTACT, [_contact_row(contact, person, self._store.version)])

    def _die(self, table: str, column: str, ids: Iterable[str]) -> int:
        version = self._store.next_version()
        sql = f"UPDATE {table} SET died = ? WHERE {column} = ? AND died = ?"  # noqa: S608 - own text
        return sum(self._store.connection.execute(sql, (version, one, ALIVE)).rowcount for one in ids)

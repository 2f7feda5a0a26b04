"""The stub upstream: both makes of it answer alike, and the gateway takes it for Cloud4Wi."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from benchmarks.operations import OPERATIONS, Operation
from benchmarks.profiling import Caller, requests
from benchmarks.upstream.data import ORGANIZATION, Organization, make
from benchmarks.upstream.process import TOKEN, Stub, c_compiler, stub
from gateway.app import build_app
from gateway.settings import read_settings

EVENTS = f"/v1/organizations/{ORGANIZATION}/events"
BOUNDS = "dateStart=2026-10-30T12%3A00%3A00Z&dateEnd=2026-10-30T12:04:30Z"


@pytest.fixture(scope="module")
def organization() -> Organization:
    """The data, made once."""
    return make()


@pytest.fixture(scope="module")
def stubs(organization: Organization, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stub]]:
    """The stub in Python and the one in C."""
    compiler = c_compiler() or pytest.skip("needs a C compiler")
    with (
        stub(organization, tmp_path_factory.mktemp("python"), None, None) as python,
        stub(organization, tmp_path_factory.mktemp("c"), None, compiler) as compiled,
    ):
        yield {"python": python, "c": compiled}


def get(of: Stub, path: str, token: str = TOKEN) -> tuple[int, bytes]:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", of.port, timeout=10)
    try:
        connection.request("GET", path, headers={"authorization": f"Bearer {token}"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "instants"),
    [
        ("size=2&sortReverse=true", ["2026-10-31T12:00:00Z", "2026-10-31T11:59:00Z"]),
        (f"size=9&sortReverse=true&{BOUNDS}", [f"2026-10-30T12:0{minute}:00Z" for minute in (4, 3, 2, 1, 0)]),
        (f"size=2&sortReverse=false&{BOUNDS}", ["2026-10-30T12:00:00Z", "2026-10-30T12:01:00Z"]),
        ("size=2&sortReverse=true&dateEnd=2020-01-01T00:00:00Z", []),
        ("size=2&sortReverse=true&dateStart=2027-01-01T00:00:00Z", []),
    ],
)
def test_events_lie_within_their_bounds_and_in_their_order(
    stubs: dict[str, Stub], path: str, instants: list[str]
) -> None:
    answers = [get(one, f"{EVENTS}?{path}") for one in stubs.values()]
    assert answers[0] == answers[1]
    assert [row["when"]["createdAt"] for row in orjson.loads(answers[0][1])["events"]] == instants


@pytest.mark.parametrize("reverse", ["true", "false"])
def test_a_scroll_leads_through_all_events_once(stubs: dict[str, Stub], reverse: str) -> None:
    for one in stubs.values():
        path = f"{EVENTS}?size=3000&sortReverse={reverse}&enableScroll=true"
        found: list[str] = []
        scroll = ""
        while True:
            answer = orjson.loads(get(one, path + scroll)[1])
            if not answer["events"]:
                assert "scrollId" not in answer
                break
            found += [row["event"]["id"] for row in answer["events"]]
            scroll = f"&scrollId={answer['scrollId']}"
        assert len(found) == len(set(found)) == 20_000


def test_both_answer_alike(stubs: dict[str, Stub], organization: Organization) -> None:
    contact, location = organization.contacts[77]["cid"], organization.locations[2]["id"]
    paths = (
        f"/v2/customers/{contact}",
        "/v2/customers/nobody",
        f"/v1/locations/{location}",
        f"/v1/organizations/{ORGANIZATION}/locations",
        f"/v2/segments/organizations/{ORGANIZATION}",
        "/nothing",
    )
    answers = []
    for one in stubs.values():
        one.reset()
        answers.append([*(get(one, path) for path in paths), get(one, paths[0], token="wrong")])
    assert answers[0] == answers[1]
    assert [status for status, _ in answers[0]] == [200, 404, 200, 200, 200, 404, 401]
    expected = {"contact": 2, "location": 1, "locations": 1, "segments": 1, "other": 2}
    assert {name: one.calls() for name, one in stubs.items()} == {"python": expected, "c": expected}


@pytest.mark.parametrize(
    ("operation", "calls"),
    [
        ("Q1", {"events": 1, "contact": 20, "locations": 1}),
        ("Q2r", {"contact": 1}),
        ("Q3", {}),
        ("Q4", {"events": 1}),
        ("Walk", {"events": 1}),
    ],
)
async def test_the_gateway_takes_it_for_cloud4wi(
    stubs: dict[str, Stub], organization: Organization, tmp_path: Path, operation: str, calls: dict[str, int]
) -> None:
    settings = read_settings(
        {
            "CLOUD4WI_URL": stubs["python"].url,
            "CLOUD4WI_CLIENT_KEY": "stub-key",
            "CLOUD4WI_CLIENT_SECRET": "stub-secret",
            "CLOUD4WI_ORGANIZATION": ORGANIZATION,
            "GATEWAY_STATE_DIR": str(tmp_path),
        }
    )
    app = build_app(settings)
    async with app.router.lifespan_context(app):
        stubs["python"].reset()
        answer = orjson.loads(await Caller(app, "")(requests(named(operation), organization)[0]))
        assert "errors" not in answer
        assert stubs["python"].calls() == calls


def named(name: str) -> Operation:
    """An operation by its name."""
    return next(operation for operation in OPERATIONS if operation.name == name)

"""What stands beside the data of an answer."""

from __future__ import annotations

from gateway.app import build_app
from gateway.http.extensions import stale, trace
from gateway.settings import read_settings
from sandbox.app import Sandbox
from tests.gateway.support import ask, post
from tests.schema.harness import credentials
from upstreams.http.breaker import FEWEST
from upstreams.http.scope import Call
from upstreams.records import Source

R = Source.RECHAT


def test_only_what_stood_in_has_an_age() -> None:
    lines = trace([Call(R, "tags", 200, 0.1), Call(R, "tags", 200, 0.0, cached=True, age=7.00049)])
    assert ["ageSeconds" in line for line in lines] == [False, True]
    assert lines[1] == {
        "source": "RECHAT",
        "operation": "tags",
        "status": 200,
        "durationMs": 0.0,
        "shared": False,
        "cached": True,
        "ageSeconds": 7.0,
    }


def test_what_stood_in_is_told_once_and_at_its_oldest() -> None:
    calls = [
        Call(R, "tags", 200, 0.1),
        Call(R, "contact", 200, 0.0, cached=True, age=3.0),
        Call(R, "contact", 200, 0.0, cached=True, age=9.0),
        Call(R, "lists", 200, 0.0, cached=True, age=0.0),
    ]
    assert stale(calls) == [
        {"source": "RECHAT", "operation": "contact", "ageSeconds": 9.0},
        {"source": "RECHAT", "operation": "lists", "ageSeconds": 0.0},
    ]
    assert stale(calls[:1]) == []


async def test_readiness_says_which_source_is_left_alone(box: Sandbox) -> None:
    app = build_app(read_settings(credentials(box, R) | {"GATEWAY_UPSTREAM_RETRIES": "0"}))
    async with app.router.lifespan_context(app):
        assert (await ask(app, "GET", path="/health/ready")).json["sources"] == {"RECHAT": {"state": "HEALTHY"}}
        box.faults.add("rechat.*", "status", status=503)
        for _ in range(FEWEST):
            await post(app, "{ segmentOptions }")
        answer = await ask(app, "GET", path="/health/ready")
    assert answer.status == 200
    told = answer.json["sources"]["RECHAT"]
    assert (told["state"], told["circuit"]) == ("DOWN", "OPEN")


async def test_a_client_is_told_that_an_answer_is_old(box: Sandbox) -> None:
    environment = credentials(box, R) | {
        "GATEWAY_STALE_IF_ERROR": "1h",
        "GATEWAY_LIST_TTL": "0",
        "GATEWAY_UPSTREAM_RETRIES": "0",
    }
    app = build_app(read_settings(environment))
    async with app.router.lifespan_context(app):
        fresh = (await post(app, "{ segments { nodes { name } } }")).json
        box.faults.add("rechat.*", "status", status=503)
        old = (await post(app, "{ segments { nodes { name } } }", headers={"x-contactgraph-trace": "1"})).json
    assert fresh["extensions"].keys() == {"cost"}
    assert old["data"] == fresh["data"]
    assert "errors" not in old
    told = old["extensions"]["stale"]
    assert {(each["source"], each["operation"]) for each in told} == {("RECHAT", "tags"), ("RECHAT", "lists")}
    assert all(each["ageSeconds"] >= 0 for each in told)
    assert {line["operation"] for line in old["extensions"]["upstream"] if "ageSeconds" in line} == {"tags", "lists"}
    assert old["extensions"]["cost"]["actual"] == fresh["extensions"]["cost"]["actual"]

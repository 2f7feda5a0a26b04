"""Schemathesis, which makes operations out of the schema, over all of it against a running gateway and its sandbox.

``CONTACTGRAPH_FUZZ=5000`` tries so many operations of queries and of mutations each, instead of the few for a build.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from tests.abuse.target import codes_of
from tests.gateway.test_cli import CONTACTGRAPH, ROOT, environment

EXAMPLES = int(os.environ.get("CONTACTGRAPH_FUZZ", "80"))
GENEROUS = {"GATEWAY_MAX_DEPTH": "100", "GATEWAY_MAX_COST": "20000", "GATEWAY_MAX_ALIASES": "1000"}
"""Limits of which operations out of a machine are not all over."""

IDS = "{ " + " ".join(f"{kind}(first: 6) {{ nodes {{ id }} }}" for kind in ("contacts", "events", "segments")) + " }"


def teach(ids: list[str]) -> None:
    """Tell schemathesis what scalars look like: now and then as the gateway likes them, else of any kind."""
    text = {
        "ID": st.sampled_from(ids) | st.text(),
        "DateTime": st.datetimes().map(lambda instant: f"{instant.isoformat(timespec='seconds')}Z") | st.text(),
        "LocalDateTime": st.datetimes().map(lambda instant: instant.isoformat(timespec="seconds")) | st.text(),
        "JSON": st.text(),
        "Upload": st.text(),
    }
    for name, strategy in text.items():
        schemathesis.graphql.scalar(name, strategy.map(nodes.String))
    whole = st.integers(0, 12) | st.integers(-(2**31), 2**31 - 1)
    schemathesis.graphql.scalar("Int", whole.map(nodes.Int))


@contextmanager
def running() -> Iterator[str]:
    """The demo, so that both ends are there; what is yielded is the URL of the API."""
    process = subprocess.Popen(
        [*CONTACTGRAPH, "demo", "--port", "0", "--contacts", "12", "--events", "40"],
        env=environment(GENEROUS),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Contactgraph is ready at "), line
        yield line.split()[-1]
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("root", ["Query", "Mutation"])
def test_no_operation_is_a_bug(root: str) -> None:
    told: Counter[str] = Counter()
    with running() as url, requests.Session() as session:
        found = session.post(url, json={"query": IDS}).json()["data"]
        teach([node["id"] for kind in found.values() for node in kind["nodes"]])
        schema = schemathesis.graphql.from_url(url)
        operations = st.one_of(
            *(each.ok().as_strategy() for each in schema.get_all_operations() if each.ok().label.startswith(root))
        )

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operations)
        def ask(case: schemathesis.Case) -> None:
            answer = session.post(url, json={"query": case.body})
            assert answer.status_code < 500, case.body
            told.update(codes_of(answer.json()) or ["answered"])

        ask()
        assert session.get(url.replace("/graphql", "/health/ready")).status_code == 200
    assert told["answered"] > EXAMPLES // 20, told

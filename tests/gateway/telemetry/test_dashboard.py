"""The Grafana dashboard asks for metrics and labels that there are: each expression is parsed and held against them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.lifecycle import Lifecycle
from gateway.telemetry.metrics import Labelled, Metrics, SharedStateMetrics
from gateway.telemetry.process import Process

DASHBOARD = Path(__file__).parents[3] / "ops" / "grafana" / "contactgraph.json"
GIVEN_BY_PROMETHEUS = {"instance", "job"}


def expressions() -> list[tuple[str, str, str]]:
    """Panel, expression with Grafana's variables filled in, and legend."""
    found = []
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            text = target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")
            assert "$" not in text, text
            found.append((panel["title"], text, target["legendFormat"]))
    return found


def samples() -> dict[str, set[str]]:
    """The names of all samples that a gateway has, with their labels: each labelled metric has a child here."""
    metrics = Metrics()
    shared = SharedStateMetrics(metrics.registry)
    shared.operation("lease_take", "ok")
    for metric in vars(metrics).values():
        if isinstance(metric, Labelled):
            assert metric[tuple(f"some {name}" for name in metric.names)] is not None
    text = Process(metrics, Lifecycle(), {}, {}, None).exposition().decode()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def selectors(node: Any) -> Iterator[Any]:
    """The vector selectors of an expression."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("expr", "lhs", "rhs", "vector_selector", "param"):
        if (child := getattr(node, name, None)) is not None and not isinstance(child, str):
            yield from selectors(child)
    for child in getattr(node, "args", None) or ():
        yield from selectors(child)


@pytest.mark.parametrize(("panel", "text", "legend"), expressions())
def test_each_expression_finds_something(panel: str, text: str, legend: str) -> None:
    known = samples()
    parsed = promql_parser.parse(text)
    found = list(selectors(parsed))
    assert len(found) == len(re.findall(r"contactgraph_\w+", text)), "every metric of the text is looked at"
    labels = set(GIVEN_BY_PROMETHEUS)
    for selector in found:
        assert selector.name in known, f"{panel}: {selector.name}"
        own = known[selector.name] | GIVEN_BY_PROMETHEUS
        assert {matcher.name for matcher in selector.matchers.matchers} <= own, panel
        labels |= own
    for group in re.findall(r"(?:by|on|ignoring) \(([^)]*)\)", text):
        assert {name.strip() for name in group.split(",")} <= labels, panel
    assert set(re.findall(r"{{(\w+)}}", legend)) <= labels, panel


def test_a_histogram_is_asked_for_its_buckets_and_a_counter_for_its_rate() -> None:
    known = samples()
    for panel, text, _ in expressions():
        for name in re.findall(r"contactgraph_\w+", text):
            assert known[name] >= ({"le"} if name.endswith("_bucket") else set()), panel
            if name.endswith(("_total", "_bucket")):
                assert f"rate({name}" in text, panel


def test_every_metric_is_shown() -> None:
    """What nobody looks at is not worth being counted."""
    text = DASHBOARD.read_text()
    names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in samples()}
    assert {name for name in names if name not in text} == set()

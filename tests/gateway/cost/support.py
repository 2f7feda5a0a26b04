"""Estimates of queries, without anything behind them."""

from __future__ import annotations

from typing import Any

from graphql import OperationDefinitionNode, parse, validate
from graphql.execution.values import get_variable_values

from gateway.cost import Config, Costs, Estimate
from schema.build import build_schema
from upstreams.records import Source

SCHEMA = build_schema()._schema
CLOUD4WI = Config((Source.CLOUD4WI,))
ALL = Config(tuple(Source))


def estimate(text: str, variables: dict[str, Any] | None = None, config: Config = CLOUD4WI) -> Estimate:
    """What a valid operation costs at worst."""
    document = parse(text)
    assert validate(SCHEMA, document) == []
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    values = get_variable_values(SCHEMA, operation.variable_definitions or (), variables or {})
    assert not isinstance(values, list), values
    return Costs(SCHEMA, config).estimate(document, operation, values)

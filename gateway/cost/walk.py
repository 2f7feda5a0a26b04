"""Going over an operation and charging what each field costs at worst."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    VariableNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_composite_type,
    is_interface_type,
    is_object_type,
)

from gateway.cost import rules
from gateway.cost.ledger import Estimate, Ledger
from gateway.cost.table import TABLE, Rule, Write
from gateway.cost.visit import Bag, Config, Visit
from gateway.limits import check_lists

_EVENT = "Event"


@dataclass(frozen=True, slots=True)
class _Selection:
    """Fields of one name and with equal arguments; equal reads of a request are one."""

    name: str
    definition: GraphQLField
    arguments: dict[str, Any]
    key: str
    nodes: list[SelectionNode] = field(default_factory=list)


class Costs:
    """Works out what operations on a schema cost.

    Attributes:
        config: the gateway's.
    """

    def __init__(self, schema: GraphQLSchema, config: Config) -> None:
        self.schema = schema
        self.config = config

    def estimate(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Any,
        unknown: frozenset[str] = frozenset(),
    ) -> Estimate:
        """What an operation costs at worst.

        Args:
            document: valid, with the operation and its fragments.
            operation: which.
            variables: coerced, as graphql-core holds them.
            unknown: variables whose value is not known, so that what they skip or include counts.

        Raises:
            TooComplex: a list of an argument is longer than it may be.
        """
        root = self.schema.get_root_type(operation.operation)
        if root is None:
            return Ledger().estimate()
        walk = _Walk(self, document, variables, unknown)
        walk.start(root.name, operation)
        return walk.ledger.estimate()


class _Walk:
    def __init__(self, costs: Costs, document: DocumentNode, variables: Any, unknown: frozenset[str]) -> None:
        self.costs = costs
        self.ledger = Ledger()
        self._schema = costs.schema
        self._variables = variables
        self._unknown = unknown
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def start(self, root: str, operation: OperationDefinitionNode) -> None:
        bag = Bag(type=root, count=1, group=self.ledger.group(), sources=self.costs.config.sources, contacts=1)
        change = operation.operation is OperationType.MUTATION
        for selection in self._collect(root, list(operation.selection_set.selections)):
            if change:
                self.ledger.forget_lists()
            self._visit(replace(bag, group=self.ledger.group()), selection, "", Write() if change else None)

    def _below(self, bag: Bag, nodes: list[SelectionNode], path: str) -> None:
        for selection in self._collect(bag.type, nodes):
            self._visit(bag, selection, path, None)

    def _visit(self, bag: Bag, selection: _Selection, path: str, rule: Rule | None) -> None:
        named = get_named_type(selection.definition.type)
        kind = _EVENT if self._is_event(named.name) else named.name
        rule = rule or TABLE.get(f"{bag.type}.{selection.name}")
        composite = is_composite_type(named)
        if rule is None and not composite:
            return
        path = f"{path}.{selection.name}" if path else selection.name
        visit = Visit(
            self.costs.config,
            self.ledger,
            bag,
            selection.arguments,
            path,
            frozenset(self._names(selection.nodes, set())),
            kind,
            "[" in str(selection.definition.type),
        )
        for below in rules.apply(rule, visit):
            if below.count and composite:
                self._below(below, selection.nodes, path)

    def _is_event(self, name: str) -> bool:
        type_ = self._schema.type_map.get(name)
        return is_object_type(type_) and any(interface.name == _EVENT for interface in type_.interfaces)

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            kind = {"skip": GraphQLSkipDirective, "include": GraphQLIncludeDirective}.get(directive.name.value)
            if kind is None:
                continue
            given = directive.arguments[0].value if directive.arguments else None
            if isinstance(given, VariableNode) and given.name.value in self._unknown:
                continue
            values = get_directive_values(kind, node, self._variables)
            if values is not None and values["if"] is (kind is GraphQLSkipDirective):
                return False
        return True

    def _fields(
        self, parent: str, nodes: Sequence[SelectionNode], seen: set[tuple[str, str]]
    ) -> Iterator[tuple[str, FieldNode]]:
        """The fields of selections that objects of a type can have, each with the type it is a field of.

        A fragment counts once at a place, as it does when it is executed.
        """
        for node in nodes:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield parent, node
            elif isinstance(node, InlineFragmentNode):
                on = node.type_condition.name.value if node.type_condition else parent
                if self._can_be(parent, on):
                    yield from self._fields(on, node.selection_set.selections, seen)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                on = fragment.type_condition.name.value
                if self._can_be(parent, on) and (on, node.name.value) not in seen:
                    seen.add((on, node.name.value))
                    yield from self._fields(on, fragment.selection_set.selections, seen)

    def _can_be(self, parent: str, on: str) -> bool:
        if parent == on:
            return True
        ours, theirs = (cast(GraphQLCompositeType, self._schema.type_map[name]) for name in (parent, on))
        if is_interface_type(theirs) or is_interface_type(ours):
            mine = set(self._possible(ours))
            return any(name in mine for name in self._possible(theirs))
        return False

    def _possible(self, type_: GraphQLCompositeType) -> list[str]:
        if is_object_type(type_):
            return [type_.name]
        return [possible.name for possible in self._schema.get_possible_types(cast(Any, type_))]

    def _collect(self, parent: str, nodes: Sequence[SelectionNode]) -> list[_Selection]:
        """The fields below a place, those that ask for the same together."""
        found: dict[str, _Selection] = {}
        for on, node in self._fields(parent, nodes, set()):
            name = node.name.value
            holder = cast(GraphQLCompositeType, self._schema.type_map[on])
            definition = self._schema.get_field(holder, name)
            if definition is None or name.startswith("__"):
                continue
            if not node.selection_set and f"{parent}.{name}" not in TABLE and not definition.args:
                continue
            try:
                arguments = get_argument_values(definition, node, self._variables) if definition.args else {}
            except GraphQLError:
                continue  # the field will be refused, and cost nothing
            check_lists(arguments, self.costs.config.max_ids, name)
            key = f"{name} {arguments!r}" if arguments else name
            selection = found.setdefault(key, _Selection(name, definition, arguments, key))
            if node.selection_set:
                selection.nodes.extend(node.selection_set.selections)
        return list(found.values())

    def _names(self, nodes: Sequence[SelectionNode], seen: set[str]) -> Iterator[str]:
        for node in nodes:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, InlineFragmentNode):
                yield from self._names(node.selection_set.selections, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                yield from self._names(self._fragments[node.name.value].selection_set.selections, seen)

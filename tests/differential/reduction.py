"""A case that shows a difference, made as small as it still shows one."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    NameNode,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from tests.differential.case import Case
from tests.differential.weather import Weather

Shows = Callable[[Case], Awaitable[bool]]

_REMOVABLE = (
    OperationDefinitionNode,
    FieldNode,
    InlineFragmentNode,
    FragmentSpreadNode,
    DirectiveNode,
    ArgumentNode,
    ObjectFieldNode,
)


async def reduced(case: Case, shows: Shows, tries: int = 2000) -> Case:
    """The smallest case found that still shows what ``case`` shows.

    Args:
        case: it shows the difference.
        shows: whether another does.
        tries: how many others are looked at, at most.
    """
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(case):
            tries -= 1
            if tries < 0:
                return case
            if await shows(candidate):
                case, smaller = candidate, True
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    """Cases with one thing less, those that lack most first."""
    calm = Weather(seed=case.weather.seed)
    if case.weather not in (calm, Weather()):
        yield dataclasses.replace(case, weather=calm)
    if case.weather == calm != Weather():
        yield dataclasses.replace(case, weather=Weather())
    for fault in case.weather.faults if len(case.weather.faults) > 1 else ():
        yield dataclasses.replace(case, weather=dataclasses.replace(case.weather, faults=(fault,)))
    if case.scopes is not None:
        yield dataclasses.replace(case, scopes=None)
    try:
        document = parse(case.query)
    except GraphQLError:
        return
    for text in map(_tidy, _documents(document)):
        if text is not None and _words(text) < _words(case.query):
            yield dataclasses.replace(case, query=text)
    for name in case.variables or {}:
        variables = {key: value for key, value in (case.variables or {}).items() if key != name}
        yield dataclasses.replace(case, variables=variables or None)


def _documents(document: DocumentNode) -> Iterator[DocumentNode]:
    """The document with one node less, or with one fragment's selections in the fragment's place."""
    targets: list[Node] = []

    class Collect(Visitor):
        def enter(self, node: Node, *_: Any) -> None:
            if isinstance(node, _REMOVABLE):
                targets.append(node)

    visit(document, Collect())
    for target in targets:
        yield _without(document, target)
    for target in targets:
        if isinstance(target, FieldNode) and target.selection_set and len(target.selection_set.selections) > 1:
            yield _replaced(document, target.selection_set, _TYPENAME)
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    for target in targets:
        if isinstance(target, InlineFragmentNode):
            yield _spliced(document, target, target.selection_set)
        elif isinstance(target, FragmentSpreadNode) and target.name.value in fragments:
            yield _spliced(document, target, fragments[target.name.value].selection_set)


_TYPENAME = SelectionSetNode(selections=(FieldNode(name=NameNode(value="__typename")),))


def _without(document: DocumentNode, target: Node) -> DocumentNode:
    return _replaced(document, target, REMOVE)


def _replaced(document: DocumentNode, target: Node, by: Any) -> DocumentNode:
    class Replace(Visitor):
        def enter(self, node: Node, *_: Any) -> Any:
            return by if node is target else None

    changed: DocumentNode = visit(document, Replace())
    return changed


def _spliced(document: DocumentNode, target: Node, inner: SelectionSetNode) -> DocumentNode:
    """The document with the selections of a fragment in the place where it is spread."""

    class Splice(Visitor):
        def enter_selection_set(self, node: SelectionSetNode, *_: Any) -> Any:
            if not any(each is target for each in node.selections):
                return None
            at = next(number for number, each in enumerate(node.selections) if each is target)
            selections = (*node.selections[:at], *inner.selections, *node.selections[at + 1 :])
            return SelectionSetNode(selections=selections)

    changed: DocumentNode = visit(document, Splice())
    return changed


def _tidy(document: DocumentNode) -> str | None:
    """The document as text, without fragments and variables that nothing uses; None where a selection is empty."""
    empty = False
    used: set[tuple[type[Node], str]] = set()

    class Look(Visitor):
        def enter_selection_set(self, node: SelectionSetNode, *_: Any) -> None:
            nonlocal empty
            empty = empty or not node.selections

        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
            used.add((FragmentDefinitionNode, node.name.value))

        def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> Any:
            return False

        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            used.add((VariableDefinitionNode, node.name.value))

    class Sweep(Visitor):
        def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> Any:
            return None if (FragmentDefinitionNode, node.name.value) in used else REMOVE

        def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> Any:
            return None if (VariableDefinitionNode, node.variable.name.value) in used else REMOVE

    before = None
    while before is not document:
        used.clear()
        visit(document, Look())
        before, document = document, visit(document, Sweep())
    return None if empty or not document.definitions else print_ast(document)


def _words(text: str) -> int:
    return len(re.findall(r"\w+", text))

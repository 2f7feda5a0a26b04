"""Trusted documents: what a front-end may ask, fixed when it was built.

A manifest is a JSON object, SHA-256 of a document's text (64 hexadecimal digits) to the text. Requests name a document
by ``documentId`` (``sha256:…``, GraphQL over HTTP's persisted documents), or by the hash of ``persistedQuery`` as
Apollo's clients do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    Source,
    Visitor,
    parse,
    print_ast,
    visit,
)

HASH = re.compile(r"[0-9a-f]{64}")
_PREFIX = "sha256:"


class BadDocuments(Exception):
    """Files of documents, or a manifest, that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a front-end, with the fragments that it uses and no others.

    Attributes:
        file: where it stands.
        name: its name; None: it has none.
        text: the document to send.
    """

    file: str
    name: str | None
    text: str

    @property
    def hash(self) -> str:
        """What it is named by."""
        return hash_of(self.text)


def hash_of(text: str) -> str:
    """The SHA-256 of a document's text, as hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def hash_in(document_id: str) -> str | None:
    """The hash that a ``documentId`` names, with its prefix or without; None when it is none."""
    digits = document_id.removeprefix(_PREFIX).lower()
    return digits if HASH.fullmatch(digits) else None


def read_manifest(text: str) -> Mapping[str, str]:
    """The texts of a manifest by their hashes.

    Raises:
        ValueError: it is no manifest; the message finishes the sentence "NAME ...".
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError("must name a manifest, a JSON object") from error
    if not isinstance(found, dict):
        raise ValueError("must name a manifest: a JSON object, SHA-256 to text")
    manifest = {}
    for key, document in found.items():
        digits = hash_in(key)
        if digits is None or not isinstance(document, str) or hash_of(document) != digits:
            raise ValueError(f"names a manifest where {key[:80]!r} is not the SHA-256 of its document")
        manifest[digits] = document
    return manifest


def manifest_file(path: str) -> Mapping[str, str]:
    """The manifest in a file.

    Raises:
        ValueError: see :func:`read_manifest`; also when the file cannot be read.
    """
    try:
        return read_manifest(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"names a file that cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError("must name a manifest in UTF-8") from error


def write_manifest(operations: Sequence[Operation]) -> str:
    """The manifest of operations."""
    return (
        json.dumps({each.hash: each.text for each in operations}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    )


def read_operations(files: Sequence[str]) -> list[Operation]:
    """The operations of files, each with the fragments that it uses, wherever in the files these stand.

    Raises:
        BadDocuments: a file cannot be read or is not GraphQL, a name stands for two things, a fragment is missing.
    """
    parsed = [(file, _parsed(file)) for file in files]
    fragments: dict[str, FragmentDefinitionNode] = {}
    for file, document in parsed:
        for node in document.definitions:
            if isinstance(node, FragmentDefinitionNode):
                known = fragments.setdefault(node.name.value, node)
                if print_ast(known) != print_ast(node):
                    raise BadDocuments(f"{file}: there are two fragments {node.name.value}")
    operations = [
        Operation(file, node.name.value if node.name else None, _text(file, node, fragments))
        for file, document in parsed
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    ]
    named: dict[str, Operation] = {}
    for operation in operations:
        known_operation = named.setdefault(operation.name, operation) if operation.name else operation
        if known_operation.text != operation.text:
            raise BadDocuments(f"{operation.file}: there are two operations {operation.name}")
    if not operations:
        raise BadDocuments("the files hold no operation")
    return operations


def _parsed(file: str) -> DocumentNode:
    try:
        return parse(Source(Path(file).read_text(encoding="utf-8"), file))
    except OSError as error:
        raise BadDocuments(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadDocuments(f"{file}: it is not UTF-8") from error
    except GraphQLError as error:
        line = f":{error.locations[0].line}" if error.locations else ""
        raise BadDocuments(f"{file}{line}: {error.message}") from error


def _text(file: str, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> str:
    used: dict[str, FragmentDefinitionNode] = {}
    waiting: list[Node] = [operation]
    while waiting:
        for name in _spreads(waiting.pop()):
            if name not in fragments:
                raise BadDocuments(f"{file}: the fragment {name} is in none of the files")
            if name not in used:
                used[name] = fragments[name]
                waiting.append(fragments[name])
    parts = [operation, *(used[name] for name in sorted(used))]
    return print_ast(DocumentNode(definitions=tuple(parts)))


def _spreads(node: Node) -> Iterator[str]:
    names: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_: object) -> None:
            names.append(spread.name.value)

    visit(node, Spreads())
    yield from names

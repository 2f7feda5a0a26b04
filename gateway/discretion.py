"""Messages that name nothing of the schema that the client has not named itself: for gateways without introspection.

graphql-core leaves out its suggestions there, and still says which type a field is on and which argument is missing,
out of which a tool puts the schema together. Here such names become ``…``.
"""

from __future__ import annotations

import re

from graphql import GraphQLSchema, is_specified_scalar_type

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_QUOTED = re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"")
_HIDDEN = "…"


class Discretion:
    """Takes the names out of messages.

    Args:
        schema: whose names they are. Those of GraphQL's own scalars, and of the types of operations, stay.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        roots = {root.name for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root}
        scalars = {name for name, type_ in schema.type_map.items() if is_specified_scalar_type(type_)}
        self._harmless = roots | scalars
        self._types = schema.type_map.keys() - self._harmless

    def hide(self, message: str, said: str) -> str:
        """The message without what the client does not know.

        Args:
            message: of graphql-core, which puts names into quotes, or of a scalar, which may name itself.
            said: the document; what stands in it is known to the client.
        """
        known = {*_NAME.findall(said), *self._harmless}

        def unless_known(name: re.Match[str]) -> str:
            return name[0] if name[0] in known else _HIDDEN

        def unless_type(name: re.Match[str]) -> str:
            return _HIDDEN if name[0] in self._types and name[0] not in known else name[0]

        return _NAME.sub(unless_type, _QUOTED.sub(lambda quoted: _NAME.sub(unless_known, quoted[0]), message))

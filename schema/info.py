"""The ``info`` of our resolvers: typed, and with a public way to what graphql-core knows of the field."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import GraphQLResolveInfo

from resolvers.context import Context


class Info(strawberry.Info[Context, None]):
    """What a resolver is told of the field it resolves."""

    @property
    def raw(self) -> GraphQLResolveInfo[Any]:
        """graphql-core's own description of the field: nodes, fragments, variables, path."""
        return self._raw_info

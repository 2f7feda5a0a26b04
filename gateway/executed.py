"""What came of an execution, before it is worded for a client."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, Self, cast

import orjson
from graphql import ExecutionResult, FieldNode, GraphQLError

from gateway.errors import cause_of
from gateway.http.answers import encode
from resolvers.callers import Caller
from resolvers.denials import Denials
from resolvers.errors import Forbidden


class Reported(Protocol):
    """A failure that is told beside the data of a field."""

    @property
    def error(self) -> Exception: ...
    @property
    def path(self) -> Sequence[str | int]: ...
    @property
    def nodes(self) -> Sequence[FieldNode]: ...


class Context(Protocol):
    """What must be known here of the value that resolvers get."""

    @property
    def caller(self) -> Caller: ...
    @property
    def reported(self) -> Sequence[Reported]: ...
    @property
    def denials(self) -> Denials: ...

    def close(self) -> None:
        """The execution is over."""
        ...


@dataclass(slots=True)
class Executed:
    """What came of an execution.

    Attributes:
        data: the data as a dict, or its JSON where several clients get it; None: there is none.
        errors: of fields.
        told: failures beside data, and what was denied.
    """

    data: Any
    errors: Sequence[GraphQLError]
    told: Sequence[Reported]

    @classmethod
    def of(cls, result: ExecutionResult, context: Context) -> Self:
        """What a context's execution resulted in; what the caller was denied is told once a field."""
        errors = []
        for error in result.errors or ():
            cause = cause_of(error)
            if isinstance(cause, Forbidden) and error.nodes and error.path is not None:
                context.denials.note(cast(Sequence[FieldNode], error.nodes), error.path, cause.scopes)
            else:
                errors.append(error)
        told = (*context.reported, *context.denials) if context.reported or context.denials else ()
        return cls(result.data, errors, told)

    @property
    def has_failed(self) -> bool:
        """Whether anything of it went wrong."""
        return bool(self.errors or self.told)

    def encode(self) -> None:
        """Make the data JSON, once for all who get it; not what JSON cannot hold, which is each client's own error."""
        if isinstance(self.data, dict):
            with suppress(TypeError, ValueError):
                self.data = orjson.Fragment(encode(self.data))

"""What a client did wrong, as one family; the gateway gives each the code of the contract.

    GatewayError
    ├── BadUserInput     an argument makes no sense
    ├── InvalidCursor    a cursor that is altered, or of another connection
    ├── InvalidId        a global id that does not parse, names another type, or a source that is off
    ├── Forbidden        the caller lacks a scope
    └── TooComplex       over a limit; refused before any upstream call

Messages are for client developers: they say what is wrong and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from resolvers.callers import Scope


class GatewayError(Exception):
    """An error that a client is meant to read."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, **extensions: object) -> None:
        super().__init__(message)
        self.message = message
        self.extensions = extensions


class BadUserInput(GatewayError):
    """An argument or a variable makes no sense."""

    code = "BAD_USER_INPUT"


class InvalidCursor(GatewayError):
    """A cursor was altered, or belongs to another field, parent, filter or order."""

    code = "INVALID_CURSOR"


class InvalidId(GatewayError):
    """A global id that does not parse or names another type."""

    code = "INVALID_ID"


class Forbidden(GatewayError):
    """The caller may not have this.

    Args:
        scopes: what it lacks.
        count: at how many places of the answer.
    """

    code = "FORBIDDEN"

    def __init__(self, scopes: Iterable[Scope], *, count: int = 1) -> None:
        self.scopes = frozenset(scopes)
        names = sorted(scope.value for scope in self.scopes)
        message = f"This needs the scope {' and '.join(names)}, which the caller does not have."
        super().__init__(message, scopes=names, count=count)


class TooComplex(GatewayError):
    """Over a depth, token, alias, id or cost limit."""

    code = "QUERY_TOO_COMPLEX"

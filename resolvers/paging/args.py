"""What a client asks of a connection: ``first``/``after``, ``last``/``before``, and what that means."""

from __future__ import annotations

from msgspec import Struct

from upstreams.feeds import Direction

DEFAULT_PAGE = 20


class BadPageArgs(Exception):
    """The arguments make no sense; the message tells the client what to change."""


class PageArgs(Struct, frozen=True, gc=False):
    """The four arguments as the client sent them; None is absent."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None

    @property
    def unbounded(self) -> bool:
        """Whether the page begins at an end of the connection."""
        return self.after is None and self.before is None

    def walk(self, direction: Direction) -> Direction:
        """The direction in which a connection of some order is read."""
        return direction if self.last is None else direction.flipped


class Wanted(Struct, frozen=True, gc=False):
    """Checked arguments.

    Attributes:
        count: rows at most, from 0.
        backward: counted from the end of the range.
        after, before: the cursors that bound the range.
    """

    count: int
    backward: bool
    after: str | None
    before: str | None


def check_args(args: PageArgs, max_page: int) -> Wanted:
    """What the arguments ask for; neither ``first`` nor ``last`` means the first 20.

    Raises:
        BadPageArgs: both of them, a negative number, or more than ``max_page`` rows.
    """
    if args.first is not None and args.last is not None:
        raise BadPageArgs("Give first or last, not both.")
    for name, count in (("first", args.first), ("last", args.last)):
        if count is not None and count < 0:
            raise BadPageArgs(f"{name} must not be negative.")
        if count is not None and count > max_page:
            raise BadPageArgs(f"{name} is at most {max_page}; walk on with a cursor to read more.")
    if args.last is not None:
        return Wanted(args.last, True, args.after, args.before)
    return Wanted(min(DEFAULT_PAGE, max_page) if args.first is None else args.first, False, args.after, args.before)

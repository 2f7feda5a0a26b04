"""Exact, durable, two-way paging over lists that come from elsewhere.

How a page comes about::

    arguments ── args      what is asked for; a cursor becomes a position (cursors)
    feeds ────── streams   each feed within its span, as records in the order of the walk; the only part that does I/O
                 walk      takes the least of their heads until the page is full, and looks for one more
                 positions where each feed stands meanwhile; each record's place
    page ─────── pager     flags, edges, cursors when asked for; what was read and not given is left as a lease

One direction is enough: a backward page is a walk in the flipped direction from ``before``, read from its end. A
position holds where *each* feed stands, so a source that was down is caught up when it answers again, by the merge
itself: its records come first because they are the least.

Streams differ in how a place is found again. A scroll or a window opens at the whole second of the position and drops
what was given (:mod:`~resolvers.paging.streams.timed`); rows by number are looked up around the number in the cursor
(:mod:`~resolvers.paging.streams.numbered`); rows in an order of their own are brought in order within a window
(:mod:`~resolvers.paging.streams.nearly`). Each can do so at any time from the position alone: that is what makes a
cursor durable. A lease only spares it the calls.
"""

from resolvers.paging.args import BadPageArgs, PageArgs, Wanted, check_args
from resolvers.paging.cursors import InvalidCursor
from resolvers.paging.page import Edge, Page
from resolvers.paging.pager import Pager

__all__ = ["BadPageArgs", "Edge", "InvalidCursor", "Page", "PageArgs", "Pager", "Wanted", "check_args"]

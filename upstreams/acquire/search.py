"""Who has an e-mail or a telephone number: Acquire's own search, which finds a text in any field."""

from __future__ import annotations

from collections.abc import Sequence

from upstreams.acquire import assumptions
from upstreams.acquire.client import Client, PageOf
from upstreams.acquire.records import Contact
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.identity.spelling import national_digits


async def find(client: Client, key: IdentityKey, limit: int) -> Sequence[Contact]:
    """The contacts that the search finds for a key, each once, ``limit`` of them or all.

    A contact comes in a row for each of its fields that matched, so what is asked for is counted in rows.
    """
    text = key.value if key.kind is MatchKey.EMAIL else national_digits(key.value)
    size = min(limit, assumptions.MAX_LIMIT.assumed)
    found: dict[str, Contact] = {}
    received = number = 0
    last: Sequence[Contact | None] | None = None
    while len(found) < limit:
        answer = await client.search_contacts(text, PageOf(number, size))
        if answer.rows == last:  # it knows no pages
            break
        last = answer.rows
        for row in answer.good:
            found.setdefault(row.source_id, row)
        received += answer.received
        number += 1
        # A total that is less than what came counts something else than rows.
        told = answer.total is not None and answer.total >= received
        more = received < (answer.total or 0) if told else answer.received == size
        if not more or not answer.received:
            break
        # A page that is shorter than was asked for tells how long pages are.
        if number == 1:
            size = answer.received
    return list(found.values())

"""Who has an e-mail or a telephone number: Acquire's own search, which finds a text in any field."""

from __future__ import annotations

from collections.abc import Sequence

from upstreams.acquire import assumptions
from upstreams.acquire.client import Client, PageOf
from upstreams.acquire.records import Contact
from upstreams.identity.keys import IdentityKey, MatchKey


async def find(client: Client, key: IdentityKey, limit: int) -> Sequence[Contact]:
    """The contacts that the search finds for a key, each once, ``limit`` of them or all.

    A contact comes in a row for each of its fields that matched, so what is asked for is counted in rows.
    """
    text, size = _text(key), min(limit, assumptions.MAX_LIMIT.assumed)
    found: dict[str, Contact] = {}
    received = number = 0
    while len(found) < limit:
        answer = await client.search_contacts(text, PageOf(number, size))
        for row in answer.good:
            found.setdefault(row.source_id, row)
        received += answer.received
        number += 1
        if not answer.received or received >= (answer.total or received):
            break
        # A page that is shorter than was asked for tells how long pages are.
        if number == 1:
            size = answer.received
    return list(found.values())


def _text(key: IdentityKey) -> str:
    """An e-mail as it is; of a number the digits that every unspaced spelling has."""
    if key.kind is MatchKey.EMAIL:
        return key.value
    # Its tables take a while to load, and not every process meets a number.
    from phonenumbers import NumberParseException, parse

    try:
        return str(parse(key.value).national_number)
    except NumberParseException:
        return key.value

"""Who has an e-mail or a telephone number: one search for each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from upstreams.errors import UpstreamError
from upstreams.identity.keys import IdentityKey, MatchKey
from upstreams.identity.spelling import national_digits
from upstreams.needs import current_needs
from upstreams.rechat.client import Client, Selection
from upstreams.rechat.feeds import associations
from upstreams.rechat.records import Contact


async def find_contacts(
    client: Client, keys: Sequence[IdentityKey], limit: int
) -> Sequence[Sequence[Contact] | UpstreamError]:
    """The contacts that ``q`` finds for each key.

    Conditions on attributes compare whole values, so they would miss ``Ivan@Example.org``; and since all conditions of
    a call must hold, no call can ask for several keys.
    """
    wanted = associations(current_needs.get())

    async def ask(key: IdentityKey) -> Sequence[Contact] | UpstreamError:
        text = key.value if key.kind is MatchKey.EMAIL else national_digits(key.value)
        try:
            rows = await client.contacts_filter(Selection(q=text), start=0, limit=limit, associations=wanted)
        except UpstreamError as error:
            return error
        return [row for row in rows.rows if row.deleted_at is None]

    return await asyncio.gather(*map(ask, keys))

"""What the workers share of the way to each source: budgets, and whole lists."""

from __future__ import annotations

from collections.abc import Mapping

from upstreams.http.budget import Budget
from upstreams.http.commons import Lists
from upstreams.records import Source
from upstreams.shared.budget import SharedBudget
from upstreams.shared.lists import SharedLists
from upstreams.shared.news import News
from upstreams.shared.protocol import SharedStore


class SharedCommons:
    """See :class:`upstreams.http.commons.Commons`. To be made before the store is started.

    Args:
        store: what all workers share.
        accounts: for each source a text that differs between accounts; not secret, not personal.
    """

    def __init__(self, store: SharedStore, accounts: Mapping[Source, str]) -> None:
        self._store = store
        self._news = News(store)
        self._accounts = accounts

    def budget(self, source: Source, concurrency: int) -> Budget:
        """This worker's part of what a source can bear."""
        return SharedBudget(self._store, self._news, self._accounts[source], concurrency)

    def lists(self, source: Source) -> Lists:
        """What workers keep for each other."""
        return SharedLists(self._store, self._news, self._accounts[source])

    async def close(self) -> None:
        """Hear no more of the others."""
        await self._news.close()

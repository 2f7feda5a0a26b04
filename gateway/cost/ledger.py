"""Adding up what an operation costs.

Objects of a page come from several sources, but nobody knows beforehand how many from which. What each object costs is
therefore noted for each source as if all were of that one, and the dearest source counts; what is paid once a request
or a page is added up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from upstreams.records import Source

_NAMED = 3

Group = int
"""Objects, and all that hangs on them, that are of one source each."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an operation costs at worst.

    Attributes:
        requested: upstream calls.
        sources: the same for each source by itself; together they may be more, since an object is of one source only.
        fields: by the path of the field, the dearest first.
    """

    requested: int
    sources: Mapping[Source, int]
    fields: Mapping[str, int]


def over_cost(estimate: Estimate, limit: int) -> str:
    """Why an operation is refused: what it costs, and where most of that comes from."""
    dearest = [f"{path} {calls}" for path, calls in list(estimate.fields.items())[:_NAMED]]
    return (
        f"The operation costs {estimate.requested} upstream calls at worst; this gateway allows {limit}. "
        f"Most of them: {', '.join(dearest)}. Ask for smaller pages, or for less below them."
    )


class Ledger:
    """What was charged so far."""

    def __init__(self) -> None:
        self._fixed: Counter[Source] = Counter()
        self._groups: defaultdict[Group, Counter[Source]] = defaultdict(Counter)
        self._fields: Counter[str] = Counter()
        self._lists: set[tuple[Source, str]] = set()
        self._last_group = 0

    def group(self) -> Group:
        """A new set of objects."""
        self._last_group += 1
        return self._last_group

    def once(self, path: str, source: Source, calls: int) -> None:
        """Calls that are made whatever the other sources cost."""
        self._fixed[source] += calls
        self._fields[path] += calls

    def of_list(self, path: str, source: Source, name: str, calls: int) -> None:
        """The calls for a complete list, which a request reads once."""
        if (source, name) not in self._lists:
            self._lists.add((source, name))
            self.once(path, source, calls)

    def forget_lists(self) -> None:
        """Something was changed, so lists are read again."""
        self._lists.clear()

    def each(self, path: str, group: Group, calls: Mapping[Source, int]) -> None:
        """Calls for the objects of a group, as many as if all were of the one source."""
        self._groups[group].update(calls)
        self._fields[path] += max(calls.values(), default=0)

    def estimate(self) -> Estimate:
        """The sum."""
        sources = Counter(self._fixed)
        for calls in self._groups.values():
            sources.update(calls)
        dearest = sum(max(calls.values(), default=0) for calls in self._groups.values())
        return Estimate(
            requested=self._fixed.total() + dearest,
            sources={source: sources[source] for source in Source if sources[source]},
            fields=dict(item for item in self._fields.most_common() if item[1]),
        )

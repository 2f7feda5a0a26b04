"""What people are found by, made from the settings: an index for each source, in Redis or ``GATEWAY_STATE_DIR``."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.settings import Settings
from gateway.shared import account_names
from resolvers.paging import Pager
from resolvers.people.indexer import Indexer
from upstreams.identity.index import IdentityIndex, KeyHasher
from upstreams.identity.sqlite import SqliteIndex
from upstreams.records import Source
from upstreams.shared.identity import RedisIndex
from upstreams.shared.protocol import SharedStore
from upstreams.source import SourceApi

_RULES = 1
"""Changes when the keys of a contact are worked out in another way, so that an index of the old way is not read."""


def build_indexer(
    settings: Settings, sources: Mapping[Source, SourceApi], shared: SharedStore | None = None
) -> Indexer:
    """What keeps the indexes: in the shared store where there is one, else in files. Opens nothing.

    An index is named by all that decides what is in it: the account, the secret, the region and the rules. Other
    settings make another, and an index never speaks of another account's contacts.
    """
    hasher = KeyHasher(settings.secret)
    accounts = account_names(settings)
    indexes: dict[Source, IdentityIndex] = {}
    for source in sources:
        made_of = hasher.of_text(f"{accounts[source]} {settings.default_region} {_RULES}").hex()
        name = f"{source.value.lower()}-{made_of}"
        if shared is not None:
            indexes[source] = RedisIndex(shared, name, hasher)
        else:
            indexes[source] = SqliteIndex(settings.state_dir / f"identity-{name}.sqlite3", hasher)
    return Indexer(sources, indexes, Pager(secret=settings.secret), settings.default_region)

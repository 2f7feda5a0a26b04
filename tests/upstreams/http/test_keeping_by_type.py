"""What settings for all types and for one type make together."""

from __future__ import annotations

import pytest

from upstreams.http.cache import NEVER, Keep
from upstreams.http.keeping import CACHEABLE, NOTHING, CacheControl, Keeping


@pytest.mark.parametrize(
    ("said", "of_list", "of_entity"),
    [
        (CacheControl(), Keep(60.0, 30.0, shared=True), Keep(5.0, 30.0)),
        (CacheControl(max_age=9.0), Keep(9.0, 30.0, shared=True), Keep(9.0, 30.0)),
        (CacheControl(stale_if_error=9.0), Keep(60.0, 9.0, shared=True), Keep(5.0, 9.0)),
        (CacheControl(0.0), Keep(0.0, 30.0), Keep(0.0, 30.0)),
        (CacheControl(stale_if_error=0.0), Keep(60.0, shared=True), Keep(5.0)),
        (CacheControl(0.0, 0.0), NEVER, NEVER),
    ],
)
def test_a_type_goes_before_all(said: CacheControl, of_list: Keep, of_entity: Keep) -> None:
    keeping = Keeping.of(60.0, 5.0, 30.0, {"Location": said})
    assert (keeping.lists["Location"], keeping.entities["Location"]) == (of_list, of_entity)
    others = [name for name in CACHEABLE if name != "Location"]
    assert {keeping.lists[name] for name in others} == {Keep(60.0, 30.0, shared=True)}
    assert {keeping.entities[name] for name in others} == {Keep(5.0, 30.0)}


def test_what_is_not_kept_is_known_at_a_glance() -> None:
    """The wire looks no further at a call that is to be made anew each time."""
    assert all(NOTHING.lists[name] is NEVER and NOTHING.entities[name] is NEVER for name in CACHEABLE)

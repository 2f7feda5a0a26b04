"""The spellings of ``GATEWAY_CACHE``, right and wrong."""

from __future__ import annotations

import pytest

from gateway.cache_control import EXAMPLE, cache_control
from tests.gateway.support import settings
from upstreams.http.keeping import CACHEABLE, CacheControl
from upstreams.settings import SettingsError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Segment: max-age=300", {"Segment": CacheControl(300.0)}),
        ("Segment: stale-if-error=3600", {"Segment": CacheControl(None, 3600.0)}),
        ("Hotspot: no-store", {"Hotspot": CacheControl(0.0, 0.0)}),
        ("Contact: max-age=0", {"Contact": CacheControl(0.0)}),
        ("Location:max-age=5m,stale-if-error=1h;", {"Location": CacheControl(300.0, 3600.0)}),
        (" Location : stale-if-error = 1 , max-age = 0.5 ", {"Location": CacheControl(0.5, 1.0)}),
        (
            EXAMPLE,
            {
                "Segment": CacheControl(300.0, 3600.0),
                "Contact": CacheControl(5.0),
                "Hotspot": CacheControl(0.0, 0.0),
            },
        ),
        ("; ".join(f"{name}: max-age=1" for name in CACHEABLE), dict.fromkeys(CACHEABLE, CacheControl(1.0))),
        (" ; ", {}),
    ],
)
def test_what_is_understood(text: str, said: dict[str, CacheControl]) -> None:
    assert cache_control(text) == said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Segment", 'has "Segment" where a type, a colon and directives must be'),
        ("Segment=60", f"such as {EXAMPLE}"),
        ("max-age=60", "where a type, a colon and directives must be"),
        ("segment: max-age=60", 'names "segment"; write "Segment"'),
        ("Locations: max-age=60", 'write "Location"'),
        ("Person: max-age=60", f"the types that are kept are {', '.join(CACHEABLE)}"),
        ("Event: max-age=60", "a walk promises every event once. ConversationEvent can be kept"),
        ("Segment: max-age=1; Segment: max-age=2", "names Segment twice"),
        ("Segment:", "has no directive for Segment: write max-age=SECONDS"),
        ("Segment: max-age=1,", "has no directive for Segment"),
        ("Segment: 60", 'has "60" for Segment: write max-age=SECONDS, stale-if-error=SECONDS or no-store'),
        ("Segment: private", 'has "private" for Segment'),
        ("Segment: max-age=1, no-store", "no-store alone"),
        ("Segment: max-age=1, Contact: max-age=2", "a semicolon goes before the next type"),
        ("Segment: max-age=1, max-age=2", "has max-age twice for Segment"),
        ("Segment: max-age", 'has "max-age" for Segment: max-age must be a duration in seconds'),
        ("Segment: stale-if-error=long", "stale-if-error must be a duration in seconds, such as 10"),
        ("Segment: max-age=-1", "max-age must be a duration"),
    ],
)
def test_what_is_refused_and_what_to_write_instead(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(GATEWAY_CACHE=text)
    message = str(caught.value)
    assert message.startswith("GATEWAY_CACHE ")
    assert told in message


def test_unset_it_says_nothing() -> None:
    assert settings().cache == settings(GATEWAY_CACHE=" ").cache == {}

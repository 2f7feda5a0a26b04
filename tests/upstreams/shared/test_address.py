"""What a URL of a Redis may look like."""

from __future__ import annotations

import pytest

from upstreams.shared.address import redis_address


@pytest.mark.parametrize(
    "url",
    [
        "redis://cache",
        "redis://cache:6379/3",
        "redis://user:p%40ss@cache:6379/0",
        "redis://:hunter2@[::1]:6379",
        "rediss://cache.example:6380/0?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis/redis.sock",
        "unix://:hunter2@/run/redis.sock?db=2",
    ],
)
def test_is_taken(url: str) -> None:
    address = redis_address(url)
    assert address.url == url
    assert "hunter2" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "cache:6379",
        "http://:hunter2@cache",
        "redis://",
        "redis://:hunter2@/0",
        "redis://hunter2:0",
        "redis://hunter2:99999",
        "redis://hunter2:port",
        "redis://hunter2/database",
        "redis://cache/0?socket_timeout=hunter2",
        "redis://cache/0#hunter2",
        "rediss://cache/?ssl_cert_reqs=hunter2",
        "unix://hunter2",
        "unix://hunter2/run/redis.sock",
        "unix:///run/redis.sock?db=hunter2",
    ],
)
def test_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|has) ") as caught:
        redis_address(url)
    assert "hunter2" not in str(caught.value)

"""What a worker loads: libraries that a setting switches on cost nothing, in time or memory, where it is off."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.gateway.test_cli import environment

CODE = "import json, sys; from gateway.app import create_app; create_app(); print(json.dumps(sorted(sys.modules)))"
ON_DEMAND = {
    "aiohttp": "calls through a proxy",
    "cryptography": "signatures of tokens",
    "google.protobuf": "traces",
    "jwt": "tokens",
    "opentelemetry": "traces",
    "phonenumbers": "the first telephone number",
    "redis": "shared state",
    "requests": "traces",
    "sandbox": "the demo",
}
"""Libraries that take long to load, and what they are for."""


def loaded(**environ: str) -> set[str]:
    """Which of them an app loads before its first request."""
    environ = environment({"CLOUD4WI_CLIENT_KEY": "key", "CLOUD4WI_CLIENT_SECRET": "secret", **environ})
    ended = subprocess.run([sys.executable, "-c", CODE], env=environ, capture_output=True, text=True, check=True)
    return set(json.loads(ended.stdout)) & ON_DEMAND.keys()


def test_nothing_is_loaded_that_is_not_used() -> None:
    assert loaded() == set()


@pytest.mark.parametrize(
    ("environ", "library"),
    [
        ({"GATEWAY_REDIS_URL": "redis://127.0.0.1:1"}, "redis"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, "opentelemetry"),
        (
            {
                "GATEWAY_AUTH": "jwt",
                "GATEWAY_JWT_JWKS_URL": "https://issuer.example/keys",
                "GATEWAY_JWT_ISSUER": "https://issuer.example",
                "GATEWAY_JWT_AUDIENCE": "contactgraph",
            },
            "jwt",
        ),
    ],
)
def test_what_a_setting_asks_for_is_loaded_at_the_start(environ: dict[str, str], library: str) -> None:
    """Not at the first request, which would wait for it."""
    assert library in loaded(**environ)

"""What `contactgraph serve` runs on, and what it loads: what a setting switches on costs nothing where it is off."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.gateway.test_cli import environment

SERVE = """
import asyncio, json, os, signal, sys
from gateway import cli, server

def serve(*rest, served=server.serve):
    def ready():
        print(json.dumps([type(asyncio.get_running_loop()).__module__, sorted(sys.modules)]))
        os.kill(os.getpid(), signal.SIGTERM)
    return served(*rest[:-1], ready)

server.serve = serve
sys.exit(cli.main(["serve", "--port", "0"]))
"""
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
    "strawberry.cli": "nothing",
    "uvicorn.protocols.http.h11_impl": "nothing: httptools reads requests",
}
"""Libraries that take long to load, or are slow, and what they are for."""


class Served(NamedTuple):
    """A gateway that was ready to serve.

    Attributes:
        loop: where its event loop comes from.
        modules: what it had loaded.
    """

    loop: str
    modules: set[str]


def served(folder: Path, **environ: str) -> Served:
    """Run ``contactgraph serve`` until it is ready."""
    environ = {
        "CLOUD4WI_CLIENT_KEY": "key",
        "CLOUD4WI_CLIENT_SECRET": "secret",
        "GATEWAY_STATE_DIR": str(folder),
    } | environ
    ended = subprocess.run(
        [sys.executable, "-c", SERVE], env=environment(environ), capture_output=True, text=True, check=True
    )
    loop, modules = json.loads(ended.stdout)
    return Served(loop, set(modules))


def test_nothing_is_loaded_that_is_not_used(tmp_path: Path) -> None:
    assert served(tmp_path).modules & ON_DEMAND.keys() == set()


def test_it_runs_on_uvloop_and_httptools(tmp_path: Path) -> None:
    """Uvicorn would go on without either, more slowly."""
    found = served(tmp_path)
    assert found.loop == "uvloop"
    assert "httptools" in found.modules


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
def test_what_a_setting_asks_for_is_loaded_at_the_start(tmp_path: Path, environ: dict[str, str], library: str) -> None:
    """Not at the first request, which would wait for it."""
    assert library in served(tmp_path, **environ).modules

"""The servers that are measured: this gateway in its variants, and the peers, each set up as its documents advise."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.peers.tailcall.portable import prepare
from benchmarks.processes import NotStarted, free_port, running, surroundings, wait_for
from benchmarks.upstream.data import ORGANIZATION
from benchmarks.upstream.process import TOKEN, Stub
from benchmarks.wordings import ByHand, Nested, Own, Wording

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers"
CONNECTIONS = 512
"""Connections to the upstream that a server may open, for all of them: more than any run needs on one core."""


class Missing(Exception):
    """A server cannot run here; the message says why."""


@dataclass(frozen=True)
class Place:
    """Where a server is to run.

    Attributes:
        folder: for what it needs to write, its alone.
    """

    stub: Stub
    port: int
    folder: Path


@dataclass(frozen=True)
class Start:
    """How a server is started."""

    command: list[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Server:
    """One server, in one setting.

    Attributes:
        name: as the table says it.
        sharing: whether it may share work between requests; the peers are what they are.
        wording: how it is asked.
        prepare: makes what it needs to start.
    """

    name: str
    sharing: frozenset[bool]
    wording: Wording
    prepare: Callable[[Place], Start]

    @property
    def key(self) -> str:
        """Tells a server from all others, also in a file's name."""
        mode = "" if len(self.sharing) == 2 else "-on" if True in self.sharing else "-off"
        return self.name.replace(" ", "-") + mode


@dataclass(frozen=True)
class Running:
    """A server that takes requests."""

    server: Server
    pid: int
    port: int
    headers: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}/graphql"

    def ask(self, body: Any) -> tuple[int, bytes]:
        """One request alone: the answer's status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"content-type": "application/json", **self.headers}
            connection.request("POST", "/graphql", json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def started(server: Server, stub: Stub, folder: Path, core: int | None) -> Iterator[Running]:
    """A server that is ready, for the time of a block.

    Raises:
        Missing: it cannot run here.
    """
    own = folder / server.key
    own.mkdir()
    place = Place(stub, free_port(), own)
    with ExitStack() as stack:
        try:
            start = server.prepare(place)
            process = stack.enter_context(
                running(
                    start.command,
                    log=own / "log",
                    core=core,
                    folder=start.folder,
                    environment=start.environment,
                )
            )
            found = Running(server, process.pid, place.port, start.headers)
            wait_for(_answers(found), process, own / "log")
        except (NotStarted, OSError, ValueError, subprocess.CalledProcessError) as error:
            raise Missing(f"{server.name} does not start: {error}") from error
        yield found


def _answers(server: Running) -> Iterator[bool]:
    while True:
        try:
            status, body = server.ask({"query": "{ __typename }"})
            yield status == 200 and b'"data"' in body
        except (OSError, http.client.HTTPException):
            yield False


def _contactgraph(executor: str, sharing: bool) -> Callable[[Place], Start]:
    def start(place: Place) -> Start:
        state = place.folder / "state"
        state.mkdir(mode=0o700)
        environment = {
            "CLOUD4WI_URL": place.stub.url,
            "CLOUD4WI_CLIENT_KEY": "stub-key",
            "CLOUD4WI_CLIENT_SECRET": "stub-secret",
            "CLOUD4WI_ORGANIZATION": ORGANIZATION,
            "GATEWAY_AUTH": "api-key",
            "GATEWAY_STATE_DIR": str(state),
            "GATEWAY_EXECUTOR": executor,
            "GATEWAY_UPSTREAM_CONCURRENCY": str(CONNECTIONS),
        }
        if not sharing:
            environment |= {"GATEWAY_SHARING": "off", "GATEWAY_LIST_TTL": "0", "GATEWAY_ENTITY_TTL": "0"}
        gateway: list[str | Path] = [sys.executable, "-m", "gateway"]
        scopes = "contacts:read,contacts:pii,events:read,segments:read,locations:read"
        key = subprocess.run(
            [*gateway, "keys", "create", "--scopes", scopes, "--name", "bench"],
            cwd=ROOT,
            env={**surroundings(), **environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        return Start(
            [*gateway, "serve", "--port", str(place.port), "--workers", "1"],
            environment,
            headers={"authorization": f"Bearer {key}"},
        )

    return start


def _upstream(place: Place) -> dict[str, str]:
    return {
        "UPSTREAM": place.stub.url,
        "UPSTREAM_TOKEN": TOKEN,
        "UPSTREAM_CONNECTIONS": str(CONNECTIONS),
        "ORGANIZATION": ORGANIZATION,
        "PORT": str(place.port),
        "NODE_ENV": "production",
    }


def install_peers() -> None:
    """Install the locked npm packages, where that is not done.

    Raises:
        Missing: there is no Node, or npm fails.
    """
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise Missing(f"the peers need {tool}")
    lock, stamp = PEERS / "package-lock.json", PEERS / "node_modules" / "installed-from"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    ran = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise Missing(f"npm cannot install the peers: {ran.stderr.strip()[-400:]}")
    stamp.write_bytes(lock.read_bytes())


def _node(script: str) -> Callable[[Place], Start]:
    return lambda place: Start(["node", script], _upstream(place), PEERS)


def _tailcall(place: Place) -> Start:
    binary = PEERS / "node_modules" / "@tailcallhq" / "core-linux-x64-gnu" / "bin" / "tailcall"
    if not binary.exists():
        raise Missing("Tailcall's package is for Linux on x86-64 only")
    command, besides = prepare(binary, place.folder)
    configuration = place.folder / "gateway.graphql"
    text = (PEERS / "tailcall" / "gateway.graphql").read_text()
    configuration.write_text(text.replace("port: 8000", f"port: {place.port}"))
    quiet = {"TAILCALL_LOG_LEVEL": "error", "TAILCALL_TRACKER": "false"}
    return Start([command, "start", configuration], {**_upstream(place), **quiet, **besides})


def _hive(place: Place) -> Start:
    tools, folder = PEERS / "node_modules" / ".bin", PEERS / "hive"
    supergraph = place.folder / "supergraph.graphql"
    environment = _upstream(place)
    subprocess.run(
        [tools / "mesh-compose", "-c", "mesh.config.js", "-o", supergraph],
        cwd=folder,
        env={**surroundings(), **environment},
        capture_output=True,
        check=True,
    )
    command: list[str | Path] = [tools / "hive-gateway", "supergraph", supergraph, "-c", "gateway.config.js"]
    return Start([*command, "-h", "127.0.0.1", "-p", str(place.port), "--fork", "1"], environment, folder)


_BOTH = frozenset({True, False})

OWN = (
    Server("contactgraph", frozenset({False}), Own(), _contactgraph("compiled", sharing=False)),
    Server("contactgraph", frozenset({True}), Own(), _contactgraph("compiled", sharing=True)),
    Server("contactgraph graphql-core", frozenset({False}), Own(), _contactgraph("graphql-core", sharing=False)),
)
PEER_SERVERS = (
    Server("mercurius jit", _BOTH, ByHand(), _node("mercurius.js")),
    Server("yoga jit", _BOTH, ByHand(), _node("yoga.js")),
    Server(
        "tailcall",
        _BOTH,
        Nested("(size: SIZE, to: $to, scroll: AFTER)", "id name timezone"),
        _tailcall,
    ),
    Server(
        "hive",
        _BOTH,
        Nested(
            f'(organization: "{ORGANIZATION}", size: SIZE, dateEnd: $to, sortBy: "utcTime", sortReverse: true, '
            "enableScroll: true, scrollId: AFTER)",
            "location { id name timezone }",
        ),
        _hive,
    ),
)
SERVERS = (*OWN, *PEER_SERVERS)
BEST_OF = ("mercurius jit", "tailcall")
"""The peers whose better one is what a ratio is to."""

"""The command, as a process: exit status, what it prints, how it ends."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from graphql import build_schema

from gateway.demo import run_demo
from gateway.settings import SETTINGS
from sandbox.app import Sandbox
from tests.schema.harness import credentials
from upstreams.records import Source

ROOT = Path(__file__).resolve().parents[2]
CONTACTGRAPH = [sys.executable, "-m", "gateway"]
CREDENTIALS = {"CLOUD4WI_CLIENT_KEY": "key", "CLOUD4WI_CLIENT_SECRET": "hunter2"}
QUERY = {"query": "{ events(first: 1) { nodes { id } } }"}


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without any setting of the gateway, and these variables."""
    names = {setting.name for setting in SETTINGS}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **extra}


def run(*arguments: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [*CONTACTGRAPH, *arguments], env=environment(environ), cwd=cwd, capture_output=True, text=True, check=False
    )


@asynccontextmanager
async def process(*arguments: str, **environ: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A command that serves, and the base URL that it prints; killed in the end if it still runs."""
    running = await asyncio.create_subprocess_exec(
        *CONTACTGRAPH, *arguments, env=environment(environ), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert running.stdout is not None
        line = (await running.stdout.readline()).decode()
        assert line.startswith("Contactgraph is ready at http://127.0.0.1:"), line
        yield running, line.split()[-1].removesuffix("/graphql")
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()
        running._transport.close()  # type: ignore[attr-defined]  # or its pipes outlive the loop


def children(running: asyncio.subprocess.Process) -> list[int]:
    """The processes that a process started: from ``/proc`` where there is one, else from ``ps``."""
    if Path("/proc/self/stat").exists():
        stats = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it ended meanwhile
                stats.append((stat.parent.name, stat.read_text().rpartition(")")[2].split()[1]))
    else:
        listed = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True)
        stats = [(line.split()[0], line.split()[1]) for line in listed.stdout.splitlines()]
    return [int(pid) for pid, parent in stats if parent == str(running.pid)]


def is_running(pid: int) -> bool:
    """Whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@asynccontextmanager
async def sandbox() -> AsyncIterator[tuple[Sandbox, dict[str, str]]]:
    """A small sandbox, and the environment that points the gateway at it."""
    async with Sandbox.start(contacts=20, events=60) as box:
        yield (
            box,
            {
                "CLOUD4WI_URL": f"{box.url}/",
                "CLOUD4WI_CLIENT_KEY": box.client_key,
                "CLOUD4WI_CLIENT_SECRET": box.client_secret,
            },
        )


@pytest.mark.parametrize(
    ("arguments", "environ", "named"),
    [
        ((), {}, "CLOUD4WI_CLIENT_KEY"),
        ((), {"CLOUD4WI_CLIENT_KEY": "key"}, "CLOUD4WI_CLIENT_SECRET"),
        ((), {**CREDENTIALS, "GATEWAY_MAX_DEPTH": "deep"}, "GATEWAY_MAX_DEPTH"),
        ((), {**CREDENTIALS, "GATEWAY_SECRET": "short"}, "GATEWAY_SECRET"),
        ((), {**CREDENTIALS, "GATEWAY_AUTH": "password"}, "GATEWAY_AUTH"),
        ((), {**CREDENTIALS, "GATEWAY_AUTH": "jwt"}, "GATEWAY_JWT_JWKS_URL"),
        ((), {**CREDENTIALS, "GATEWAY_AUTH": "api-key", "GATEWAY_STATE_DIR": "/dev/null/state"}, "GATEWAY_STATE_DIR"),
        (
            ("--workers", "2"),
            {**CREDENTIALS, "GATEWAY_AUTH": "api-key", "GATEWAY_STATE_DIR": "/dev/null/state"},
            "GATEWAY_STATE_DIR",
        ),
        (("--host", "0.0.0.0"), CREDENTIALS, "GATEWAY_ALLOW_ANONYMOUS"),
        (("--host", "0.0.0.0"), {**CREDENTIALS, "GATEWAY_ALLOW_ANONYMOUS": "1"}, "GATEWAY_SECRET"),
    ],
)
def test_serve_with_wrong_settings_ends_with_2_and_names_the_variable(
    arguments: tuple[str, ...], environ: dict[str, str], named: str
) -> None:
    done = run("serve", "--port", "0", *arguments, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [(), ("fly",), ("serve", "--port", "65536"), ("serve", "--workers", "0"), ("demo", "--port", "x")]
)
def test_a_wrong_command_line_ends_with_2(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "usage: contactgraph" in done.stderr


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_ends_with_2_and_says_so(command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run(command, "--port", port, **CREDENTIALS)
    assert done.returncode == 2
    assert f"port {port} on 127.0.0.1 is taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_lists_every_setting_and_no_secret() -> None:
    done = run("settings", GATEWAY_SECRET="hunter2", GATEWAY_MAX_PAGE="nonsense", **CREDENTIALS)
    assert done.returncode == 0
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    set_names = {"GATEWAY_SECRET", "GATEWAY_MAX_PAGE", *CREDENTIALS}
    assert rows == [
        [
            setting.name,
            setting.default or "-",
            setting.help,
            "set" if setting.name in set_names else "not set",
        ]
        for setting in SETTINGS
    ]
    assert "hunter2" not in done.stdout


def test_schema_prints_sdl_and_checks_the_committed_one(tmp_path: Path) -> None:
    printed = run("schema")
    assert printed.returncode == 0
    assert "events" in build_schema(printed.stdout).type_map["Query"].fields
    committed = tmp_path / "schema.graphql"
    committed.write_text(printed.stdout)
    assert run("schema", "--check", cwd=tmp_path).returncode == 0
    committed.write_text(printed.stdout.replace("type Query {", "type Query {\n  gone: Int\n", 1))
    stale = run("schema", "--check", cwd=tmp_path)
    assert stale.returncode == 1
    assert "stale" in stale.stderr
    assert "breaks clients: Field Query.gone was removed" in stale.stderr
    committed.write_text(printed.stdout)
    (tmp_path / "released.graphql").write_text(printed.stdout.replace("type Query {", "type Query {\n  old: Int\n", 1))
    broken = run("schema", "--check", "--against", "released.graphql", cwd=tmp_path)
    assert broken.returncode == 1
    assert "breaks clients: Field Query.old was removed" in broken.stderr
    assert "stale" not in broken.stderr


def test_schema_check_without_a_readable_schema_to_compare_ends_with_2(tmp_path: Path) -> None:
    assert run("schema", "--check", "--against", "nowhere.graphql").returncode == 2
    (tmp_path / "schema.graphql").write_text("type {")
    done = run("schema", "--check", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


async def test_serve_answers_and_ends_cleanly() -> None:
    async with sandbox() as (box, environ), aiohttp.ClientSession() as session:
        async with process("serve", "--port", "0", **environ) as (running, url):
            async with session.post(f"{url}/graphql", json=QUERY) as answer:
                assert len((await answer.json())["data"]["events"]["nodes"]) == 1
            running.send_signal(signal.SIGTERM)
            assert await running.wait() == 0
        assert box.calls[-1].operation == "signOut"


async def test_a_request_in_flight_outlives_sigterm_while_readiness_is_red() -> None:
    async with sandbox() as (box, environ), aiohttp.ClientSession() as session:
        box.faults.add("*", "hang", times=1, after=1)
        async with process("serve", "--port", "0", **environ) as (running, url):
            request = asyncio.create_task(session.post(f"{url}/graphql", json=QUERY))
            await box.faults.until_hanging()
            running.send_signal(signal.SIGTERM)
            status = 200
            while status == 200:
                async with session.get(f"{url}/health/ready") as ready:
                    status = ready.status
            assert status == 503
            box.faults.release()
            answer = await request
            assert len((await answer.json())["data"]["events"]["nodes"]) == 1
            assert await running.wait() == 0
        assert box.calls[-1].operation == "signOut"


async def test_several_workers_share_a_port_and_add_up_their_metrics() -> None:
    async with (
        sandbox() as (_, environ),
        aiohttp.ClientSession() as session,
        process("serve", "--port", "0", "--workers", "2", **environ) as (running, url),
    ):
        for _ in range(6):
            headers = {"connection": "close"}
            async with session.post(f"{url}/graphql", json={"query": "{ __typename }"}, headers=headers) as answer:
                assert (await answer.json())["data"] == {"__typename": "Query"}
        sample = 'contactgraph_requests_total{operation="other",outcome="ok",status="200"} 6.0'
        async with asyncio.timeout(60):  # the worker that is not asked publishes once a second
            while sample not in await (await session.get(f"{url}/metrics")).text():
                pass
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_demo_serves_a_made_up_organization_and_stops_both(number: signal.Signals) -> None:
    # Credentials in the environment belong to someone's account: the demo does not use them.
    async with (
        aiohttp.ClientSession() as session,
        process("demo", "--port", "0", "--contacts", "20", "--events", "60", **CREDENTIALS) as (running, url),
    ):
        async with session.post(f"{url}/graphql", json=QUERY) as answer:
            assert len((await answer.json())["data"]["events"]["nodes"]) == 1
        merged = {"query": "{ contacts(first: 40) { nodes { source } incompleteSources } sources { source state } }"}
        async with session.post(f"{url}/graphql", json=merged) as answer:
            data = (await answer.json())["data"]
        assert {node["source"] for node in data["contacts"]["nodes"]} == {"CLOUD4WI", "RECHAT", "ACQUIRE"}
        assert data["contacts"]["incompleteSources"] == []
        assert [source["state"] for source in data["sources"]] == ["HEALTHY"] * 3
        [child] = children(running)
        running.send_signal(number)
        assert running.stdout is not None
        printed = (await running.stdout.read()).decode()
        assert await running.wait() == 0
        assert not is_running(child)
    assert "GraphiQL" in printed
    assert "events(first: 10)" in printed


async def test_the_demo_ends_when_the_sandbox_dies() -> None:
    async with process("demo", "--port", "0", "--contacts", "20", "--events", "60") as (running, _):
        [child] = children(running)
        os.kill(child, signal.SIGKILL)
        assert await running.wait() == 1


def test_a_sandbox_that_does_not_start_ends_the_demo_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gateway.demo.sys.executable", shutil.which("false"))
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert run_demo(0) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert "the sandbox did not start (exit status 1)" in capsys.readouterr().err


def test_keys_are_made_listed_and_revoked(tmp_path: Path) -> None:
    state = {"GATEWAY_STATE_DIR": str(tmp_path / "state")}
    assert run("keys", "list", **state).stdout == ""
    made = run("keys", "create", "--scopes", "events:read, contacts:read", "--name", "a front end", **state)
    assert made.returncode == 0
    assert re.fullmatch(r"cgk_[a-z0-9]{10}_[\w-]{43}\n", made.stdout)
    id = made.stdout.split("_")[1]
    listed = run("keys", "list", **state)
    assert re.fullmatch(rf"{id}\tcontacts:read,events:read\t[0-9TZ:-]{{20}}\ta front end\n", listed.stdout)
    assert run("keys", "revoke", id, **state).returncode == 0
    assert run("keys", "list", **state).stdout == ""
    again = run("keys", "revoke", id, **state)
    assert again.returncode == 1
    assert f"no key {id}" in again.stderr


@pytest.mark.parametrize("scopes", ["", ",", "contacts:read,everything"])
def test_a_key_of_unknown_scopes_is_not_made(scopes: str, tmp_path: Path) -> None:
    done = run("keys", "create", "--scopes", scopes, GATEWAY_STATE_DIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "contacts:pii" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("action", [("list",), ("revoke", "x"), ("create", "--scopes", "events:read")])
def test_keys_without_a_place_end_with_2(action: tuple[str, ...]) -> None:
    done = run("keys", *action, GATEWAY_STATE_DIR="/dev/null/state")
    assert (done.returncode, done.stdout) == (2, "")
    assert "GATEWAY_STATE_DIR" in done.stderr
    assert "Traceback" not in done.stderr


async def test_all_workers_notice_a_revoked_key(tmp_path: Path) -> None:
    async with sandbox() as (_, environ):
        environ |= {"GATEWAY_AUTH": "api-key", "GATEWAY_STATE_DIR": str(tmp_path)}
        async with process("serve", "--port", "0", "--workers", "2", **environ) as (running, url):
            made = await asyncio.to_thread(run, "keys", "create", "--scopes", "contacts:read", **environ)
            headers = {"authorization": f"Bearer {made.stdout.strip()}"}

            async def statuses() -> set[int]:
                """What many connections get, so that each worker is asked."""
                found = set()
                for _ in range(20):
                    async with (
                        aiohttp.ClientSession() as session,
                        session.post(f"{url}/graphql", json={"query": "{ __typename }"}, headers=headers) as answer,
                    ):
                        found.add(answer.status)
                return found

            assert await statuses() == {200}
            await asyncio.to_thread(run, "keys", "revoke", made.stdout.split("_")[1], **environ)
            assert await statuses() == {401}
            running.send_signal(signal.SIGTERM)
            assert await running.wait() == 0


async def test_doctor_examines_each_source() -> None:
    async with sandbox() as (box, environ):
        for source in (Source.RECHAT, Source.ACQUIRE):
            environ |= credentials(box, source)
        well = await asyncio.to_thread(run, "doctor", **environ)
        assert well.returncode == 0, well.stdout + well.stderr
        parts = re.split(r"^(Cloud4Wi|Rechat|Acquire)\n", well.stdout, flags=re.M)
        assert parts[1::2] == ["Cloud4Wi", "Rechat", "Acquire"]
        for source, told in zip(parts[1::2], parts[2::2], strict=True):
            for read in ("contacts", "one contact", "events of one contact", "events", "segments"):
                assert f"  ok  {read}: " in told
            for read in ("locations", "hotspots"):
                assert (f"  ok  {read}: " in told) == (source == "Cloud4Wi")
        box.faults.add("*", "status", status=500)
        ill = await asyncio.to_thread(run, "doctor", **environ, GATEWAY_UPSTREAM_RETRIES="0")
    assert ill.returncode == 1
    assert "BAD" in ill.stdout
    assert ill.stdout.count("BAD contacts: ") == 5, "a query each, and what two of them look at themselves"
    for done in (well, ill):
        assert "Traceback" not in done.stderr
        for secret in ("CLOUD4WI_CLIENT_SECRET", "RECHAT_ACCESS_TOKEN", "ACQUIRE_API_KEY"):
            assert environ[secret] not in done.stdout + done.stderr

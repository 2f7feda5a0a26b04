"""The sandbox as a process: its command line, its one line of output, its control plane, its end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.app import Sandbox
from sandbox.cloud4wi.data import published

SMALL = ("--contacts", "50", "--events", "200")


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    """The process and what it said when it was ready; ended by SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *SMALL, *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield process, json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_is_and_ends_cleanly(number: signal.Signals) -> None:
    async with running("--seed", "3") as (process, about), aiohttp.ClientSession() as session:
        service = about["cloud4wi"]
        assert about["url"] == service["url"]
        keys = {"clientKey": service["clientKey"], "clientSecret": service["clientSecret"]}
        async with session.post(about["url"] + "/v1/sts/login/services", json=keys) as response:
            assert response.status == 200
        process.send_signal(number)
        assert await process.wait() == 0


async def test_options_reach_the_service(tmp_path: Path) -> None:
    fault = '{"operation": "events", "kind": "status", "status": 500, "times": 1}'
    database = tmp_path / "box.sqlite"
    options = ("--fault", fault, "--set", "scroll_mode=live", "--set", "short_pages=0", "--scroll-ttl", "9")
    async with (
        running(*options, "--burst", "30", "--latency", "1", "--database", str(database)) as (_, about),
        aiohttp.ClientSession(about["url"]) as session,
    ):
        async with session.get("/_sandbox/behaviour") as response:
            behaviour = await response.json()
        assert (behaviour["scroll_mode"], behaviour["short_pages"], behaviour["scroll_ttl"]) == ("live", 0, 9)
        async with session.get("/_sandbox/faults") as response:
            assert [each["kind"] for each in await response.json()] == ["status", "latency"]
        async with session.get("/_sandbox/events") as response:
            assert len(await response.json()) == 200
        assert database.stat().st_size > 10_000


async def test_options_reach_the_other_services() -> None:
    switches = ("--set", "rechat.max_limit=3", "--set", "acquire.not_found=400", "--rechat-events", "9")
    numbers = ("--rechat-contacts", "8", "--acquire-contacts", "6", "--acquire-cases", "4")
    async with running(*switches, *numbers) as (_, about), aiohttp.ClientSession(about["url"]) as session:
        rechat, acquire = about["rechat"], about["acquire"]
        assert rechat.keys() == {"url", "accessToken", "clientId", "clientSecret", "refreshToken", "brand"}
        headers = {"Authorization": f"Bearer {rechat['accessToken']}", "X-RECHAT-BRAND": rechat["brand"]}
        async with session.get(rechat["url"] + "/contacts", headers=headers) as response:
            body = await response.json()
        assert (len(body["data"]), body["info"]["total"]) == (3, 8)
        headers = {"Authorization": f"Bearer {acquire['apiKey']}"}
        async with session.get(acquire["url"] + "/crm/objects/contact/1", headers=headers) as response:
            assert response.status == 400
        for path, number in (("acquire/contacts", 6), ("acquire/cases", 4), ("rechat/contacts", 8)):
            async with session.get(f"/_sandbox/{path}") as response:
                assert len(await response.json()) == number


async def test_the_control_plane_reaches_the_other_services(box: Sandbox) -> None:
    async with aiohttp.ClientSession(box.url) as session:

        async def control(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            async with session.request(method, "/_sandbox" + path, json=body) as response:
                text = await response.text()
                return response.status, json.loads(text) if response.content_type == "application/json" else text

        code, behaviour = await control("PATCH", "/behaviour", {"rechat": {"max_ids": 5}, "short_pages": 0})
        assert (code, behaviour["rechat"]["max_ids"], behaviour["short_pages"]) == (200, 5, 0)
        assert behaviour["acquire"]["put"] == "merge"
        for wrong in ({"rechat": {"nothing": 1}}, {"acquire": {"put": "often"}}, {"acquire": 7}):
            assert (await control("PATCH", "/behaviour", wrong))[0] == 400
        code, made = await control("POST", "/rechat/contacts", {"first_name": "Ann", "emails": ["a@example.com"]})
        assert (code, made["display_name"]) == (201, "Ann")
        assert (await control("GET", "/rechat/contacts"))[1][-1] == made
        assert await control("DELETE", f"/rechat/contacts/{made['id']}") == (200, {"deleted": 1})
        code, made = await control("POST", "/acquire/contacts", {"name": "Ann", "created": "2026-01-01T00:00:00Z"})
        assert (code, made["fields"]) == (201, {"name": "Ann"})
        assert await control("DELETE", f"/acquire/contacts/{made['id']}") == (200, {"deleted": 1})
        assert await control("DELETE", "/acquire/contacts/x") == (200, {"deleted": 0})
        assert (await control("POST", "/rechat/contacts", {"colour": "red"}))[0] == 400
        assert (await control("POST", "/acquire/contacts", {"created": "soon"}))[0] == 400
        for path in ("rechat/tags", "rechat/lists", "rechat/events", "acquire/companies", "acquire/tags"):
            assert (await control("GET", f"/{path}"))[1]
        _, people = await control("GET", "/people")
        assert len(people["pairs"]) == sum(map(len, box.people.pairs.values()))
        keys = [tuple(key) for keys in people["persons"].values() for key in keys]
        assert len(keys) == len(set(keys)) == 199 + 60 + 50


async def test_calls_of_all_services_are_logged_with_their_bodies(box: Sandbox) -> None:
    async with aiohttp.ClientSession(box.url) as session:
        headers = {"Authorization": f"Bearer {box.rechat_token}"}
        await session.post(box.rechat_url + "/contacts/filter", json={"ids": ["a"]}, headers=headers)
        headers = {"Authorization": f"Bearer {box.acquire_key}"}
        await session.get(box.acquire_url + "/crm/tag", headers=headers)
        async with session.get("/_sandbox/calls") as response:
            calls = await response.json()
    assert [(call["service"], call["operation"], call["sent"]) for call in calls] == [
        ("rechat", "filterContacts", {"ids": ["a"]}),
        ("acquire", "tags", None),
    ]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--set", "nothing=1"), "nothing"),
        (("--set", "rechat.nothing=1"), "nothing"),
        (("--set", "acquire.put=often"), "put"),
        (("--rechat-contacts", "many"), "many"),
        (("--set", "scroll_mode=often"), "scroll_mode"),
        (("--fault", "{}"), "operation"),
        (("--fault", "not json"), "--fault"),
        (("--database", "."), "exists"),
        (("--host", "999.0.0.1"), "999"),
    ],
)
async def test_impossible_options_exit_2_with_a_sentence(arguments: tuple[str, ...], names: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *SMALL, *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, error = await process.communicate()
    assert process.returncode == 2
    assert names in error.decode().splitlines()[-1]


async def test_the_control_plane_does_what_the_api_does(box: Sandbox) -> None:
    async with aiohttp.ClientSession(box.url) as session:

        async def control(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            async with session.request(method, "/_sandbox" + path, json=body) as response:
                text = await response.text()
                return response.status, json.loads(text) if response.content_type == "application/json" else text

        _, about = await control("GET", "")
        assert about["cloud4wi"]["clientSecret"] == box.client_secret
        keys = {"clientKey": box.client_key, "clientSecret": box.client_secret}
        async with session.post("/v1/sts/login/services", json=keys) as response:
            headers = {"Authorization": response.headers["Authorization"]}
        path = f"/v1/organizations/{box.organization}/events"

        async def events(**query: str) -> tuple[int, Any]:
            async with session.get(path, params=query, headers=headers) as response:
                return response.status, await response.json()

        _, page = await events(enableScroll="true", size="10")
        assert await control("POST", "/scrolls/expire") == (204, "")
        assert (await events(scrollId=page["scrollId"]))[0] == 404
        assert (await control("PUT", "/faults", [{"operation": "events", "kind": "status"}]))[0] == 200
        assert (await control("POST", "/faults", {"operation": "contact", "kind": "hang"}))[0] == 200
        assert (await events())[0] == 503
        _, faults = await control("GET", "/faults")
        assert [(each["kind"], each["hits"]) for each in faults] == [("status", 1), ("hang", 0)]
        assert (await control("DELETE", "/faults"))[0] == 204
        assert (await control("POST", "/faults/release"))[0] == 204
        assert (await control("PATCH", "/behaviour", {"flat_events": True}))[1]["flat_events"] is True
        event = box.cloud4wi.make_event("2027-01-01T00:00:00Z")
        assert await control("POST", "/events", [event]) == (201, {"inserted": 1})
        assert (await events(dateStart="2027-01-01T00:00:00Z"))[1]["events"][0]["id"] == event["event"]["id"]
        assert await control("DELETE", f"/events/{event['event']['id']}") == (200, {"deleted": 1})
        assert await control("DELETE", f"/events/{event['event']['id']}") == (200, {"deleted": 0})
        cid = published("contacts")[0]["cid"]
        assert await control("DELETE", f"/contacts/{cid}") == (200, {"deleted": 1})
        assert await control("POST", "/contacts", published("contacts")) == (201, {"inserted": 1})
        assert len((await control("GET", "/contacts"))[1]) == 200
        _, calls = await control("GET", "/calls")
        assert [call["operation"] for call in calls] == ["signIn"] + ["events"] * 4
        assert calls[1]["query"] == {"enableScroll": "true", "size": "10"}
        assert (await control("DELETE", "/calls"))[0] == 204
        assert box.calls == []
        assert (await control("POST", "/clock/advance", {"seconds": 90_000}))[0] == 200
        assert (await events())[0] == 403
        assert (await control("POST", "/tokens/revoke"))[0] == 204


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/faults", {"operation": "x"}),
        ("PUT", "/faults", [7]),
        ("PUT", "/faults", [{"operation": "x", "kind": "y"}]),
        ("POST", "/faults", {"operation": "x"}),
        ("PATCH", "/behaviour", {"scroll_mode": "often"}),
        ("PATCH", "/behaviour", {"short_pages": "many"}),
        ("POST", "/clock/advance", {"seconds": "1"}),
        ("POST", "/events", [{"id": 1}]),
        ("POST", "/contacts", ["x"]),
        ("POST", "/events", None),
    ],
)
async def test_control_refuses_nonsense(box: Sandbox, method: str, path: str, body: Any) -> None:
    async with (
        aiohttp.ClientSession(box.url) as session,
        session.request(method, "/_sandbox" + path, json=body) as response,
    ):
        assert response.status == 400
        assert await response.text()
    assert len(box.cloud4wi.events()) == 1000

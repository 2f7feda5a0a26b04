"""Renewed tokens: one worker rotates, what it gets is stored before it is used, and nothing is lost on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.upstreams.rechat.conftest import FakeRechat, RechatMaker, Seen, published
from upstreams.errors import UpstreamMalformed, UpstreamRefused, UpstreamTimeout, UpstreamUnavailable
from upstreams.http.network import Network
from upstreams.http.scope import RequestScope, current_scope
from upstreams.http.wire import Wire
from upstreams.rechat import Rechat
from upstreams.rechat.auth import STATE, RenewedToken
from upstreams.rechat.settings import RechatSettings, Refresh
from upstreams.records import Source
from upstreams.source import SourceState
from upstreams.state import FileState

SIGN_IN = "POST /oauth2/token"
TAGS = "GET /contacts/tags"


class Issuer:
    """The other side: every refresh spends the token that it was made with."""

    def __init__(self, fake: FakeRechat, first: str = "r0") -> None:
        self.valid = first
        self.access = ""
        self.count = 0
        self.lifetime: Any = 2_678_400
        fake.answers = {SIGN_IN: self.token, TAGS: self.tags}

    def token(self, seen: Seen) -> Any:
        form = {name: values[0] for name, values in parse_qs(seen.body.decode()).items()}
        assert (form["grant_type"], form["client_id"], form["client_secret"]) == ("refresh_token", "ci", "cs")
        if form["refresh_token"] != self.valid:
            return 400, {"error": "invalid_grant", "error_description": "secret"}
        self.count += 1
        self.valid, self.access = f"r{self.count}", f"a{self.count}"
        return {"access_token": self.access, "refresh_token": self.valid, "expires_in": self.lifetime}

    def tags(self, seen: Seen) -> Any:
        return published("tags") if seen.headers["Authorization"] == f"Bearer {self.access}" else 401


@pytest.fixture
def issuer(fake: FakeRechat) -> Issuer:
    return Issuer(fake)


def refresh(folder: Path, token: str = "r0") -> Refresh:
    return Refresh("ci", "cs", token, folder)


async def stored(folder: Path) -> dict[str, Any]:
    kept = await FileState(folder).read(STATE)
    assert kept is not None
    found: dict[str, Any] = json.loads(kept)
    return found


async def test_the_first_call_refreshes_and_later_ones_do_not(
    fake: FakeRechat, make: RechatMaker, issuer: Issuer, tmp_path: Path
) -> None:
    rechat = make(refresh=refresh(tmp_path), brand="b-1")
    fake.answers["GET /contacts/lists"] = fake.answers[TAGS]
    await asyncio.gather(rechat.client.tags(), rechat.client.lists())
    assert fake.lines[0] == SIGN_IN
    assert sorted(fake.lines[1:]) == ["GET /contacts/lists", TAGS]
    first = fake.calls[0]
    assert (first.line, "Authorization" in first.headers) == (SIGN_IN, False)
    assert (await stored(tmp_path))["refresh_token"] == "r1"


async def test_a_rotated_token_is_stored_before_its_access_token_is_used(
    fake: FakeRechat, make: RechatMaker, issuer: Issuer, tmp_path: Path
) -> None:
    found: list[str] = []

    async def tags(seen: Seen) -> Any:
        found.append((await stored(tmp_path))["refresh_token"])
        return issuer.tags(seen)

    fake.answers[TAGS] = tags
    await make(refresh=refresh(tmp_path)).client.tags()
    assert found == ["r1"]


async def test_a_restart_goes_on_with_what_was_stored(
    fake: FakeRechat, make: RechatMaker, issuer: Issuer, tmp_path: Path
) -> None:
    await make(refresh=refresh(tmp_path)).client.tags()
    await make(refresh=refresh(tmp_path)).client.tags()
    assert fake.lines == [SIGN_IN, TAGS, TAGS]


async def test_workers_that_are_refused_together_rotate_once(
    fake: FakeRechat, make: RechatMaker, issuer: Issuer, tmp_path: Path
) -> None:
    workers = [make(refresh=refresh(tmp_path)) for _ in range(4)]
    await asyncio.gather(*(worker.client.tags() for worker in workers))
    assert issuer.count == 1
    issuer.access = "revoked"
    fake.answers["GET /contacts/lists"] = issuer.tags
    await asyncio.gather(*(worker.client.lists() for worker in workers))
    assert issuer.count == 2


async def test_a_late_refusal_of_an_older_token_does_not_vouch_for_the_newer(
    fake: FakeRechat, network: Network, issuer: Issuer, tmp_path: Path
) -> None:
    store = FileState(tmp_path)
    token = RenewedToken(Wire(network, Source.RECHAT, fake.url), refresh(tmp_path), store)
    older = await token.headers()
    assert await token.renew(older)
    newer = await token.headers()
    async with store.lock(STATE):
        callers = [asyncio.create_task(token.renew(used)) for used in (newer, older)]
        await asyncio.sleep(0)  # both have told what was refused, in their order, and wait
    assert await asyncio.gather(*callers) == [True, True]
    assert issuer.count == 3


async def test_a_token_near_its_end_is_not_taken_from_the_store(
    fake: FakeRechat, make: RechatMaker, issuer: Issuer, tmp_path: Path
) -> None:
    issuer.lifetime = 30
    await make(refresh=refresh(tmp_path)).client.tags()
    await make(refresh=refresh(tmp_path)).client.tags()
    assert fake.lines == [SIGN_IN, TAGS, SIGN_IN, TAGS]


async def test_a_changed_variable_replaces_what_was_stored(
    fake: FakeRechat, make: RechatMaker, issuer: Issuer, tmp_path: Path
) -> None:
    await make(refresh=refresh(tmp_path)).client.tags()
    issuer.valid = "new"
    await make(refresh=refresh(tmp_path, "new")).client.tags()
    assert fake.lines == [SIGN_IN, TAGS, SIGN_IN, TAGS]
    assert (await stored(tmp_path))["refresh_token"] == issuer.valid == "r2"


async def test_a_stored_token_that_is_refused_gives_way_to_the_variable(
    fake: FakeRechat, make: RechatMaker, issuer: Issuer, tmp_path: Path
) -> None:
    await make(refresh=refresh(tmp_path)).client.tags()
    issuer.valid, issuer.access = "r0", "revoked"
    await make(refresh=refresh(tmp_path)).client.tags()
    assert fake.lines == [SIGN_IN, TAGS, TAGS, SIGN_IN, SIGN_IN, TAGS]


SPACED = b'{"origin":"","refresh_token":"r","access_token":"a b","expires":1e12}'


@pytest.mark.parametrize("kept", [b"", b"{}", b"garbage", b'{"origin":1}', SPACED])
async def test_a_store_that_makes_no_sense_gives_way_to_the_variable(
    fake: FakeRechat, make: RechatMaker, issuer: Issuer, tmp_path: Path, kept: bytes
) -> None:
    await FileState(tmp_path).write(STATE, kept)
    await make(refresh=refresh(tmp_path)).client.tags()
    assert (await stored(tmp_path))["refresh_token"] == "r1"


async def test_an_answer_without_a_new_refresh_token_keeps_the_old_one(
    fake: FakeRechat, make: RechatMaker, tmp_path: Path
) -> None:
    fake.answers = {SIGN_IN: {"access_token": "a1"}, TAGS: published("tags")}
    await make(refresh=refresh(tmp_path)).client.tags()
    assert (await stored(tmp_path))["refresh_token"] == "r0"


class Broken:
    """A store whose writes fail as long as it is told to."""

    def __init__(self, folder: Path) -> None:
        self.files = FileState(folder)
        self.full = True

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        async with self.files.lock(name):
            yield

    async def read(self, name: str) -> bytes | None:
        return await self.files.read(name)

    async def write(self, name: str, value: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        await self.files.write(name, value)


async def test_a_token_that_cannot_be_stored_is_not_used_and_not_lost(
    fake: FakeRechat, network: Network, issuer: Issuer, tmp_path: Path
) -> None:
    store = Broken(tmp_path)
    rechat = Rechat(RechatSettings(fake.url, refresh=refresh(tmp_path)), network, store)
    with pytest.raises(UpstreamUnavailable, match="GATEWAY_STATE_DIR"):
        await rechat.client.create_tag("x")  # not sent again, so that one failure is one try
    assert fake.lines == [SIGN_IN]
    store.full = False
    await rechat.client.tags()
    assert fake.lines == [SIGN_IN, TAGS]
    assert (await stored(tmp_path))["refresh_token"] == "r1"


async def test_a_request_that_gives_up_does_not_lose_the_rotated_token(
    fake: FakeRechat, make: RechatMaker, issuer: Issuer, tmp_path: Path
) -> None:
    arrived, answer = asyncio.Event(), asyncio.Event()

    async def slow(seen: Seen) -> Any:
        token = issuer.token(seen)
        arrived.set()
        await answer.wait()
        return token

    fake.answers[SIGN_IN] = slow
    rechat = make(refresh=refresh(tmp_path))
    caller = asyncio.create_task(rechat.client.tags())
    await arrived.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    answer.set()
    await rechat.close()
    assert (await stored(tmp_path))["refresh_token"] == "r1"
    await rechat.client.tags()
    assert fake.lines == [SIGN_IN, TAGS]


async def test_a_deadline_ends_the_wait_and_not_the_refresh(
    fake: FakeRechat, make: RechatMaker, issuer: Issuer, tmp_path: Path
) -> None:
    answer = asyncio.Event()

    async def slow(seen: Seen) -> Any:
        token = issuer.token(seen)
        await answer.wait()
        return token

    fake.answers[SIGN_IN] = slow
    rechat = make(refresh=refresh(tmp_path))

    async def impatient() -> None:
        current_scope.set(RequestScope(asyncio.get_running_loop().time() + 0.05))
        await rechat.client.tags()

    with pytest.raises(UpstreamTimeout):
        await asyncio.create_task(impatient())
    answer.set()
    await rechat.client.tags()
    assert fake.lines.count(SIGN_IN) == 1


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ((400, {"error": "invalid_grant", "error_description": "secret"}), UpstreamRefused),
        ((401, {"error": "invalid_client"}), UpstreamRefused),
        ((400, {"error": "invalid_request"}), UpstreamRefused),
        ((400, {"error": {"message": "secret"}}), UpstreamRefused),
        (503, UpstreamUnavailable),
        ({"access_token": "a\nb"}, UpstreamMalformed),
        ({"token": "x"}, UpstreamMalformed),
    ],
)
async def test_a_refresh_that_fails_goes_out_once_and_tells_nothing(
    fake: FakeRechat, make: RechatMaker, tmp_path: Path, answer: Any, failure: type[Exception]
) -> None:
    fake.answers = {SIGN_IN: answer}
    with pytest.raises(failure) as caught:
        await make(refresh=refresh(tmp_path)).client.tags()
    assert fake.lines == [SIGN_IN]
    assert not any(secret in str(caught.value) for secret in ("secret", "r0", "cs"))


async def test_a_refused_refresh_shows_in_the_source_s_health(
    fake: FakeRechat, make: RechatMaker, tmp_path: Path
) -> None:
    fake.answers = {SIGN_IN: (400, {"error": "invalid_grant"})}
    rechat = make(refresh=refresh(tmp_path))
    with pytest.raises(UpstreamRefused):
        await rechat.client.tags()
    assert rechat.health().state is SourceState.DOWN


async def test_a_fixed_token_that_is_refused_is_refused(fake: FakeRechat, rechat: Rechat) -> None:
    fake.default = 401
    with pytest.raises(UpstreamRefused):
        await rechat.client.tags()
    assert fake.lines == [TAGS]
    await rechat.close()


@pytest.mark.parametrize("told", [None, 0, -5, "nonsense", float("nan"), "3600", 3600])
async def test_a_lifetime_that_makes_no_sense_is_the_documented_one(
    fake: FakeRechat, network: Network, tmp_path: Path, told: Any
) -> None:
    answer = {"access_token": "a1", "expires_in": told}
    fake.answers = {SIGN_IN: json.dumps(answer).replace("NaN", '"NaN"').encode()}
    wire = Wire(network, Source.RECHAT, fake.url)
    keeper = RenewedToken(wire, refresh(tmp_path), FileState(tmp_path), clock=lambda: 1000.0)
    assert (await keeper.sign_in()).lifetime == (3600.0 if str(told) == "3600" else 2_678_400.0)
